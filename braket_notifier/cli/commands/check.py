"""`check`: validates notifier.toml, and names what it still lacks before a deployment."""

from argparse import Namespace

import tomlkit

from braket_notifier.cli.arguments import CLONE, IN_CLONE, Commands, command, settings
from braket_notifier.cli.show import print_json, print_line
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Settings, effective
from braket_notifier.settings.unfinished import unfinished, unrouted
from braket_notifier.text.wording import plural

MISTAKES = 2
MORE = """Each mistake is one line with its line of the file. Exit code 2: something must change before a deployment.

examples:
  braket-notifier check
  braket-notifier check --effective    what applies: the file with every default written out, as TOML"""


def add(commands: Commands) -> None:
    summary = "validate notifier.toml; each mistake names its line, value and allowed values"
    parser = command(commands, "check", run, summary, more=MORE, json=True, unused=("state", "region", "profile"))
    parser.add_argument("--effective", action="store_true", help="print the settings with every default, as TOML")


def run(arguments: Namespace) -> int:
    custom = CLONE / "lambdas" / "custom" if IN_CLONE else None
    if arguments.effective:
        whole = effective(arguments.settings)
        if arguments.json:
            print_json(whole)
        else:
            print_line(tomlkit.dumps(whole).rstrip())
        return 0
    try:
        read = settings(arguments, lambda document: unfinished(document, custom))
    except SettingsError as error:
        if not arguments.json:
            raise
        print_json({"valid": False, "mistakes": str(error).splitlines()})
        return MISTAKES
    if arguments.json:
        print_json({"valid": True, "mistakes": [], **_document(read)})
        return 0
    channels = ", ".join(f"{name} ({channel.type})" for name, channel in read.channels.items())
    print_line(f"✓ {arguments.settings} is valid: {plural(len(read.regions), 'region')}, {channels}")
    for channel in unrouted(read.document):
        print_line(f"! channels.{channel}: no route names it, so only the tag notify={channel} reaches it")
    return 0


def _document(read: Settings) -> dict[str, object]:
    return {
        "name": read.name,
        "home": read.home,
        "regions": read.regions,
        "channels": {name: channel.type for name, channel in read.channels.items()},
        "without_route": unrouted(read.document),
    }
