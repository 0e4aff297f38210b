"""Budgets: their calendar periods, which tasks count, and what is unknown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from braket_notifier.costs.budgets import spent_of
from braket_notifier.costs.period import period_of
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.policy import Budget, Period
from braket_notifier.domain.resource import Snapshot, parse_arn
from tests.conftest import GARNET, SV1

ASnapshot = Callable[..., Snapshot]
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
GHZ = {"batch": "ghz-scan"}


def utc(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "period", "zone", "expected"),
    [
        (FRIDAY, "day", "UTC", (utc(20), utc(21))),
        (FRIDAY, "week", "UTC", (utc(16), utc(23))),  # Monday to Monday
        (FRIDAY, "month", "UTC", (utc(1), utc(1, month=12))),
        # the local day has begun: it is 01:00 on Saturday in Berlin
        (utc(21, 0), "day", "Europe/Berlin", (utc(20, 23), utc(21, 23))),
        (utc(30, 23), "month", "Europe/Berlin", (utc(30, 23), utc(31, 23, month=12))),
        # 25 hours long, because summer time ends
        (utc(25, 12, month=10), "day", "Europe/Berlin", (utc(24, 22, month=10), utc(25, 23, month=10))),
        (utc(31, 12, month=12), "month", "UTC", (utc(1, month=12), datetime(2027, 1, 1, tzinfo=UTC))),
    ],
)
def test_a_period_is_a_local_calendar_day_week_or_month(
    now: datetime, period: Period, zone: str, expected: tuple[datetime, datetime]
) -> None:
    assert period_of(now, period, zone) == expected


@pytest.fixture
def task(a_task: ASnapshot) -> Callable[..., Snapshot]:
    numbers = iter(range(1000))

    def task(amount: str | None = "1", **more: Any) -> Snapshot:
        arn = parse_arn(f"arn:aws:braket:eu-north-1:012345678901:quantum-task/{next(numbers)}")
        cost = Cost(Decimal(amount)) if amount else None
        made = a_task("COMPLETED", **{"device": GARNET, "tags": GHZ, "ended_at": FRIDAY - timedelta(hours=1)} | more)
        return replace(made, arn=arn, cost=cost)

    return task


def of(budget: Budget, *ended: Snapshot) -> Any:
    [found] = spent_of([budget], ended, lambda it: it.tags.get("owner", ""), "UTC", FRIDAY)
    return found


@pytest.mark.parametrize(
    ("budget", "spent"),
    [
        (Budget(10, batch="ghz-scan"), 3),
        (Budget(10, device=GARNET), 5),
        (Budget(10, device="*/iqm/*"), 5),
        (Budget(10, device=FORTE), 7),
        (Budget(10, person="Anna"), 2),
        (Budget(10, period="day", device="*"), 11),  # without yesterday's
        (Budget(10, device="*"), 12),
    ],
)
def test_a_budget_counts_the_tasks_on_qpus_that_are_its_own(
    task: Callable[..., Snapshot], budget: Budget, spent: int
) -> None:
    ended = (
        task("3"),
        task("2", tags={"owner": "Anna"}),
        task("6", tags={}, device=FORTE),
        task("1", tags={}, device=FORTE, ended_at=FRIDAY - timedelta(days=1)),
        task("50", device=SV1),  # a simulator
        task("50", ended_at=FRIDAY - timedelta(days=30)),  # of last month
        replace(task("50"), ended_at=None),  # still open
    )

    assert of(budget, *ended).allowance.spent == spent


def test_an_amount_that_is_not_known_is_counted_and_left_out(task: Callable[..., Snapshot]) -> None:
    found = of(Budget(10, batch="ghz-scan"), task("3"), task("3"), task(None), task(None))

    assert (found.allowance.spent, found.allowance.unknown, found.threshold) == (6, 2, "50")


@pytest.mark.parametrize(
    ("amounts", "threshold"),
    [
        (["4.99"], ""),
        (["5"], "50"),
        (["4", "4"], "full"),  # two remain, and the last task cost four
        (["1", "7", "0.5"], "80"),
        (["1", "7", "1.5", "0"], "full"),  # the last one that cost something cost more than what remains
        (["12"], "full"),
    ],
)
def test_thresholds_are_those_of_a_limit_with_the_last_cost_in_the_order_of_ends(
    task: Callable[..., Snapshot], amounts: list[str], threshold: str
) -> None:
    ended = [task(each, ended_at=FRIDAY - timedelta(minutes=60 - minute)) for minute, each in enumerate(amounts)]

    assert of(Budget(10, batch="ghz-scan"), *reversed(ended)).threshold == threshold


def test_each_budget_has_an_id_and_a_name_of_its_own(task: Callable[..., Snapshot]) -> None:
    budgets = [Budget(10, batch="x"), Budget(10, person="x"), Budget(10, device=GARNET), Budget(10, "week", batch="x")]

    found = list(spent_of(budgets, [task()], lambda _: "", "UTC", FRIDAY))

    assert len({each.allowance.id for each in found}) == len(budgets)
    assert [each.allowance.name for each in found] == ["x", "x", "IQM Garnet", "x"]


@pytest.mark.parametrize("amount", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_an_absurd_amount_announces_nothing(task: Callable[..., Snapshot], amount: float) -> None:
    assert of(Budget(amount, batch="ghz-scan"), task("6")).threshold == ""
