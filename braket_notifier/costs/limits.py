"""Spending limits of Amazon Braket as SearchSpendingLimits lists them, and the threshold that one has reached; pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from braket_notifier.domain.spending import FULL, HALF, MOST, Allowance, amount_in
from braket_notifier.text.json_fields import inside, moment, shown, text

#: The parts of an amount at which people are notified.
PARTS = ((Decimal("0.8"), MOST), (Decimal("0.5"), HALF))
#: An end so far away is none; Braket gives a limit without one the year 2125.
NO_END = timedelta(days=20 * 365)
_ARN = re.compile(r"arn:aws[a-z-]*:braket:(?P<region>[a-z0-9-]{1,32}):[0-9]{12}:spending-limit/[A-Za-z0-9-]{1,128}")


def parse_limit(members: Mapping[str, object]) -> Allowance:
    """Parse one entry of `spendingLimits`; ValueError names the wrong member. Amounts are texts in USD."""
    arn = text(members.get("spendingLimitArn"))
    match = _ARN.fullmatch(arn)
    if match is None:
        raise ValueError(f"{shown(arn)} is not the ARN of a spending limit")
    since = moment(inside(dict(members), "timePeriod", "startAt")) or moment(members.get("createdAt"))
    if since is None:
        raise ValueError(f"the spending limit {arn} has no begin")
    until = _end(members)
    return Allowance(
        id=arn,
        amount=_amount(members, "spendingLimit", arn),
        spent=_amount(members, "totalSpend", arn),
        queued=_amount(members, "queuedSpend", arn),
        since=since,
        until=until if until and until - since < NO_END else None,
        device=text(members.get("deviceArn")),
        region=match["region"],
    )


def threshold_of(allowance: Allowance, last: Decimal | None, now: datetime) -> str:
    """Return the highest threshold that it has reached; empty for none, outside its period, and for an amount of zero.

    It is *full* when what remains is less than `last`, the cost in USD of its last task, because Braket rejects a task
    whose estimate exceeds what remains, and no task makes it full exactly. None: this cost is not known.
    """
    if not is_in_force(allowance, now):
        return ""
    if not allowance.left or (last is not None and allowance.left < last):
        return FULL
    return next((word for part, word in PARTS if allowance.used >= part * allowance.amount), "")


def is_in_force(allowance: Allowance, now: datetime) -> bool:
    """Whether its period has begun and is not over, and something of it is used; an amount of zero allows nothing."""
    in_period = allowance.since <= now and (allowance.until is None or now < allowance.until)
    return in_period and bool(allowance.amount) and bool(allowance.used)


def may_be_full(allowance: Allowance, now: datetime) -> bool:
    """Whether the cost of its last task matters: this task is a part of what is used, so more than half must be."""
    return is_in_force(allowance, now) and allowance.used > allowance.left


def _end(members: Mapping[str, object]) -> datetime | None:
    """Return the end of the period; None for a date beyond Python's calendar, which stands for no end."""
    try:
        return moment(inside(dict(members), "timePeriod", "endAt"))
    except ValueError:
        return None


def _amount(members: Mapping[str, object], name: str, arn: str) -> Decimal:
    amount = amount_in(members.get(name))
    if amount is None:
        raise ValueError(f"{name} {shown(members.get(name))} of {arn} is not an amount")
    return amount
