"""`check`: whether the settings say what can be."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, settings
from braket_notifier.cli.show import say
from braket_notifier.text.wording import plural


def add(commands: Commands) -> None:
    command(commands, "check", run, "validate notifier.toml: every mistake is named with what is allowed")


def run(arguments: Namespace) -> int:
    """The settings validate themselves; a mistake is one sentence like every other."""
    told = settings(arguments)
    channels = ", ".join(f"{name} ({channel.type})" for name, channel in told.channels.items())
    say(f"✓ {arguments.settings} is right: {plural(len(told.regions), 'region')}, {channels}")
    return 0
