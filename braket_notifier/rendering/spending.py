"""A notice of an amount that is nearly spent as a message; pure."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from braket_notifier.braket.devices import device
from braket_notifier.domain.cost import NOTHING
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import (
    AMOUNT,
    FULL,
    LIMIT,
    NAME,
    PERSON,
    QUEUED,
    SPENT,
    THRESHOLD,
    UNKNOWN,
    Allowance,
    figure,
    spending_of,
)
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.money import dollars
from braket_notifier.text.wording import clean, cut, plural

MARK = "💰"
#: Characters of the name of a budget.
LONGEST_NAME = 60
REJECTED = "further tasks may be rejected"
GOES_ON = "The notifier stops nothing; tasks go on."
#: An end that is further away is shown with its year.
NEAR = timedelta(days=300)
_SECOND = timedelta(seconds=1)


def render_spending(transition: Transition, policy: Policy, channel: str) -> Message:
    """Render what was spent of which amount, and what follows.

    The push line has the percentage alone, and names a person to that person only, because a locked phone shows it.
    """
    snapshot, is_limit = transition.snapshot, spending_of(transition.status) == LIMIT
    full = snapshot.tags.get(THRESHOLD) == FULL
    amount, spent, queued = (figure(snapshot, tag) for tag in (AMOUNT, SPENT, QUEUED))
    named = device(snapshot.device).full if is_limit else cut(clean(snapshot.tags.get(NAME, "")), LONGEST_NAME)
    whose = "your" if is_limit or person_of(channel) else "the"
    kind = "limit" if is_limit else "budget"
    used = f"{_usd(spent)} spent{f' + {_usd(queued)} queued' if queued else ''}"
    follows = f", {REJECTED}" if full and is_limit else ""
    left = f"{_usd(max(NOTHING, amount - spent - queued))} left{follows}"
    share = f"{int(100 * (spent + queued) / amount) if amount else 100} %"
    is_used = "is used" if queued else "is spent"
    of = f"{named}: {share} of {whose} {'spending limit' if is_limit else kind}"
    if PERSON in snapshot.tags and not person_of(channel):
        of = f"{share} of a person's budget"
    pushed = f"{MARK} {of} {is_used}"
    return Message(
        mark=MARK,
        push=cut(f"{pushed}{f' · {REJECTED}' if follows else ''}", PUSH),
        headline=f"{MARK} {named}: {used} of {whose} {_usd(amount)} {kind}{_until(transition, policy)} · {left}",
        lines=tuple(filter(None, (_unknown(snapshot), "" if is_limit or not full else GOES_ON))),
        links=(("Console", links.device(snapshot) if is_limit else links.listed(snapshot.arn)),),
    )


def limit_in_words(limit: Allowance, time_zone: str) -> str:
    """Return a spending limit as a command prints it."""
    used = f"{_usd(limit.spent)} spent{f' + {_usd(limit.queued)} queued' if limit.queued else ''}"
    until = f" until {_day(limit.until, time_zone)}" if limit.until else ""
    blocks = "" if limit.amount else ", so every task is rejected"
    return f"{device(limit.device).full}: {used} of a spending limit of {_usd(limit.amount)}{until}{blocks}"


def _usd(amount: Decimal) -> str:
    """Return `$400`, or `$3.20` where there are cents."""
    return dollars(amount).removesuffix(".00")


def _until(notice: Transition, policy: Policy) -> str:
    """Return the last day of the period; empty if it has no end."""
    until = notice.snapshot.started_at
    if until is None:
        return ""
    is_near = notice.at is not None and until - notice.at <= NEAR
    return f" until {_day(until, policy.time_zone, year=not is_near)}"


def _day(until: datetime, time_zone: str, *, year: bool = True) -> str:
    last = (until - _SECOND).astimezone(ZoneInfo(time_zone))
    return f"{last.day} {last:%b}{f' {last.year}' if year else ''}"


def _unknown(snapshot: Snapshot) -> str:
    unknown = int(figure(snapshot, UNKNOWN))
    return f"The amount of {plural(unknown, 'task')} is not known and left out." if unknown else ""
