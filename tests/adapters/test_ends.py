"""The contract of the port `Ends`, for the memory and the DynamoDB adapters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.ends import DynamoEnds
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.ends import MemoryEnds
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.tracking.ports import Snapshots
from braket_notifier.watching.ports import Ends

ASnapshot = Callable[..., Snapshot]
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


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
    assert ends.last("week", "eu-north-1") == ""
    cursor = snapshots.take_cursor("eu-north-1", owner="a", now=noon, until=noon + HOUR)
    assert cursor
    ends.save("week", "eu-north-1", "2026-W47")
    ends.save("month", "eu-north-1", "2026-10")
    snapshots.leave_cursor("eu-north-1", replace(cursor, watermark=noon), owner="a")

    taken = snapshots.take_cursor("eu-north-1", owner="b", now=noon, until=noon + HOUR)

    assert taken == replace(cursor, watermark=noon)
    assert (ends.last("week", "eu-north-1"), ends.last("month", "eu-north-1")) == ("2026-W47", "2026-10")


def test_a_week_before_the_first_sweep_leaves_the_cursor_free(table: Callable[[str], Table], noon: datetime) -> None:
    snapshots = table("snapshots")

    DynamoEnds(snapshots).save("week", "eu-north-1", "2026-W47")

    store = DynamoSnapshots(snapshots, retention_days=90)
    assert store.take_cursor("eu-north-1", owner="a", now=noon, until=noon + HOUR) is not None
