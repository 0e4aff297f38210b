"""The report of the status board: counts and bounded lists from rows, within the chosen time range."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.availability import Availability
from braket_notifier.domain.resource import Snapshot
from braket_notifier.status_board import report as module
from braket_notifier.status_board.report import StatusReport, status_report
from braket_notifier.tracking.detect import step
from braket_notifier.tracking.ports import CreatedRange, Cursor
from braket_notifier.watching.watched import Seen
from tests.conftest import GARNET

ASnapshot = Callable[..., Snapshot]
REGIONS = ("eu-north-1", "us-east-1")


@pytest.fixture
def rows() -> MemorySnapshots:
    return MemorySnapshots()


def put(rows: MemorySnapshots, snapshot: Snapshot, at: datetime, *, enqueued: bool = True) -> None:
    row = rows.record(snapshot, step(snapshot, "event"), announce=True, now=at).row
    if enqueued:
        rows.dispatched(row, at)


EVER = CreatedRange()


def report_of(rows: MemorySnapshots, noon: datetime, window: CreatedRange = EVER, undelivered: int = 0) -> StatusReport:
    seen = Seen(Availability("OFFLINE"), noon - timedelta(hours=4))
    return status_report(rows, {("eu-north-1", GARNET): seen}, REGIONS, window, noon, undelivered)


def test_devices_are_sorted_by_open_tasks_and_name_the_oldest(
    rows: MemorySnapshots, a_task: ASnapshot, noon: datetime
) -> None:
    for number in range(3):
        created = noon - timedelta(hours=number + 1)
        put(rows, a_task("RUNNING" if number else "QUEUED", number, created_at=created), noon)
    put(rows, a_task("QUEUED", 9, device="another"), noon)

    one, other = report_of(rows, noon).devices

    assert (one.open, dict(one.counts), list(one.counts)) == (3, {"QUEUED": 1, "RUNNING": 2}, ["QUEUED", "RUNNING"])
    assert one.oldest.arn == a_task(number=2).arn
    assert one.row is not None
    assert (other.device, other.open) == ("another", 1)
    assert one.seen is not None
    assert (one.seen.answer.status, other.seen) == ("OFFLINE", None)


def test_running_jobs_stand_before_waiting_jobs(rows: MemorySnapshots, a_job: ASnapshot, noon: datetime) -> None:
    put(rows, a_job("QUEUED", 1), noon)
    put(rows, a_job("RUNNING", 2), noon)

    assert [row.snapshot.status for row in report_of(rows, noon).job_rows] == ["RUNNING", "QUEUED"]


def test_the_newest_transition_comes_first_whether_open_or_ended(
    rows: MemorySnapshots, a_task: ASnapshot, noon: datetime
) -> None:
    put(rows, a_task("QUEUED", 1), noon - timedelta(minutes=9))
    put(rows, a_task("COMPLETED", 2, ended_at=noon - timedelta(minutes=5)), noon)
    put(rows, a_task("FAILED", 3, ended_at=noon - timedelta(minutes=1)), noon, enqueued=False)
    put(rows, a_task("COMPLETED", 4, ended_at=noon - timedelta(days=2)), noon)

    def moved(window: CreatedRange) -> list[tuple[str, datetime]]:
        return [(each.transition.status, each.at) for each in report_of(rows, noon, window).moves]

    lately = [("FAILED", 1), ("COMPLETED", 5), ("QUEUED", 9)]
    hour = CreatedRange(noon - timedelta(hours=1))
    assert moved(hour) == [(status, noon - timedelta(minutes=minutes)) for status, minutes in lately]
    assert len(moved(CreatedRange())) == 4
    assert moved(CreatedRange(noon - timedelta(days=3), noon - timedelta(days=1))) == [
        ("COMPLETED", noon - timedelta(days=2))
    ]


def test_a_count_beyond_the_rows_that_are_read_is_marked_as_at_least(
    rows: MemorySnapshots, a_task: ASnapshot, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 3)
    for number in range(3):
        put(rows, a_task("QUEUED", number), noon)
    whole = report_of(rows, noon)
    put(rows, a_task("QUEUED", 3), noon)

    cut = report_of(rows, noon)

    assert (whole.tasks, whole.at_least) == (3, False)
    assert (cut.tasks, cut.at_least) == (3, True)


def test_an_end_that_is_not_enqueued_is_not_open_and_becomes_stuck(
    rows: MemorySnapshots, a_task: ASnapshot, noon: datetime
) -> None:
    put(rows, a_task("COMPLETED"), noon, enqueued=False)

    now, later = report_of(rows, noon), report_of(rows, noon + timedelta(minutes=11))

    assert (now.tasks, now.stuck, now.oldest) == (0, 0, None)
    assert (later.tasks, later.stuck) == (0, 1)


def test_the_sweep_is_as_old_as_in_its_oldest_region(rows: MemorySnapshots, noon: datetime) -> None:
    rows.cursors["eu-north-1"] = Cursor(swept_at=noon)
    one = report_of(rows, noon).swept_at
    rows.cursors["us-east-1"] = Cursor(swept_at=noon - timedelta(hours=1))

    assert one is None
    assert report_of(rows, noon).swept_at == noon - timedelta(hours=1)
