"""`check`: validates notifier.toml."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, settings
from braket_notifier.cli.show import print_line
from braket_notifier.text.wording import plural


def add(commands: Commands) -> None:
    command(commands, "check", run, "validate notifier.toml; each mistake names its line, value and allowed values")


def run(arguments: Namespace) -> int:
    read = settings(arguments)
    channels = ", ".join(f"{name} ({channel.type})" for name, channel in read.channels.items())
    print_line(f"✓ {arguments.settings} is valid: {plural(len(read.regions), 'region')}, {channels}")
    return 0
