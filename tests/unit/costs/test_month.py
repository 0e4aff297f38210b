"""The monthly page: when it is due, what it counts, and the figures that it carries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from braket_notifier.costs.month import DeviceMonth, by_device, due, of_tags, to_tags
from braket_notifier.domain.announcement import MONTH, announcement, arn_of
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.rendering.compose import message_of
from braket_notifier.sending.wire import decode, encode
from tests.conftest import GARNET, NOON, SV1

ASnapshot = Callable[..., Snapshot]
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
PAID = Cost(Decimal("3.20"))
ROWS = [
    DeviceMonth(FORTE, 3, 0, Cost(Decimal("160.60"), "at most"), timedelta(hours=3, minutes=40)),
    DeviceMonth(GARNET, 5, 1, Cost(Decimal("10.20"), unknown=1), timedelta(minutes=12)),
    DeviceMonth("arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1", 1, 0, Cost(Decimal(0), unknown=1)),
]


@pytest.mark.parametrize(
    ("now", "name"),
    [
        # the first of the month at eight, in Berlin
        (datetime(2026, 12, 1, 6, 59, tzinfo=UTC), None),
        (datetime(2026, 12, 1, 7, 0, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 7, 22, 59, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 7, 23, 0, tzinfo=UTC), None),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), "2026-12"),
    ],
)
def test_a_page_is_due_in_the_first_week_of_the_next_month(now: datetime, name: str | None) -> None:
    month = due(now, "Europe/Berlin")

    assert (month.name if month else None) == name


def test_a_month_has_the_bounds_of_the_time_zone() -> None:
    month = due(datetime(2026, 12, 1, 12, tzinfo=UTC), "Europe/Berlin")

    assert month
    assert (month.since, month.until) == (
        datetime(2026, 10, 31, 23, tzinfo=UTC),
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    )


def test_a_month_counts_the_tasks_of_each_qpu_with_their_median_wait(a_task: ASnapshot, a_job: ASnapshot) -> None:
    def waited(minutes: int, number: int, **changes: object) -> Snapshot:
        created = NOON - timedelta(hours=9)
        running = created + timedelta(minutes=minutes)
        return a_task(changes.pop("status", "COMPLETED"), number, created_at=created, started_at=running, **changes)

    ended = [
        waited(10, 1, cost=PAID),
        waited(30, 2, cost=PAID),
        waited(200, 3, status="FAILED"),
        a_task("CANCELLED", 4, cost=Cost(Decimal(0))),
        a_task("COMPLETED", 5, device=FORTE, cost=Cost(Decimal("80.30"), "at most")),
        a_task("COMPLETED", 6, device=SV1),
        a_job(),
    ]

    assert by_device(ended) == [
        DeviceMonth(FORTE, 1, 0, Cost(Decimal("80.30"), "at most")),
        DeviceMonth(GARNET, 4, 1, Cost(Decimal("6.40"), unknown=1), timedelta(minutes=30)),
    ]


def test_the_figures_of_a_page_are_read_as_they_were_sent() -> None:
    page = Snapshot(arn_of("monthly-page", "us-east-1"), "CREATED", ended_at=NOON, tags=to_tags(ROWS))

    carried = decode(encode(announcement(page, f"{MONTH} 2026-11", "mail")))

    assert [*of_tags(carried.transition.snapshot.tags)] == ROWS
    assert [*of_tags({"00": "{", "01": "[1, 2]", **{f"9{k}": v for k, v in to_tags(ROWS[:1]).items()}})] == ROWS[:1]


def test_the_page_has_sums_failures_and_waits_and_no_amount_on_a_phone(policy: Policy) -> None:
    page = Snapshot(arn_of("monthly-page", "us-east-1"), "CREATED", ended_at=NOON, tags=to_tags(ROWS))
    sent = announcement(page, f"{MONTH} 2026-11", "mail")

    message = message_of(sent, policy, "mail")
    without = message_of(sent, replace(policy, money=False), "mail")

    assert message.push == message.headline == "November 2026: 9 tasks on QPUs ended, 1 failed"
    assert message.lines == (
        "at most $171 for on-demand QPU tasks (not reservations, instances, simulators, notebooks; 2 of unknown price)",
    )
    assert message.table == (
        ("device", "ended", "failed", "cost", "median wait"),
        ("Forte-1", "3", "-", "≤ $160.60", "3 h 40 min"),
        ("Garnet", "5", "1", "$10.20", "12 min"),
        ("Ibex-Q1", "1", "-", "-", "-"),
    )
    assert "$" not in f"{without}"


def test_a_month_without_tasks_says_so(policy: Policy) -> None:
    page = Snapshot(arn_of("monthly-page", "us-east-1"), "CREATED", ended_at=NOON)

    message = message_of(announcement(page, f"{MONTH} 2026-11", "mail"), policy, "mail")

    assert (message.push, message.table) == ("November 2026: no task on a QPU ended", ())
