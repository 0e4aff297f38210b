"""`unmute`: end a channel's mute before its time."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation, person_option
from braket_notifier.cli.people import destination_in
from braket_notifier.cli.publishing import unmute
from braket_notifier.cli.show import print_line
from braket_notifier.domain.destination import in_words


def add(commands: Commands) -> None:
    parser = command(commands, "unmute", run, "end a channel's mute")
    parser.add_argument("channel", metavar="CHANNEL")
    person_option(parser)


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    destination = destination_in(place, arguments.channel, arguments.person)
    unmute(place, destination)
    print_line(f"✓ {in_words(destination)} is notified again within a minute")
    return 0
