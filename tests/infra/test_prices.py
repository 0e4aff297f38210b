"""The price of counted requests. `test_benchmarks.py` tests the counts."""

import pytest

from benchmarks.bill import Bill
from benchmarks.logged import logged
from benchmarks.price import ours, polled
from benchmarks.prices import Use

NOTHING = Bill()
NO_LINES = dict.fromkeys(("sweep", "observe", "deliver"), 0)


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
        (Use(0, 0, 0, 0, 0, 0, 0, 0, 0, log_bytes=7e9), "logs", 3.50, 1.00),
        (Use(0, 0, 0, 0, 0, 0, 0, 0, 0, traces=300_000), "X-Ray", 1.50, 1.00),
    ],
)
def test_each_service_is_paid_beyond_its_free_tier(used: Use, service: str, listed: float, beyond: float) -> None:
    assert used.dollars(free=False)[service] == pytest.approx(listed, abs=0.005)
    assert used.dollars(free=True)[service] == pytest.approx(beyond, abs=0.005)


def test_polling_requests_every_open_task_each_time_and_the_notifier_each_twice() -> None:
    assert polled(10_000, 100, NOTHING, 60).gets == 43_200 * 100
    assert ours(10_000, NOTHING, NOTHING, NOTHING, NO_LINES, 2).gets == 20_000


@pytest.mark.parametrize(("pollers", "dollars"), [(2, 0.34), (5, 0.80)])
def test_each_queue_of_the_shipped_settings_is_polled_and_counted(pollers: int, dollars: float) -> None:
    """Three queues with two to five long polls of 20 s at a time, and the attributes of seven in each sweep."""
    idle = ours(0, NOTHING, NOTHING, NOTHING, NO_LINES, pollers)

    assert idle.sqs == 3 * pollers * 30 * 86_400 / 20 + 7 * 30 * 86_400 / 300
    assert idle.dollars(free=False)["SQS"] == pytest.approx(dollars, abs=0.005)


def test_logs_are_paid_by_the_bytes_of_the_real_lines() -> None:
    lines = logged()

    assert set(lines) == {"sweep", "observe", "deliver"}
    assert all(600 < size < 4000 for size in lines.values())
    idle = ours(0, NOTHING, NOTHING, NOTHING, lines, 2)
    assert (idle.log_bytes, idle.traces) == (8640 * lines["sweep"], 8640)
