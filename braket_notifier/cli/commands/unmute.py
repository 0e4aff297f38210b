"""`unmute`: end a channel's mute before its time."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.publishing import unmute
from braket_notifier.cli.show import print_line


def add(commands: Commands) -> None:
    command(commands, "unmute", run, "end a channel's mute").add_argument("channel")


def run(arguments: Namespace) -> int:
    unmute(installation(arguments), arguments.channel)
    print_line(f"✓ {arguments.channel} is notified again within a minute")
    return 0
