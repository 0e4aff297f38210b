"""`settings push`, `mute`, `unmute`: what a deployed notifier follows within a minute, without a deployment."""

import re
from argparse import Namespace
from datetime import UTC, datetime, timedelta

from cli.arguments import Commands, command, installation
from cli.publishing import mute, push, unmute
from cli.sentences import RefusedError
from cli.show import say
from notifier.text import zoned_time

_DURATION = re.compile(r"([1-9][0-9]{0,2})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
PUSH = """Routes, people, hints, quiet hours, ignoring and defaults are followed within a minute. Regions, channels and
where they lead take `make deploy`; the next deployment with other settings replaces what was pushed."""


def add(commands: Commands) -> None:
    settings = command(commands, "settings", _push, "publish routes, people, hints and quiet hours", more=PUSH)
    settings.add_argument("what", choices=["push"])
    muting = command(commands, "mute", _mute, "leave a channel in peace for a time; it hears afterwards, in a digest")
    muting.add_argument("channel")
    muting.add_argument("time", help="like 30m, 4h or 2d")
    command(commands, "unmute", _unmute, "let a muted channel hear again").add_argument("channel")


def _push(arguments: Namespace) -> int:
    published = push(installation(arguments))
    say(f"✓ published as revision {published.revision}: followed within a minute")
    return 0


def _mute(arguments: Namespace) -> int:
    match = _DURATION.fullmatch(arguments.time)
    if not match:
        raise RefusedError(f"{arguments.time!r} is not a time; allowed: 1m to 999d (m minutes, h hours, d days)")
    place, until = installation(arguments), datetime.now(UTC) + int(match[1]) * _UNITS[match[2]]
    mute(place, arguments.channel, until)
    say(f"✓ {arguments.channel} is muted until {until.date()} {zoned_time(until, place.policy.time_zone)}")
    return 0


def _unmute(arguments: Namespace) -> int:
    unmute(installation(arguments), arguments.channel)
    say(f"✓ {arguments.channel} hears again within a minute")
    return 0
