"""The price of counted requests. `test_benchmarks.py` tests the counts."""

import pytest

from benchmarks.bill import Bill
from benchmarks.price import ours, polled
from benchmarks.prices import Use

NOTHING = Bill()


def test_a_month_of_nothing_costs_nothing() -> None:
    assert sum(Use(0, 0, 0, 0, 0, 0, 0, 0, 0).dollars(free=False).values()) == 0


@pytest.mark.parametrize(
    ("used", "service", "listed", "beyond"),
    [
        (Use(2e6, 0, 0, 0, 0, 0, 0, 0, 0), "Lambda", 0.40, 0.20),  # a million requests are free
        (Use(0, 500_000, 0, 0, 0, 0, 0, 0, 0), "Lambda", 6.67, 1.33),  # 400,000 GB-s are free
        (Use(0, 0, 1e6, 1e6, 0, 0, 0, 0, 0), "DynamoDB", 0.75, 0.75),  # on demand has no free units
        (Use(0, 0, 0, 0, 1.5e6, 0, 0, 0, 0), "SQS", 0.60, 0.20),
        (Use(0, 0, 0, 0, 0, 11_000, 0, 0, 0), "SNS", 0.22, 0.20),
        (Use(0, 0, 0, 0, 0, 0, 1e6, 0, 0), "Scheduler", 1.00, 0.00),
        (Use(0, 0, 0, 0, 0, 0, 0, 12, 0), "alarms", 1.20, 0.20),
    ],
)
def test_each_service_is_paid_beyond_its_free_tier(used: Use, service: str, listed: float, beyond: float) -> None:
    assert used.dollars(free=False)[service] == pytest.approx(listed, abs=0.005)
    assert used.dollars(free=True)[service] == pytest.approx(beyond, abs=0.005)


def test_polling_requests_every_open_task_each_time_and_the_notifier_each_twice() -> None:
    assert polled(10_000, 100, NOTHING, 60).gets == 43_200 * 100
    assert ours(10_000, NOTHING, NOTHING, NOTHING).gets == 20_000
