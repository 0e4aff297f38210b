"""The contract of the ports about the weekly line, for the memory and the DynamoDB adapters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.dynamodb.weekly import DynamoEnds, DynamoWeeklyLedger, delivery_of, snapshot_of
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.memory.weekly import MemoryEnds, MemoryWeeklyLedger
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.errors import NewerVersionError
from braket_notifier.sending.ports import LEASE, Claim
from braket_notifier.sending.weekly import WeeklyLedger
from braket_notifier.tracking.ports import Snapshots
from braket_notifier.watching.ports import Ends

ASnapshot = Callable[..., Snapshot]
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SENT = Claim(granted=False, finished=True, delivered=True)


@pytest.fixture
def line(noon: datetime) -> WeeklyLine:
    return WeeklyLine("team-slack", "2026-W47", 214, 3, noon + timedelta(days=2), undelivered=0)


@pytest.fixture(params=["memory", "deliveries", "snapshots"])
def weekly(request: pytest.FixtureRequest) -> WeeklyLedger:
    if request.param == "memory":
        return MemoryWeeklyLedger()
    key_of = delivery_of if request.param == "deliveries" else snapshot_of
    return DynamoWeeklyLedger(request.getfixturevalue("dynamodb_table")(request.param), key_of)


def test_a_line_is_claimed_by_one_sender_until_it_is_sent(
    weekly: WeeklyLedger, line: WeeklyLine, noon: datetime
) -> None:
    first, second = (weekly.claim(line, owner=owner, now=noon) for owner in "ab")
    again = weekly.claim(line, owner="a", now=noon)  # botocore repeats a write whose answer was lost
    weekly.delivered(line, now=noon)

    assert (first.granted, first.may_repeat) == (True, False)
    assert (second.granted, second.finished, second.wait_s > 0) == (False, False, True)
    assert (again.granted, again.may_repeat) == (True, False)
    assert weekly.claim(line, owner="b", now=noon + HOUR) == SENT


def test_a_claim_without_a_result_makes_the_next_one_a_repeat(
    weekly: WeeklyLedger, line: WeeklyLine, noon: datetime
) -> None:
    weekly.claim(line, owner="a", now=noon)

    claim = weekly.claim(line, owner="b", now=noon + LEASE)

    assert (claim.granted, claim.may_repeat) == (True, True)


def test_a_released_claim_leaves_no_doubt(weekly: WeeklyLedger, line: WeeklyLine, noon: datetime) -> None:
    weekly.claim(line, owner="a", now=noon)
    for _ in range(2):  # botocore repeats it
        weekly.release(line, owner="a")
    weekly.release(line, owner="b")

    claim = weekly.claim(line, owner="b", now=noon + SECOND)

    assert (claim.granted, claim.may_repeat) == (True, False)


def test_channels_and_weeks_have_a_row_each(table: Callable[[str], Table], line: WeeklyLine, noon: datetime) -> None:
    weekly = DynamoWeeklyLedger(table("deliveries"))
    others = replace(line, channel="mail"), replace(line, week="2026-W48")
    for each in (line, *others):
        assert weekly.claim(each, owner="a", now=noon).granted
        weekly.delivered(each, now=noon)


def test_a_row_of_a_newer_version_is_not_sent_over(
    table: Callable[[str], Table], line: WeeklyLine, noon: datetime
) -> None:
    deliveries = table("deliveries")
    ledger = DynamoWeeklyLedger(deliveries)
    ledger.claim(line, owner="a", now=noon)
    key = {"partition": "team-slack#heartbeat", "sort": "2026-W47"}
    deliveries.update(key, {"format": ":two"}, {":two": 2})

    with pytest.raises(NewerVersionError):
        ledger.claim(line, owner="b", now=noon + HOUR)


@pytest.fixture(params=["memory", "dynamodb", "sqlite"])
def stores(request: pytest.FixtureRequest) -> tuple[Snapshots, Ends]:
    if request.param == "memory":
        memory = MemorySnapshots()
        return memory, MemoryEnds(memory)
    snapshots = request.getfixturevalue(f"{request.param}_table")("snapshots")
    return DynamoSnapshots(snapshots, retention_days=90), DynamoEnds(snapshots)


def test_ends_are_counted_by_status_in_their_region_and_range(
    stores: tuple[Snapshots, Ends], a_task: ASnapshot, noon: datetime
) -> None:
    snapshots, ends = stores
    moves = [
        ("COMPLETED", noon),
        ("COMPLETED", noon + HOUR + timedelta(milliseconds=1)),
        ("FAILED", noon + HOUR),
        ("FAILED", noon + 2 * HOUR),  # the end of the range is not in it
        ("COMPLETED", noon - SECOND),
        ("RUNNING", None),
    ]
    for number, (status, at) in enumerate(moves):
        task = a_task(status, number, ended_at=at)
        row = snapshots.record(task, Step(status, at, "event"), announce=True, now=noon).row
        snapshots.dispatched(row, noon)

    assert ends.count_ended("eu-north-1", noon, noon + 2 * HOUR) == {"COMPLETED": 2, "FAILED": 1}
    assert ends.count_ended("us-east-1", noon, noon + 2 * HOUR) == {}


def test_a_cursor_remembers_the_week_and_can_still_be_taken(stores: tuple[Snapshots, Ends], noon: datetime) -> None:
    snapshots, ends = stores
    assert ends.last_week("eu-north-1") == ""
    cursor = snapshots.take_cursor("eu-north-1", owner="a", now=noon, until=noon + HOUR)
    assert cursor
    ends.save_week("eu-north-1", "2026-W47")
    snapshots.leave_cursor("eu-north-1", replace(cursor, watermark=noon), owner="a")

    taken = snapshots.take_cursor("eu-north-1", owner="b", now=noon, until=noon + HOUR)

    assert taken == replace(cursor, watermark=noon)
    assert ends.last_week("eu-north-1") == "2026-W47"


def test_a_week_before_the_first_sweep_leaves_the_cursor_free(table: Callable[[str], Table], noon: datetime) -> None:
    snapshots = table("snapshots")

    DynamoEnds(snapshots).save_week("eu-north-1", "2026-W47")

    store = DynamoSnapshots(snapshots, retention_days=90)
    assert store.take_cursor("eu-north-1", owner="a", now=noon, until=noon + HOUR) is not None
