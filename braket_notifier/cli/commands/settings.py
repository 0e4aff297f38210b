"""`settings push`, `mute`, `unmute`: what a deployed notifier follows within a minute, without a deployment."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta

from braket_notifier.cli.arguments import Commands, command, installation, span
from braket_notifier.cli.publishing import mute, push, unmute
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import say
from braket_notifier.text.wording import zoned_time

PUSH = """Routes, people, hints, quiet hours, ignoring and defaults are followed within a minute. Regions, channels and
where they lead take `make deploy`; the next deployment with other settings replaces what was pushed."""

#: A channel's queue keeps a record for fourteen days at most, and after a mute there must be time to mend the channel.
LONGEST_MUTE = timedelta(days=7)


def add(commands: Commands) -> None:
    settings = command(commands, "settings", _push, "publish routes, people, hints and quiet hours", more=PUSH)
    settings.add_argument("what", choices=["push"])
    muting = command(commands, "mute", _mute, "leave a channel in peace for a time; it hears afterwards, in a digest")
    muting.add_argument("channel")
    muting.add_argument("time", help="like 30m, 4h or 2d; 7d at most")
    command(commands, "unmute", _unmute, "let a muted channel hear again").add_argument("channel")


def _push(arguments: Namespace) -> int:
    published = push(installation(arguments))
    say(f"✓ published as revision {published.revision}: followed within a minute")
    return 0


def _mute(arguments: Namespace) -> int:
    time = span(arguments.time)
    if time > LONGEST_MUTE:
        raise CommandError(f"mute {arguments.time}: {LONGEST_MUTE.days}d at most, for what waits is kept for 14 days")
    until = datetime.now(UTC) + time
    place = installation(arguments)
    mute(place, arguments.channel, until)
    say(f"✓ {arguments.channel} is muted until {until.date()} {zoned_time(until, place.policy.time_zone)}")
    return 0


def _unmute(arguments: Namespace) -> int:
    unmute(installation(arguments), arguments.channel)
    say(f"✓ {arguments.channel} hears again within a minute")
    return 0
