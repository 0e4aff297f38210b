"""The contract of the port `Snapshots`, for the memory and the DynamoDB adapter, also over SQLite."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, cast

import boto3
import pytest

from braket_notifier.adapters.dynamodb.snapshots import CORRECTION, DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.domain.digest import MOST_COUNTED
from braket_notifier.domain.resource import Children, JobEvent, Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Step
from braket_notifier.tracking.detect import latest
from braket_notifier.tracking.ports import CreatedRange, Cursor, Snapshots, StatusRows
from tests.conftest import GARNET, job_arn

ASnapshot = Callable[..., Snapshot]
#: The watched regions.
REGIONS = ("us-east-1", "eu-north-1")
#: The first is the status after an event without one, which Braket allows, until Braket answers.
STATUSES = ["", "CREATED", "QUEUED", "RUNNING", "CANCELLING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED", "GONE"]


def record(
    snapshots: Snapshots, snapshot: Snapshot, now: datetime, *, announce: bool = True
) -> tuple[SnapshotRow, bool]:
    recorded = snapshots.record(snapshot, Step(snapshot.status, snapshot.ended_at, "event"), announce=announce, now=now)
    return recorded.row, recorded.moved


@pytest.mark.parametrize(("was", "now"), list(product(STATUSES, STATUSES)))
def test_the_table_moves_a_row_exactly_when_the_core_allows_it(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime, was: str, now: str
) -> None:
    """The condition of the write equals the rule in the core."""
    before, after = a_task(was), a_task(now)
    record(snapshots, before, noon)

    row, moved = record(snapshots, after, noon)

    assert moved == (after.supersedes(before) or after.corrects(before))
    assert row.snapshot.status == (now if moved else was)
    assert row.corrected == after.corrects(before)
    assert snapshots.get(before.arn) == row


def test_a_new_row_waits_to_be_dispatched(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    row, moved = record(snapshots, a_task("QUEUED"), noon)

    assert moved
    assert (row.version, row.dispatched) == (1, 0)
    assert row.snapshot == a_task("QUEUED")


def test_a_row_without_announcement_is_dispatched_from_the_start(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    row, _ = record(snapshots, a_task("QUEUED"), noon, announce=False)
    moved_on, _ = record(snapshots, a_task("COMPLETED"), noon, announce=False)

    assert (row.version, row.dispatched) == (1, 1)
    assert (moved_on.version, moved_on.dispatched) == (2, 1)  # only the first status may go without announcement


def test_a_status_recorded_as_history_leaves_nothing_to_dispatch(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    """A single write moves the row and marks it; an older status changes nothing, the next is dispatched later."""

    def record_history(status: str) -> tuple[SnapshotRow, bool]:
        recorded = snapshots.record_dispatched(a_task(status), Step(status, noon, "sweep"), now=noon)
        return recorded.row, recorded.moved

    new, _ = record_history("QUEUED")
    record(snapshots, a_task("RUNNING"), noon)
    moved_on, moved = record_history("CANCELLING")
    late, again = record_history("QUEUED")
    ended, _ = record(snapshots, a_task("COMPLETED"), noon)

    assert (new.version, new.dispatched) == (1, 1)
    assert (moved, moved_on.version, moved_on.dispatched) == (True, 3, 3)
    assert (again, late) == (False, moved_on)
    assert (ended.version, ended.dispatched) == (4, 3)
    assert [each.status for each in ended.history] == ["QUEUED", "RUNNING", "CANCELLING", "COMPLETED"]


def test_a_refused_write_returns_the_existing_row(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    """A duplicate event finds in it the transition that a crashed function did not dispatch."""
    recorded, _ = record(snapshots, a_task("COMPLETED"), noon)

    row, moved = record(snapshots, a_task("RUNNING"), noon)

    assert (row, moved) == (recorded, False)


def test_a_second_correction_changes_nothing(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    moves = [record(snapshots, a_task(status), noon)[1] for status in ("FAILED", "COMPLETED", "FAILED", "CANCELLED")]

    assert moves == [True, True, False, False]


class Raced(Table):
    """A table in which another function makes every correction first."""

    def __init__(self, table: Table, rival: Callable[[], object]) -> None:
        super().__init__(table.client, table.name)
        self.rival = rival

    def update(self, *args: Any, condition: str | None = None, **options: Any) -> Row:
        if condition == CORRECTION:
            self.rival()
        return super().update(*args, condition=condition, **options)


def test_of_two_corrections_at_once_one_is_made(
    table: Callable[[str], Table], a_task: ASnapshot, noon: datetime
) -> None:
    plain = table("snapshots")
    store = DynamoSnapshots(plain, retention_days=90)
    raced = DynamoSnapshots(Raced(plain, lambda: record(store, a_task("COMPLETED"), noon)), retention_days=90)
    record(store, a_task("FAILED"), noon)

    row, moved = record(raced, a_task("CANCELLED"), noon)

    assert not moved
    assert [step.status for step in row.history] == ["FAILED", "COMPLETED"]


def test_an_event_alone_corrects_nothing(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    record(snapshots, a_task("FAILED"), noon)

    assert not record(snapshots, a_task("COMPLETED", degraded=True), noon)[1]


def test_an_event_alone_keeps_the_details_that_braket_gave(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    record(snapshots, a_task("QUEUED", tags={"Name": "kept"}), noon)

    row, _ = record(snapshots, a_task("FAILED", tags={}, degraded=True), noon)

    assert row.snapshot == a_task("FAILED", tags={"Name": "kept"}, degraded=True)


def test_a_creation_time_may_be_recorded_later(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    """The sweep lists jobs by creation time, because SearchJobs has no status filter."""
    record(snapshots, a_task("QUEUED", created_at=None, degraded=True), noon)
    record(snapshots, a_task("RUNNING"), noon)

    assert [each.created_at for each in snapshots.open("eu-north-1")] == [a_task().created_at]


def test_the_marker_only_rises(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    first, _ = record(snapshots, a_task("QUEUED"), noon)
    second, _ = record(snapshots, a_task("RUNNING"), noon)
    snapshots.dispatched(second, noon)

    snapshots.dispatched(first, noon)

    row = snapshots.get(a_task().arn)
    assert row is not None
    assert row.dispatched == 2


@pytest.mark.parametrize(
    ("status", "dispatched", "is_open"),
    [
        ("RUNNING", True, True),
        ("RUNNING", False, True),
        ("COMPLETED", False, True),  # until its announcement is dispatched
        ("COMPLETED", True, False),
    ],
)
def test_a_row_is_open_until_it_has_ended_and_been_dispatched(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime, status: str, dispatched: bool, is_open: bool
) -> None:
    row, _ = record(snapshots, a_task(status), noon)
    if dispatched:
        snapshots.dispatched(row, noon)

    listed = list(snapshots.open("eu-north-1"))

    assert [each.arn for each in listed] == ([a_task().arn] if is_open else [])
    assert all(each.undispatched != dispatched for each in listed)
    assert all(each.changed_at == noon and each.created_at == a_task().created_at for each in listed)
    assert not list(snapshots.open("us-east-1"))


def test_the_board_reads_at_most_the_requested_open_rows(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    for number in range(5):
        record(snapshots, a_task("RUNNING", number), noon)

    some = cast("StatusRows", snapshots).some_open("eu-north-1", 3)

    assert [(each.status, each.device, each.rank) for each in some] == 3 * [("RUNNING", a_task().device, 2.0)]
    assert not cast("StatusRows", snapshots).some_open("us-east-1", 3)


def test_an_event_without_a_device_leaves_the_device_that_is_known(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    """Braket documents no device in a job's event."""
    record(snapshots, a_task("QUEUED"), noon)
    record(snapshots, a_task("RUNNING", device="", degraded=True), noon)

    assert [each.device for each in cast("StatusRows", snapshots).some_open("eu-north-1", 1)] == [a_task().device]


