"""The cost of a quantum task: one case for each rule."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from braket_notifier.costs.cost import cost
from braket_notifier.costs.prices import parse_prices
from braket_notifier.domain.cost import Cost, for_time, parse_cost, total
from braket_notifier.domain.resource import Snapshot, parse_arn
from local.braket.prices import price_list
from tests.conftest import NOON, SV1, job_arn, task_arn

PRICES = parse_prices(price_list().splitlines(keepends=True), NOON.date())
ASnapshot = Callable[..., Snapshot]
DM1 = SV1.replace("sv1", "dm1")
IBEX = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"
FREE = Cost(Decimal(0))
A_MINUTE = Cost(Decimal(0), unknown=1, minute=Decimal("0.075"))
RESERVATION = "arn:aws:braket:eu-north-1:1:reservation/3f2a"
IN_RESERVATION = Cost(Decimal(0), reserved=1)


def exactly(amount: str) -> Cost:
    return Cost(Decimal(amount))


@pytest.mark.parametrize(
    ("status", "changes", "expected"),
    [
        # 2,000 shots at $0.00145 and a task at $0.30
        ("COMPLETED", {"successful_shots": 2000}, exactly("3.20")),
        # Braket did not say how many shots succeeded, and charges partial tasks less
        ("COMPLETED", {}, Cost(Decimal("3.20"), "at most")),
        ("COMPLETED", {"successful_shots": 1740}, Cost(Decimal("3.20"), "at most")),
        ("COMPLETED", {"successful_shots": 2000, "job_arn": job_arn()}, exactly("3.20")),
        ("COMPLETED", {"shots": None}, None),
        ("FAILED", {}, FREE),
        ("FAILED", {"successful_shots": 0}, FREE),
        ("CANCELLED", {}, FREE),
        # results that exist are charged by a rule that nobody published
        ("FAILED", {"successful_shots": 100}, None),
        # a failed program set may have results
        ("FAILED", {"executables": 96, "programs": 12}, None),
        ("COMPLETED", {"successful_shots": 2000, "reservation": RESERVATION}, IN_RESERVATION),
        ("CANCELLED", {"reservation": RESERVATION}, IN_RESERVATION),
        ("RUNNING", {"reservation": RESERVATION}, None),
        # an event names neither the reservation nor the hybrid job
        ("COMPLETED", {"successful_shots": 2000, "degraded": True}, None),
        ("RUNNING", {}, None),
        ("GONE", {}, None),
        ("EXPIRED", {"ended_at": NOON}, None),
        # a device without a price, none at all, and one of another region
        ("COMPLETED", {"successful_shots": 2000, "device": IBEX}, None),
        ("CANCELLED", {"device": IBEX}, None),
        ("COMPLETED", {"successful_shots": 2000, "device": "local:pennylane/lightning"}, None),
        ("COMPLETED", {"successful_shots": 2000, "arn": parse_arn(task_arn(1, "us-east-1"))}, None),
        # the list is 45 days old, and older
        ("COMPLETED", {"successful_shots": 2000, "ended_at": NOON + timedelta(days=45)}, exactly("3.20")),
        ("COMPLETED", {"successful_shots": 2000, "ended_at": NOON + timedelta(days=46)}, None),
        # a simulator without its execution time has the price of a minute
        ("COMPLETED", {"device": SV1, "arn": parse_arn(task_arn(1, "us-east-1"))}, A_MINUTE),
    ],
)
def test_a_task_costs_what_is_certain(
    a_task: ASnapshot, status: str, changes: dict[str, Any], expected: Cost | None
) -> None:
    assert cost(a_task(status, **changes), PRICES) == expected


@pytest.mark.parametrize(
    ("device", "milliseconds", "expected"),
    [
        # three seconds are charged at least
        (SV1, 1, "0.00375"),
        (DM1, 2999, "0.00375"),
        (SV1, 3000, "0.00375"),
        (DM1, 60_000, "0.075"),
        (SV1, 90_001, "0.11250125"),
    ],
)
def test_a_simulator_costs_its_execution_time(a_task: ASnapshot, device: str, milliseconds: int, expected: str) -> None:
    task = a_task(device=device, arn=parse_arn(task_arn(1, "us-east-1")))

    found = cost(task, PRICES)

    assert found
    assert found.minute
    assert for_time(found.minute, timedelta(milliseconds=milliseconds)) == exactly(expected)


def test_a_hybrid_job_has_no_cost_of_its_own(a_job: ASnapshot) -> None:
    assert cost(a_job(), PRICES) is None


def test_a_price_that_is_missing_for_the_task_leaves_the_cost_unknown(a_task: ASnapshot) -> None:
    rows = [line for line in price_list().splitlines(keepends=True) if '"Quantum Task","AmazonBraket"' not in line]

    assert cost(a_task(successful_shots=2000), parse_prices(rows, date(2026, 11, 20))) is None


def test_a_sum_is_exact_if_every_part_is() -> None:
    parts = [exactly("3.20"), exactly("0.30")]
    bounded = Cost(Decimal(1), "at most", unknown=2, reserved=1)

    assert total(parts) == exactly("3.50")
    assert total([*parts, bounded]) == Cost(Decimal("4.50"), "at most", 2, 1)
    assert total([]) == FREE


@pytest.mark.parametrize(
    "each",
    [
        exactly("0.00375"),
        Cost(Decimal("12.5"), "at most", unknown=3, reserved=2),
        Cost(Decimal(0), unknown=1, minute=Decimal("0.075")),
    ],
)
def test_a_stored_cost_is_read_as_it_was(each: Cost) -> None:
    assert parse_cost(each.to_json()) == each


@pytest.mark.parametrize(
    "value",
    [
        None,
        "3.20",
        {},
        {"amount": "a lot", "bound": "exact"},
        {"amount": "-1", "bound": "exact"},
        {"amount": "NaN", "bound": "exact"},
        {"amount": "1e30", "bound": "exact"},
        {"amount": "1e-300000000", "bound": "exact"},
        {"amount": "1", "bound": "about"},
        {"amount": "1", "bound": ["exact"]},
        {"amount": "1", "bound": "exact", "unknown": -1},
        {"amount": "0", "bound": "exact", "minute": "cheap"},
    ],
)
def test_a_stored_cost_of_another_form_is_none(value: object) -> None:
    assert parse_cost(value) is None
