"""What fails, is lost or expires, one function for each class of happenings."""

from copy import deepcopy
from datetime import timedelta
from functools import partial

from tests.prove.months import operators
from tests.prove.months.fallback import PASSED_ON
from tests.prove.months.month import Month
from tests.prove.months.resources import burst, task, within
from tests.prove.months.rules import (
    AFTER_OUTAGE,
    CHANNELS,
    DAY,
    DIRECT,
    HOUR,
    KEPT_DAYS,
    MAIL,
    MINUTE,
    PEOPLE,
    SLACK,
    Block,
)
from tests.prove.world_channel import LOST, TAKEN_5XX

#: Failures of a channel in an outage; it may accept the message in the last two.
FAULTS = ("connection refused", "5xx", "mendable", "429", "429 with Retry-After", LOST, TAKEN_5XX)


def outage(month: Month) -> None:
    """A channel fails for minutes or a day."""
    lasts = month.random.choice([3 * MINUTE, 20 * MINUTE, HOUR, 5 * HOUR, 26 * HOUR])
    _fails(month, month.random.choice(CHANNELS), lasts * month.random.uniform(0.6, 1.1))


def outage_with_fallback(month: Month) -> None:
    """A channel that people read fails, mostly the one whose fallback's own routes send less."""
    channel, kind = month.random.choice([SLACK, SLACK, MAIL, DIRECT]), month.random.choice([*PASSED_ON])
    _fails(month, channel, month.random.choice([5 * HOUR, 26 * HOUR]) * month.random.uniform(0.8, 1.2), kind)
    for _ in range(month.random.randint(1, 8)):
        month.plan(within(month, 5 * HOUR), partial(task, month, status="FAILED" if channel == MAIL else "COMPLETED"))


def long_outage(month: Month) -> None:
    """A channel fails for longer than its notifications are tried; then an operator sends them again."""
    lasts = month.random.uniform(80, 100) * HOUR
    _fails(month, month.random.choice(CHANNELS), lasts, redriven=True)


def braket_is_busy(month: Month) -> None:
    lasts = month.random.choice([10 * MINUTE, 2 * HOUR, 9 * HOUR])
    month.braket.busy = True
    for function in ("observe", "sweep"):
        month.blocks[function].append(Block(month.now, month.now + lasts, 17 * MINUTE))

    def ends() -> None:
        month.braket.busy = any(each.since <= month.now < each.until for each in month.blocks["braket"])

    month.blocks["braket"].append(Block(month.now, month.now + lasts, MINUTE))
    month.plan(month.now + lasts, ends)


def events_are_lost(month: Month) -> None:
    _stops(month, "events", month.random.choice([20 * MINUTE, 3 * HOUR, 26 * HOUR]))


def a_function_stops(month: Month) -> None:
    name = month.random.choice(["observe", "sweep", *CHANNELS])
    lasts = month.random.choice([15 * MINUTE, 2 * HOUR, 9 * HOUR])
    _stops(month, name, lasts)
    month.blocks[name].append(Block(month.now, month.now + lasts, 13 * MINUTE))


def functions_are_killed(month: Month) -> None:
    month.killing = 0.03
    month.plan(month.now + 5 * HOUR, partial(setattr, month, "killing", 0.0))


def two_senders(month: Month) -> None:
    """SQS gives records to a second sender of a channel while the first one has them."""
    month.racing = 0.3
    month.plan(month.now + 5 * HOUR, partial(setattr, month, "racing", 0.0))


def restore(month: Month) -> None:
    """One table or both go back to some hours before, in some hours."""
    backup, began = (
        deepcopy((month.snapshots, month.ledger, month.groups, month.cards, month.accepted.posts)),
        month.now,
    )
    which = month.random.choice(["snapshots", "ledger", "both"])
    month.plan(within(month, 10 * HOUR), lambda: operators.restore(month, backup, began, which))


def purge(month: Month) -> None:
    """A queue loses records up to three times, perhaps while much waits in groups."""
    if month.random.random() < 0.6:
        burst(month)
    for minutes in (month.random.uniform(1.1, 3), month.random.uniform(0, 30), month.random.uniform(0, 300)):
        month.plan(month.now + minutes * MINUTE, partial(operators.purge, month, month.random.choice(PEOPLE)))


def purge_of_events(month: Month) -> None:
    burst(month)
    month.plan(within(month, MINUTE), partial(operators.purge_events, month))


def expiry(month: Month) -> None:
    """Once a day, whatever happens: rows are deleted some time after they have expired, in any order."""
    month.groups.expire(month.now, month.random)
    month.snapshots.expire(month.now, month.random, KEPT_DAYS * DAY)
    month.plan(month.now + DAY, partial(expiry, month))


def _fails(month: Month, channel: str, lasts: timedelta, kind: str = "", *, redriven: bool = False) -> None:
    """An outage, unless the channel had one in the last days; then its notifications could be given up."""
    since, until = month.now, month.now + lasts
    if any(name == channel and since - end < 5 * DAY for name, _, end, _ in month.outages):
        return
    month.outages.append((channel, since, until, kind or month.random.choice(FAULTS)))
    again = until + HOUR if redriven else until
    month.blocks[channel].append(Block(since, again, AFTER_OUTAGE[channel]))
    if redriven:
        month.plan(again, month.redrives)


def _stops(month: Month, what: str, lasts: timedelta) -> None:
    until = max(month.now + lasts, month.silent_until.get(what, month.now))
    month.silent_until[what] = until
    month.plan(until, lambda: None)