def test_ended_resources_are_listed_by_their_end_the_last_first(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    """An end is open until it is dispatched, and GONE takes the time of its dispatch."""

    def task(number: int, status: str = "COMPLETED", hours: float | None = 0) -> Snapshot:
        ended = None if hours is None else noon - timedelta(hours=hours)
        return a_task(status, number, ended_at=ended)

    ended = [task(1, hours=2), task(2, "FAILED", hours=1.5), task(3, "GONE", None), task(4, hours=9)]
    for each in ended:
        snapshots.dispatched(record(snapshots, each, noon)[0], noon)
    snapshots.dispatched(record(snapshots, task(5, "RUNNING", None), noon)[0], noon)
    record(snapshots, task(6), noon)
    rows = cast("StatusRows", snapshots)

    def numbers(region: str, window: CreatedRange, most: int = 9) -> list[int]:
        return [int(arn.id[-12:]) for arn, _ in rows.ended(region, window, most)]

    assert numbers("eu-north-1", CreatedRange()) == [3, 2, 1, 4]
    assert numbers("eu-north-1", CreatedRange(), 2) == [3, 2]
    assert numbers("eu-north-1", CreatedRange(noon - timedelta(hours=3), noon - timedelta(hours=1))) == [2, 1]
    assert numbers("us-east-1", CreatedRange()) == []
    assert rows.ended("eu-north-1", CreatedRange(), 1) == [(task(3).arn, noon)]


def test_a_row_that_was_corrected_before_its_first_end_was_dispatched_stays_open(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    first, _ = record(snapshots, a_task("FAILED"), noon)
    record(snapshots, a_task("COMPLETED"), noon)

    snapshots.dispatched(first, noon)

    assert [each.undispatched for each in snapshots.open("eu-north-1")] == [True]


def test_an_ended_job_stays_in_the_index_until_it_is_dispatched_without_stay(
    snapshots: Snapshots, a_job: ASnapshot, noon: datetime
) -> None:
    row, _ = record(snapshots, a_job("COMPLETED"), noon)
    snapshots.dispatched(row, noon, stays=True)
    ended = [(each.undispatched, each.rank) for each in snapshots.open("eu-north-1")]
    snapshots.dispatched(row, noon)
    settled = [*snapshots.open("eu-north-1")]
    snapshots.revisit(a_job().arn)

    assert (ended, settled) == ([(False, 4.0)], [])
    assert [(each.undispatched, each.rank) for each in snapshots.open("eu-north-1")] == [(False, 4.0)]


@pytest.mark.parametrize("status", ["", "RUNNING"])
def test_only_an_ended_job_is_visited_again(
    snapshots: Snapshots, a_job: ASnapshot, noon: datetime, status: str
) -> None:
    if status:
        record(snapshots, a_job(status), noon)
    before = [*snapshots.open("eu-north-1")]

    snapshots.revisit(a_job().arn)

    assert [*snapshots.open("eu-north-1")] == before


@pytest.mark.parametrize(("announce", "counted"), [(True, Children(3, completed=2)), (False, None)])
def test_a_job_s_row_keeps_the_counts_with_which_its_end_was_announced(
    snapshots: Snapshots, a_job: ASnapshot, noon: datetime, announce: bool, counted: Children | None
) -> None:
    ended = a_job("COMPLETED", children=Children(3, completed=2))
    row, _ = record(snapshots, ended, noon, announce=announce)
    snapshots.refresh(replace(ended, children=Children(3, completed=3)), row.version)

    assert [each.at_end for each in (row, snapshots.get(ended.arn)) if each] == [counted, counted]


@pytest.mark.parametrize(("stays", "counted"), [(False, Children(3, completed=3)), (True, Children(3, completed=2))])
def test_a_job_s_row_keeps_the_counts_with_which_the_last_line_about_its_tasks_was_sent(
    snapshots: Snapshots, a_job: ASnapshot, noon: datetime, stays: bool, counted: Children
) -> None:
    row, _ = record(snapshots, a_job("COMPLETED", children=Children(3, completed=2)), noon)

    snapshots.dispatched(replace(row, at_end=Children(3, completed=3)), noon, stays=stays)

    assert (found := snapshots.get(a_job().arn))
    assert found.at_end == counted


def test_a_warned_job_stays_marked_through_its_end(snapshots: Snapshots, a_job: ASnapshot, noon: datetime) -> None:
    record(snapshots, a_job("RUNNING"), noon)
    snapshots.warned(a_job().arn)

    row, _ = record(snapshots, a_job("COMPLETED"), noon)

    assert row.warned
    assert latest(row).warned


def test_a_corrected_row_is_open_again(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    first, _ = record(snapshots, a_task("FAILED"), noon)
    snapshots.dispatched(first, noon)
    record(snapshots, a_task("COMPLETED"), noon)

    assert [each.undispatched for each in snapshots.open("eu-north-1")] == [True]


def test_ranks_are_those_of_known_rows(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    tasks = [a_task("RUNNING", number) for number in range(1, 131)]  # more than one request can read
    for task in tasks[:110]:
        record(snapshots, task, noon)

    assert snapshots.ranks([task.arn for task in tasks]) == {task.arn: 2.0 for task in tasks[:110]}


def test_a_region_starts_once(snapshots: Snapshots, noon: datetime) -> None:
    later = noon + timedelta(hours=1)

    assert snapshots.start("eu-north-1", noon) == noon
    assert snapshots.start("eu-north-1", later) == noon
    assert snapshots.start("us-east-1", later) == later


def test_a_region_that_started_by_a_clock_that_was_ahead_starts_anew(snapshots: Snapshots, noon: datetime) -> None:
    later = noon + timedelta(hours=1)
    snapshots.start("eu-north-1", later)

    assert snapshots.start("eu-north-1", noon) == noon
    assert snapshots.start("eu-north-1", later) == noon


def test_a_region_keeps_its_start_beside_clocks_that_differ_by_minutes(snapshots: Snapshots, noon: datetime) -> None:
    snapshots.start("eu-north-1", noon + timedelta(minutes=10))

    assert snapshots.start("eu-north-1", noon) == noon + timedelta(minutes=10)


def test_a_region_starts_once_for_every_process(table: Callable[[str], Table], noon: datetime) -> None:
    plain = table("snapshots")
    first, second = DynamoSnapshots(plain, retention_days=90), DynamoSnapshots(plain, retention_days=90)

    starts = [first.start("eu-north-1", noon), second.start("eu-north-1", noon + timedelta(hours=1))]
    plain.client.delete_item(TableName="snapshots", Key={"arn": {"S": "start#eu-north-1"}})

    assert starts == [noon, noon]
    assert second.start("eu-north-1", noon + timedelta(hours=2)) == noon  # cached, because every event reads it


def test_a_region_that_is_watched_again_starts_anew(snapshots: Snapshots, noon: datetime) -> None:
    home, other, later = "eu-north-1", "us-east-1", noon + timedelta(days=9)

    def swept(*regions: str, at: datetime) -> list[datetime]:
        snapshots.watch(regions, at)
        return [snapshots.start(region, at) for region in (home, other)]

    assert swept(home, other, at=noon) == [noon, noon]
    assert swept(other, home, at=later) == [noon, noon]  # their order means nothing
    snapshots.take_cursor(other, owner="one", now=noon, until=noon)
    snapshots.leave_cursor(other, Cursor(watermark=noon), owner="one")
    assert swept(home, at=later) == [noon, noon]
    assert swept(home, other, at=later) == [noon, later]
    assert snapshots.take_cursor(other, owner="two", now=later, until=later) == Cursor()
    assert swept(home, other, at=later + timedelta(days=1)) == [noon, later]


def test_a_cursor_is_read_as_the_last_run_left_it(snapshots: Snapshots, noon: datetime) -> None:
    soon, minute = noon + timedelta(minutes=5), timedelta(minutes=1)
    times = (noon, noon + minute, None, noon + 2 * minute, noon + 3 * minute, noon - minute)

    first = snapshots.take_cursor("eu-north-1", owner="one", now=noon, until=soon)
    snapshots.leave_cursor("eu-north-1", Cursor(*times), owner="one")

    assert first == Cursor()
    assert [snapshots.last_pass(region) for region in ("eu-north-1", "us-east-1")] == [noon, None]
    assert snapshots.take_cursor("eu-north-1", owner="two", now=noon, until=soon) == Cursor(*times)
    assert snapshots.take_cursor("us-east-1", owner="two", now=noon, until=soon) == Cursor()


def test_a_pass_that_cannot_be_read_is_unknown_and_delays_no_message(dynamodb_table: Callable[[str], Table]) -> None:
    skipped: list[Exception] = []
    store = DynamoSnapshots(Table(dynamodb_table("snapshots").client, "missing"), 90, on_skipped=skipped.append)

    assert store.last_pass("eu-north-1") is None
    assert len(skipped) == 1


def test_a_cursor_belongs_to_one_run_until_its_lease_ends(snapshots: Snapshots, noon: datetime) -> None:
    soon, mark = noon + timedelta(minutes=5), Cursor(watermark=noon)
    snapshots.take_cursor("eu-north-1", owner="one", now=noon, until=soon)

    refused = snapshots.take_cursor("eu-north-1", owner="two", now=noon + timedelta(minutes=4), until=soon)
    again = snapshots.take_cursor("eu-north-1", owner="one", now=noon, until=soon)  # repeated after a lost answer
    second = snapshots.take_cursor("eu-north-1", owner="two", now=soon, until=2 * (soon - noon) + noon)
    snapshots.leave_cursor("eu-north-1", mark, owner="one")  # after the lease has passed to another run
    snapshots.leave_cursor("eu-north-1", Cursor(reached=noon), owner="two")

    assert (refused, again, second) == (None, Cursor(), Cursor())
    assert snapshots.take_cursor("eu-north-1", owner="three", now=soon, until=soon) == Cursor(reached=noon)


def test_the_time_of_the_last_sweep_is_in_the_region_s_cursor(snapshots: Snapshots, noon: datetime) -> None:
    for region, cursor in (("eu-north-1", Cursor(swept_at=noon)), ("us-east-1", Cursor(watermark=noon))):
        snapshots.take_cursor(region, owner="one", now=noon, until=noon)
        snapshots.leave_cursor(region, cursor, owner="one")

    assert snapshots.swept(["eu-north-1", "us-east-1", "us-west-1"]) == {"eu-north-1": noon}


def test_only_existing_rows_are_returned(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    row, _ = record(snapshots, a_task("RUNNING"), noon)

    assert snapshots.rows_of([a_task().arn, a_task(number=2).arn]) == {a_task().arn: row}
    assert snapshots.rows_of([]) == {}


def test_misses_are_saved_until_braket_knows_the_resource_again(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    record(snapshots, a_task("RUNNING"), noon)

    saved = []
    for misses in (1, 2, 0):
        snapshots.missed(a_task().arn, misses, noon)
        saved += [(row.misses, row.missed_at) for row in snapshots.open("eu-north-1")]

    assert saved == [(1, noon), (2, noon), (0, None)]


def test_a_refresh_keeps_newer_details_and_no_other_status(
    snapshots: Snapshots, a_job: ASnapshot, noon: datetime
) -> None:
    row, _ = record(snapshots, a_job("RUNNING"), noon)
    fresh = a_job("RUNNING", events=(JobEvent("RUNNING", noon, "it runs"),), children=Children(4, completed=3))

    kept = snapshots.refresh(replace(fresh, status="COMPLETED"), row.version)
    stale = snapshots.refresh(a_job("RUNNING"), row.version + 1)

    assert (kept, stale) == (True, False)
    assert snapshots.get(fresh.arn) == replace(row, snapshot=fresh)


def test_a_job_s_tasks_are_counted_by_status(
    snapshots: Snapshots, a_task: ASnapshot, a_job: ASnapshot, noon: datetime
) -> None:
    whole, short = {"successful_shots": 2000}, {"successful_shots": 1999}
    ends = [
        ("COMPLETED", whole),
        ("COMPLETED", {}),
        ("COMPLETED", short),
        ("COMPLETED", short),
        ("FAILED", short),
        ("CANCELLED", {}),
    ]
    for number, (status, more) in enumerate([*ends, ("RUNNING", {}), ("GONE", {})]):
        record(snapshots, a_task(status, number, job_arn=a_job().arn.text, **more), noon)
    record(snapshots, a_task("FAILED", 9, job_arn=a_job(number=2).arn.text), noon)

    assert snapshots.children(a_job().arn.text) == Children(8, 2, 2, 1, 1, 3998, 4000)


def test_a_reservation_s_tasks_are_counted_ended_or_not_but_not_those_of_a_hybrid_job(
    snapshots: Snapshots, a_task: ASnapshot, a_job: ASnapshot, noon: datetime
) -> None:
    booked = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"
    for number, status in enumerate(["COMPLETED", "CANCELLED", "QUEUED"]):
        record(snapshots, a_task(status, number, reservation=booked), noon)
    record(snapshots, a_task("COMPLETED", 3, reservation=f"{booked}b"), noon)
    record(snapshots, a_task("COMPLETED", 4, reservation=booked, job_arn=job_arn()), noon)
    record(snapshots, a_job("CANCELLED", reservation=booked), noon)

    assert snapshots.children(booked) == Children(3, completed=1, cancelled=1)


@pytest.mark.parametrize(
    ("among", "changes"),
    [
        ("batch ghz-scan", {"tags": {"batch": "ghz-scan"}}),
        (f"batch {'x' * 256}", {"tags": {"batch": "x" * 1000}}),  # the key of an index is limited
        (f"job {job_arn()}", {"job_arn": job_arn(), "tags": {"batch": "ghz-scan"}}),
        (f"device {GARNET}", {}),
        ("device ", {"device": ""}),  # as after an event without a device
    ],
)
def test_an_open_resource_is_counted_in_its_group_until_it_ends(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime, among: str, changes: dict[str, Any]
) -> None:
    counted = []
    for number, status in enumerate(["QUEUED", "RUNNING", "PAUSED"]):
        record(snapshots, a_task(status, number, **changes), noon)
    record(snapshots, a_task("QUEUED", 3, tags={"batch": "another"}), noon)
    for number, status in enumerate(["COMPLETED", "GONE", "CANCELLED"]):
        counted.append(snapshots.count_open(among, REGIONS))
        record(snapshots, a_task(status, number, **changes), noon)

    assert [*counted, snapshots.count_open(among, REGIONS)] == [3, 2, 1, 0]


def test_a_job_is_open_with_its_own_tasks(
    snapshots: Snapshots, a_task: ASnapshot, a_job: ASnapshot, noon: datetime
) -> None:
    record(snapshots, a_job("RUNNING"), noon)
    record(snapshots, a_task("RUNNING", job_arn=job_arn()), noon)

    assert snapshots.count_open(f"job {job_arn()}", REGIONS) == 2


def test_an_event_alone_leaves_a_task_in_its_group(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    record(snapshots, a_task("QUEUED", tags={"batch": "ghz-scan"}), noon)
    record(snapshots, a_task("RUNNING", tags={}, degraded=True), noon)

    assert (snapshots.count_open("batch ghz-scan", REGIONS), snapshots.count_open(f"device {GARNET}", REGIONS)) == (
        1,
        0,
    )


def test_a_group_that_braket_names_later_is_counted_then(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    record(snapshots, a_task("QUEUED", tags={}, degraded=True), noon)
    record(snapshots, a_task("RUNNING", tags={"batch": "ghz-scan"}), noon)

    assert (snapshots.count_open("batch ghz-scan", REGIONS), snapshots.count_open(f"device {GARNET}", REGIONS)) == (
        1,
        0,
    )


def test_an_open_resource_of_a_region_that_is_not_watched_is_not_counted(
    snapshots: Snapshots, a_task: ASnapshot, noon: datetime
) -> None:
    for number in range(MOST_COUNTED + 1):  # more than one page of the index
        record(snapshots, a_task("QUEUED", number, tags={"batch": "ghz-scan"}), noon)
    further = a_task("QUEUED", MOST_COUNTED + 1, tags={"batch": "ghz-scan"})
    there = parse_arn(further.arn.text.replace("eu-north-1", "us-west-2"))
    record(snapshots, replace(further, arn=there), noon)

    assert snapshots.count_open("batch ghz-scan", ["us-west-2", "us-east-1"]) == 1
    assert snapshots.count_open("batch ghz-scan", ["us-east-1"]) == 0


def test_counting_ends_at_its_limit(snapshots: Snapshots, a_task: ASnapshot, noon: datetime) -> None:
    for number in range(MOST_COUNTED + 1):
        record(snapshots, a_task("QUEUED", number), noon)

    assert snapshots.count_open(f"device {GARNET}", REGIONS) == MOST_COUNTED


def test_the_row_of_a_job_s_own_task_names_its_job(
    dynamodb_table: Callable[[str], Table], a_task: ASnapshot, a_job: ASnapshot, noon: datetime
) -> None:
    record(DynamoSnapshots(dynamodb_table("snapshots"), 90), a_task("QUEUED", job_arn=a_job().arn.text), noon)

    (item,) = boto3.client("dynamodb").scan(TableName="snapshots")["Items"]

    assert item["parent"]["S"] == a_job().arn.text


def test_only_dispatched_ends_expire(dynamodb_table: Callable[[str], Table], a_task: ASnapshot, noon: datetime) -> None:
    """A row that expired while it was pending would be lost, and could be announced as new."""
    store = DynamoSnapshots(dynamodb_table("snapshots"), retention_days=90)

    def stored() -> Any:
        return boto3.client("dynamodb").scan(TableName="snapshots")["Items"][0]

    running, _ = record(store, a_task("RUNNING"), noon)
    store.dispatched(running, noon)
    still_open = stored()
    row, _ = record(store, a_task("COMPLETED"), noon)
    pending = stored()

    store.dispatched(row, noon)

    item = stored()
    ended = a_task().ended_at
    assert ended is not None
    assert ("expires" in still_open, "work" in still_open) == (False, True)
    assert ("expires" in pending, "work" in pending) == (False, True)
    assert item["expires"]["N"] == str(int((ended + timedelta(days=90)).timestamp()))
    assert "work" not in item
    assert (item["ended_in"]["S"], item["ended_on"]["S"]) == ("eu-north-1", ended.isoformat())
    assert not {"ended_in", "ended_on"} & pending.keys()  # what is not enqueued is not counted


def test_a_job_s_own_tasks_are_kept_until_the_last_of_them_can_have_ended(
    dynamodb_table: Callable[[str], Table], a_task: ASnapshot, noon: datetime
) -> None:
    """The row of an ended task would otherwise be missing in the final counts of a job that runs for days."""
    store = DynamoSnapshots(dynamodb_table("snapshots"), retention_days=1)
    ended = [(a_task(number=1, job_arn=job_arn()), 100), (a_task(number=2), 1)]
    for each, _ in ended:
        store.dispatched(record(store, each, noon)[0], noon)

    items = boto3.client("dynamodb").scan(TableName="snapshots")["Items"]
    expiry = {item["arn"]["S"]: int(item["expires"]["N"]) for item in items}
    at = cast("datetime", a_task().ended_at)
    assert expiry == {each.arn.text: int((at + timedelta(days=days)).timestamp()) for each, days in ended}


@pytest.mark.parametrize(
    "damage",
    [
        {"version": None},
        {"rank": "high"},
        {"changed_at": "yesterday"},
        {"detail": "what a later version may write"},
        {"history": [{"status": "QUEUED"}]},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_an_unreadable_row_hides_no_other(
    table: Callable[[str], Table], a_task: ASnapshot, noon: datetime, damage: dict[str, object]
) -> None:
    """An edit by hand may leave such a row, and otherwise it would end every region's sweep."""
    skipped: list[Exception] = []
    rows = table("snapshots")
    store = DynamoSnapshots(rows, 90, on_skipped=skipped.append)
    damaged, intact = a_task("QUEUED", 1), a_task("QUEUED", 2)
    for each in (damaged, intact):
        record(store, each, noon)
    rows.update(
        {"arn": damaged.arn.text}, {name: f":{name}" for name in damage}, {f":{n}": v for n, v in damage.items()}
    )

    listed = {row.arn for row in store.open("eu-north-1")}
    known = set(store.rows_of([damaged.arn, intact.arn]))

    assert listed & known == {intact.arn}
    assert skipped
    assert all(damaged.arn.text in str(each) for each in skipped)


def test_a_miss_creates_no_row(table: Callable[[str], Table], a_task: ASnapshot, noon: datetime) -> None:
    """The index may list an expired row for a moment, and a row with nothing but misses would be unreadable."""
    store = DynamoSnapshots(table("snapshots"), 90)

    store.missed(a_task().arn, 1, noon)

    assert store.get(a_task().arn) is None
