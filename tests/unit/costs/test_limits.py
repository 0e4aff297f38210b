"""Spending limits as Braket lists them, and the thresholds that they reach."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.costs.limits import may_be_full, parse_limit, threshold_of
from braket_notifier.domain.spending import FULL, Allowance

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ARN = "arn:aws:braket:us-east-1:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"
DEVICE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
LISTED: dict[str, Any] = {
    "spendingLimitArn": ARN,
    "deviceArn": DEVICE,
    "timePeriod": {"startAt": NOON - DAY, "endAt": NOON + DAY},
    "spendingLimit": "500.00",
    "queuedSpend": "50.00",
    "totalSpend": "400.1000000000",
    "createdAt": NOON - DAY,
    "updatedAt": NOON,
}


def limit(amount: str, spent: str, queued: str = "0", **more: Any) -> Allowance:
    since = {"since": NOON - DAY, "until": NOON + DAY} | more
    return Allowance(ARN, Decimal(amount), Decimal(spent), queued=Decimal(queued), **since)


def test_a_limit_is_parsed_with_its_amounts_as_texts() -> None:
    found = parse_limit(LISTED)

    assert (found.id, found.region, found.device) == (ARN, "us-east-1", DEVICE)
    assert (found.amount, found.spent, found.queued) == (Decimal(500), Decimal("400.1"), Decimal(50))
    assert (found.since, found.until, found.left) == (NOON - DAY, NOON + DAY, Decimal("49.9"))


@pytest.mark.parametrize(
    "period",
    [
        {"startAt": NOON, "endAt": datetime(2125, 12, 30, tzinfo=UTC)},  # what Braket gives a limit without an end
        {"startAt": NOON},  # a member that an answer lacks
        {"startAt": NOON, "endAt": datetime(9999, 12, 31, tzinfo=UTC)},  # beyond every calendar of ours
        {"startAt": 1763640000, "endAt": 10**30},  # numbers, one of them absurd
    ],
)
def test_a_limit_without_an_end_has_none(period: dict[str, Any]) -> None:
    assert parse_limit({**LISTED, "timePeriod": period}).until is None


@pytest.mark.parametrize(
    "members",
    [
        {"spendingLimitArn": "arn:aws:braket:us-east-1:012345678901:quantum-task/1"},  # another resource
        {"spendingLimitArn": f"{ARN} <!channel>"},
        {"spendingLimit": "much"},
        {"spendingLimit": "NaN"},
        {"spendingLimit": "Infinity"},
        {"totalSpend": "-1"},
        {"totalSpend": True},
        {"queuedSpend": None},
        {"queuedSpend": "1e-300000000"},  # as many digits, where it is written without an exponent
        {"totalSpend": "0e-300000000"},
        {"queuedSpend": "9" * 50},  # more digits than any amount
        {"timePeriod": {}, "createdAt": None},  # no begin
        {"timePeriod": {"startAt": "yesterday"}},
    ],
)
def test_a_hostile_limit_is_named_and_none(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"spending limit|amount|time"):
        parse_limit({**LISTED, **members})


@pytest.mark.parametrize(
    ("of", "last", "threshold"),
    [
        (limit("500", "249.99"), None, ""),
        (limit("500", "250"), None, "50"),
        (limit("500", "200", "50"), None, "50"),  # what waits counts too
        (limit("500", "399.99"), None, "50"),
        (limit("500", "400"), None, "80"),
        (limit("500", "450"), "45", "80"),  # one more task like the last fits
        (limit("500", "495"), "45", FULL),  # and now it does not
        (limit("500", "455"), "45", "80"),  # it would fit exactly
        (limit("500", "499.99"), None, "80"),  # the last cost is unknown, and something remains
        (limit("500", "500"), None, FULL),
        (limit("500", "512.40"), None, FULL),  # it was lowered after the tasks
        (limit("200", "150"), "100", FULL),  # two tasks like this one never fit
        (limit("0", "0"), None, ""),  # it blocks every task on purpose
        (limit("0", "3"), None, ""),
        (limit("500", "0"), "600", ""),  # nothing ran under it yet
        (limit("500", "400", since=NOON + DAY), None, ""),  # it has not begun
        (limit("500", "400", until=NOON), None, ""),  # it is over
        (limit("500", "400", until=None), None, "80"),
    ],
)
def test_the_highest_threshold_counts(of: Allowance, last: str | None, threshold: str) -> None:
    assert threshold_of(of, Decimal(last) if last else None, NOON) == threshold


AMOUNTS = st.decimals("0.01", 2000, places=2)


@given(AMOUNTS, st.lists(AMOUNTS, max_size=40))
def test_a_limit_that_rejects_a_task_like_its_last_is_full_and_no_other(
    amount: Decimal, estimates: list[Decimal]
) -> None:
    """Braket rejects a task whose estimate exceeds what remains, so no order of tasks fills a limit exactly."""
    spent, last = Decimal(0), None
    for estimate in estimates:
        if estimate <= amount - spent:
            spent, last = spent + estimate, estimate
        now = limit(f"{amount}", f"{spent}")

        is_full = threshold_of(now, last, NOON) == FULL

        assert is_full == (last is not None and (last > amount - spent or spent == amount))
        assert may_be_full(now, NOON) or not is_full
