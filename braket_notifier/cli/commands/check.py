"""`check`: validates notifier.toml, and names what it still lacks before a deployment."""

from argparse import Namespace

import tomlkit

from braket_notifier.cli.arguments import CLONE, IN_CLONE, Commands, command, settings
from braket_notifier.cli.show import print_line
from braket_notifier.settings.notifier_toml import effective
from braket_notifier.settings.unfinished import unfinished, unrouted
from braket_notifier.text.wording import plural

MORE = """Each mistake is one line with its line of the file. Exit code 2: something must change before a deployment.

examples:
  braket-notifier check
  braket-notifier check --effective    what applies: the file with every default written out, as TOML"""


def add(commands: Commands) -> None:
    summary = "validate notifier.toml; each mistake names its line, value and allowed values"
    parser = command(commands, "check", run, summary, more=MORE)
    parser.add_argument("--effective", action="store_true", help="print the settings with every default, as TOML")


def run(arguments: Namespace) -> int:
    custom = CLONE / "lambdas" / "custom" if IN_CLONE else None
    if arguments.effective:
        print_line(tomlkit.dumps(effective(arguments.settings)).rstrip())
        return 0
    read = settings(arguments, lambda document: unfinished(document, custom))
    channels = ", ".join(f"{name} ({channel.type})" for name, channel in read.channels.items())
    print_line(f"✓ {arguments.settings} is valid: {plural(len(read.regions), 'region')}, {channels}")
    for channel in unrouted(read.document):
        print_line(f"! channels.{channel}: no route names it, so only the tag notify={channel} reaches it")
    return 0
