"""`mute`: hold a channel's notifications for a time and send them afterwards, as a digest."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta

from braket_notifier.cli.arguments import Commands, command, installation, person_option, span
from braket_notifier.cli.people import destination_in
from braket_notifier.cli.publishing import mute
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import date_and_time, print_line
from braket_notifier.domain.destination import in_words

#: A channel's queue keeps a record for 14 days; the second week is for repairing a channel that fails after its mute.
LONGEST_MUTE = timedelta(days=7)
MORE = """examples:
  braket-notifier mute team-slack 4h
  braket-notifier mute people 2d --person Anna

`braket-notifier settings show` lists each mute with its end, and `braket-notifier unmute team-slack` ends one."""


def add(commands: Commands) -> None:
    summary = "hold a channel's notifications for a time, then send them as a digest"
    parser = command(commands, "mute", run, summary, more=MORE)
    parser.add_argument("channel", metavar="CHANNEL")
    parser.add_argument("time", metavar="SPAN", help="like 30m, 4h or 2d; 7d at most")
    person_option(parser)


def run(arguments: Namespace) -> int:
    time = span(arguments.time)
    if time > LONGEST_MUTE:
        raise CommandError(
            f"mute {arguments.time}: {LONGEST_MUTE.days}d at most, because a queue keeps a notification for 14 days"
        )
    until = datetime.now(UTC) + time
    place = installation(arguments)
    destination = destination_in(place, arguments.channel, arguments.person)
    mute(place, destination, until)
    print_line(f"✓ {in_words(destination)} is muted until {date_and_time(until, place.policy.time_zone)}")
    return 0
