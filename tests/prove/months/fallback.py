"""The notifications that a history owes to the fallback of a channel that is down."""

from collections.abc import Iterator
from datetime import datetime

from tests.prove.months.month import End, Key, Month
from tests.prove.months.rules import AFTER_OUTAGE, DAY, DIRECT, FALLBACKS, HOUR, MINUTE, NO_TIME, NONE, Block, clear

#: Refusals that the fallback learns of, and the time of attempts before it gets what waits.
PASSED_ON = {"mendable": NO_TIME, "5xx": 3 * HOUR, "connection refused": 3 * HOUR}
#: The longest time between two attempts at a channel that is down.
BACK_OFF = 16 * MINUTE

Outage = tuple[str, datetime, datetime, str]


def may_be_passed_on(month: Month, end: End, channel: str) -> bool:
    """Whether another channel may have been down for long enough when the end was to be sent there.

    What the direct channel has passed on may meet a channel that is down, too.
    """
    heard = month.heard.get(end.key(channel), month.now)
    in_force = month.calendar.between(end.at, heard)
    down = {of for of, *_ in (each for each in month.outages_before if _passes_on(each, end.at, heard))}
    return any(
        settings.want(wanting, end.life.status, trial=end.trial)
        for of in down & {each for each, fallback in FALLBACKS.items() if fallback == channel}
        for wanting in {of, DIRECT} & {*end.channels}
        for settings in in_force
    )


def _passes_on(outage: Outage, ended: datetime, heard: datetime) -> bool:
    """Whether the time of attempts was over by then, and before the end of the back-off in which the outage ended."""
    _, since, until, kind = outage
    tried_until = max(ended, since) + PASSED_ON.get(kind, 3 * HOUR)
    return tried_until < min(heard, until + BACK_OFF)


def passed_on_by(month: Month, end: End, channel: str, seen: datetime) -> Iterator[datetime]:
    """When the channel's function must have passed the end on, in an outage that went on and that nothing covers."""
    key = end.key(channel)
    if month.restores or month.rollbacks or key in month.purged:
        return
    for outage in month.outages_before:
        name, since, until, kind = outage
        began = max(seen, since)
        if name != channel or kind not in PASSED_ON or not began < until or not _waited(month, key, outage):
            continue
        own = Block(since, until, AFTER_OUTAGE[channel])
        blocks = [each for each in month.blocks[channel] if (each.since, each.after) != (own.since, own.after)]
        # a second back-off, because the first attempt in an outage begins the time of attempts
        by = clear(began, AFTER_OUTAGE[channel] + BACK_OFF + PASSED_ON[kind], blocks)
        if by < until and month.calendar.held_within(channel, NONE, end.at, by) is None:
            yield by


def _waited(month: Month, key: Key, outage: Outage) -> bool:
    """Whether the channel had not shown it when the outage began, and did not while it lasted."""
    _, since, until, _ = outage
    shown = month.shown.get(key, until)
    return shown >= until > since


def announced_too_often(month: Month) -> Iterator[str]:
    """An outage is announced once in twenty-four hours."""
    for channel, fallback in FALLBACKS.items():
        of = [key for key in month.heard if key[0].endswith(f"/channel-{channel}") and key[2] == fallback]
        for _, since, until, _ in [each for each in month.outages_before if each[0] == channel]:
            late = until + HOUR
            most = (until - since + 5 * HOUR) // DAY + 1
            found = sum(since <= month.heard[key] < late for key in of)
            if found > most and not month.restores:
                yield f"{channel} was announced {found} times from {since:%d %b %H:%M} on"
