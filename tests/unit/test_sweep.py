"""The sweep with the memory adapters: single situations, then random sequences of all of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braket_notifier import sweep
from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.errors import BusyError, LateError, NotKnownError, UnreadableError
from braket_notifier.sweep import Swept, open_rows
from braket_notifier.tracking import slices
from braket_notifier.tracking.ports import CreatedRange, Cursor
from braket_notifier.tracking.slices import SPAN, row_slices, time_slices
from tests.unit.tracking.tracking_world import REGION, TrackingWorld, started

ASnapshot = Callable[..., Snapshot]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = 5 * MINUTE


@dataclass
class FaultyBraket(MemoryBraket):
    """A Braket whose Search lags, omits, repeats and shuffles, and that fails at a given call."""

    was: dict[Any, Snapshot] = field(default_factory=dict)
    unlisted: set[Any] = field(default_factory=set)
    stops_after: int = 10**9
    stops_with: Exception = field(default_factory=lambda: LateError("cut"))
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - a repeatable sequence, not a secret
    listings: list[tuple[str, CreatedRange]] = field(default_factory=list)

    def read(self, arn: Any) -> Snapshot:
        self._call()
        return super().read(arn)

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        self.listings.append(("open", window))
        return self._shuffled([e for e in self._faulty(region, "task", window) if not e.terminal])

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        self.listings.append((kind, window))
        return self._shuffled(self._faulty(region, kind, window))

    def _call(self) -> None:
        self.stops_after -= 1
        if self.stops_after < 0:
            raise self.stops_with

    def _faulty(self, region: str, kind: Kind, window: CreatedRange) -> list[Snapshot]:
        self._call()
        listed = self._listed(region, kind, window)
        return [self.was.get(each.arn, each) for each in listed if each.arn not in self.unlisted]

    def _shuffled(self, listed: list[Snapshot]) -> list[Snapshot]:
        return self.random.sample(listed, len(listed)) + listed[:2]

    def calm(self) -> None:
        self.was.clear()
        self.unlisted.clear()
        self.stops_after = 10**9


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> TrackingWorld:
    world = started(policy, watch, noon)
    world.braket = FaultyBraket()
    world.watermark = noon - TICK
    return world


@pytest.fixture
def faulty(world: TrackingWorld) -> FaultyBraket:
    assert isinstance(world.braket, FaultyBraket)
    return world.braket


# --- situations --------------------------------------------------------------------------------------------------


def test_a_task_created_and_ended_between_two_sweeps_is_announced(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("FAILED", created_at=world.now - 3 * MINUTE, ended_at=world.now - MINUTE))

    world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_an_outdated_listing_changes_nothing(world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("RUNNING"))
    world.relay_and_sweep()
    faulty.was[a_task().arn] = a_task("QUEUED")
    faulty.reads.clear()

    world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "RUNNING"
    assert faulty.reads == []


def test_a_task_that_moves_during_its_listing_has_not_vanished(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot
) -> None:
    """The task left QUEUED before that listing, and reached RUNNING after that one."""
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    faulty.unlisted.add(a_task().arn)

    world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "QUEUED"
    assert world.enqueued == []


def test_a_task_that_search_lists_hours_late_is_found_within_a_day(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot
) -> None:
    world.put_in_braket(a_task("FAILED", created_at=world.now, ended_at=world.now + MINUTE))
    faulty.unlisted.add(a_task().arn)
    for _ in range(6):
        world.relay_and_sweep()
        world.now += HOUR
    faulty.calm()
    world.relay_and_sweep()
    too_late_for_the_window = list(world.enqueued)
    world.now += DAY

    world.relay_and_sweep()

    assert too_late_for_the_window == []
    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_the_look_back_runs_once_a_day_and_continues_after_an_interruption(
    world: TrackingWorld, faulty: FaultyBraket
) -> None:
    world.snapshots.starts[REGION] = world.now - 10 * DAY
    world.now += DAY
    world.watermark = world.now - TICK
    world.snapshots.cursors[REGION] = replace(world.snapshots.cursors[REGION], looked_back_at=world.now - DAY)
    faulty.stops_after = 3 + 5  # three listings of the sweep itself, and five of the look back

    world.relay_and_sweep()
    first, done = world.snapshots.cursors[REGION], list(faulty.listings)
    faulty.calm()
    faulty.listings.clear()
    world.relay_and_sweep()
    second, went_on = world.snapshots.cursors[REGION], list(faulty.listings)
    faulty.listings.clear()
    world.relay_and_sweep()

    assert (len(done), first.looked_back_to) == (3 + 6, world.now - timedelta(hours=72 - 12))
    assert second.looked_back_to is None
    assert first.looked_back_to is not None
    assert went_on[3] == ("task", CreatedRange(first.looked_back_to, first.looked_back_to + SPAN))
    assert len(went_on) == 3 + 2 * 10
    assert len(faulty.listings) == 3


@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize(
    "how", [LateError("the time is up"), BusyError("ThrottlingException"), RuntimeError("a defect")]
)
def test_the_run_after_an_interrupted_one_finds_every_change(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot, a_job: ASnapshot, calls: int, how: Exception
) -> None:
    """Interrupt at every listing and read. An incomplete listing never shows that a resource vanished."""
    before = world.now - TICK
    recent = {"created_at": world.now - 2 * MINUTE, "ended_at": world.now}
    world.put_in_braket(a_task("QUEUED"), a_task("RUNNING", 2))
    world.relay_and_sweep()
    world.watermark = before
    world.put_in_braket(a_task("COMPLETED"), a_task("COMPLETED", 3, **recent), a_job("COMPLETED", **recent))
    faulty.stops_after, faulty.stops_with = calls, how

    with suppress(BusyError, ExceptionGroup):
        world.relay_and_sweep()
    cut_short = world.watermark == before
    faulty.calm()
    world.relay_and_sweep()

    assert cut_short
    assert sorted(set(world.enqueued)) == [("mail", "COMPLETED"), ("team-slack", "COMPLETED")]
    assert {each.transition.arn for each in world.queues.contents} == {a_task().arn, a_task(number=3).arn, a_job().arn}
    assert world.watermark == world.now


def test_a_region_with_more_open_tasks_than_one_slice_holds_is_swept_over_several_runs(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_ROWS", 10)
    tasks = [a_task("QUEUED", number, created_at=world.now - 5 * HOUR + number * MINUTE) for number in range(35)]
    world.put_in_braket(*tasks)
    world.relay_and_sweep()
    before = world.watermark = world.now - TICK
    world.put_in_braket(*[replace(each, status="COMPLETED", ended_at=world.now) for each in tasks])
    faulty.listings.clear()
    reached = []
    for _ in range(12):
        faulty.stops_after = 14
        world.relay_and_sweep()
        reached.append(world.snapshots.cursors[REGION].reached)
        if world.watermark != before:
            break

    assert len(world.queues.contents) == 35
    assert len(reached) > 2
    assert [each for each in reached if each] == sorted(each for each in reached if each)
    assert world.watermark == world.now


def test_a_slice_that_a_busy_braket_did_not_show_is_listed_again_by_the_next_sweep(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_ROWS", 30)
    tasks = [a_task("QUEUED", number, created_at=world.now - 5 * HOUR + number * MINUTE) for number in range(60)]
    world.put_in_braket(*tasks)
    world.relay_and_sweep()
    world.now += TICK
    world.put_in_braket(*[replace(each, status="COMPLETED", ended_at=world.now) for each in tasks])
    faulty.stops_after, faulty.stops_with = 3, BusyError("ThrottlingException")  # the three listings succeed
    with pytest.raises(BusyError):
        world.relay_and_sweep()
    faulty.calm()

    world.relay_and_sweep()

    assert len(world.queues.contents) == 60


def test_slices_cover_all_times_without_a_gap(world: TrackingWorld) -> None:
    created = [world.now + number * MINUTE for number in range(25_000)]

    found = row_slices([*created, None, None], None)
    rest = row_slices(created, created[20_000])

    assert [(each.since, each.until) for each in found] == [
        (None, created[10_000]),
        (created[10_000], created[20_000]),
        (created[20_000], None),
    ]
    assert rest == [CreatedRange(created[20_000], None)]
    assert row_slices([], None) == [CreatedRange()]


def test_an_outage_of_days_is_recovered_in_slices(world: TrackingWorld, faulty: FaultyBraket) -> None:
    world.watermark = world.now - 3 * DAY
    faulty.stops_after = 6

    world.relay_and_sweep()

    assert world.watermark is not None
    assert world.now - 3 * DAY < world.watermark < world.now - DAY
    assert len(time_slices(world.now - 3 * DAY, world.now)) == 12


def test_two_runs_of_one_region_do_not_overlap(world: TrackingWorld, faulty: FaultyBraket) -> None:
    inner = list[Swept]()

    def meanwhile() -> float:
        if faulty.listings and not inner:
            inner.append(world.sweep(owner="another"))
        return 300.0

    outer = world.sweep(meanwhile, owner="one")

    assert (outer.held, [each.held for each in inner]) == (False, [True])


def test_a_crashed_run_holds_the_cursor_no_longer_than_its_lifetime(world: TrackingWorld) -> None:
    world.snapshots.take_cursor(REGION, owner="dead", now=world.now, until=world.now + timedelta(seconds=310))

    held = world.sweep().held
    world.now += timedelta(seconds=311)

    assert held
    assert not world.sweep().held


@pytest.mark.parametrize("left_s", [19.9, 0.0])
def test_a_run_without_time_reads_nothing_and_returns_the_cursor(
    world: TrackingWorld, faulty: FaultyBraket, left_s: float
) -> None:
    before = world.snapshots.cursors[REGION]

    world.relay_and_sweep(lambda: left_s)

    assert faulty.listings == []
    assert replace(world.snapshots.cursors[REGION], began=None) == before
    assert world.snapshots.held == {}


@pytest.mark.parametrize("age", [HOUR, 80 * DAY])
def test_a_hybrid_job_that_was_open_before_the_first_pass_is_announced_when_it_ends(
    world: TrackingWorld, faulty: FaultyBraket, a_job: ASnapshot, age: timedelta
) -> None:
    """No event may come, as in `run`. Seen: only jobs of the last quarter of an hour were listed."""
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    before = {"created_at": world.now - age, "started_at": world.now - age}
    old = [a_job("FAILED", n, **before, ended_at=world.now - MINUTE) for n in range(2, 5)]
    world.put_in_braket(a_job("RUNNING", **before), *old)

    first = world.sweep()
    reads = [*faulty.reads]
    world.put_in_braket(a_job("FAILED", **before, ended_at=world.now + MINUTE))
    world.now += TICK
    world.relay_and_sweep()

    assert (first.first, first.open, reads) == (True, 1, [a_job().arn])
    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_a_first_pass_reads_what_is_open_before_the_ends_that_announce_existing_wants(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Seen: 300 ended hybrid jobs kept six sweeps from an open task."""
    world.policy = replace(world.policy, announce_existing=True)
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    before = {"created_at": world.now - 10 * DAY, "ended_at": world.now - DAY}
    world.put_in_braket(*[a_job("FAILED", n, **before) for n in range(2, 5)], a_task("QUEUED", created_at=world.now))

    world.sweep()

    assert faulty.reads[0] == a_task().arn


def test_a_region_added_later_announces_no_history(
    world: TrackingWorld, faulty: FaultyBraket, a_task: ASnapshot
) -> None:
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    ended = {"created_at": world.now - 10 * MINUTE, "ended_at": world.now - MINUTE}
    world.put_in_braket(*[a_task("FAILED", n, **ended) for n in range(20)], a_task("RUNNING", 99))
    faulty.stops_after = 9

    world.sweep()  # interrupted
    faulty.calm()
    first = world.sweep().first
    world.now += DAY + HOUR
    world.relay_and_sweep()

    assert first
    assert world.enqueued == []


def test_a_region_added_again_announces_nothing_of_the_time_in_which_it_was_not_watched(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Its rows of open resources stay: the ends of that time are recorded, and later ends are announced."""
    submitted = {"created_at": world.now - MINUTE}
    world.put_in_braket(*[a_task("RUNNING", number, **submitted) for number in (1, 2)], a_job("QUEUED", **submitted))
    world.snapshots.watch([REGION], world.now)
    world.relay_and_sweep()
    world.snapshots.watch(["us-east-1"], world.now)
    world.now += 3 * DAY
    away = {"created_at": world.now - DAY, "ended_at": world.now - HOUR}
    world.put_in_braket(a_task("FAILED", 1, **away), a_task("FAILED", 3, **away), a_job("RUNNING", **submitted))
    world.queues.records.clear()

    world.snapshots.watch(["us-east-1", REGION], world.now)
    assert world.sweep().first
    world.now += TICK
    world.relay_and_sweep()

    assert world.enqueued == []
    assert world.snapshots.rows[a_task("FAILED", 1).arn].snapshot.status == "FAILED"

    over = {**submitted, "ended_at": world.now}
    world.put_in_braket(a_task("FAILED", 2, **over), a_job("FAILED", **over))
    world.relay_and_sweep()

    assert world.enqueued.count(("team-slack", "FAILED")) == 2


@dataclass
class DyingSnapshots:
    """A table after one of whose calls the function dies."""

    table: Any
    dies_after: int
    dead: bool = False

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            self.dies_after -= 1
            answer = getattr(self.table, name)(*args, **named)
            self.dead = self.dies_after == 0
            if self.dead:
                raise KilledError(name)
            return answer

        return call


class KilledError(BaseException):
    """No part of the function catches it."""


def test_a_region_added_again_announces_no_history_whichever_call_is_the_last_of_a_killed_sweep(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Seen: an end was recorded and not yet marked as dispatched, so the relay announced it."""
    submitted = {"created_at": world.now - MINUTE}
    away = {"created_at": world.now + DAY, "ended_at": world.now + 2 * DAY}
    later = [a_task("FAILED", 1, **away), a_task("FAILED", 3, **away), a_job("RUNNING", **submitted)]
    world.put_in_braket(a_task("RUNNING", 1, **submitted), a_job("QUEUED", **submitted))
    world.snapshots.watch([REGION], world.now)
    world.relay_and_sweep()
    world.snapshots.watch(["us-east-1"], world.now)
    world.queues.records.clear()
    world.put_in_braket(*later)
    world.now += 3 * DAY
    world.snapshots.watch(["us-east-1", REGION], world.now)
    table, calls = world.snapshots, 0

    while True:
        calls += 1
        killed = DyingSnapshots(deepcopy(table), calls)
        world.snapshots = cast("Any", killed)
        with suppress(KilledError):
            world.sweep()
        world.snapshots = killed.table
        world.snapshots.held.clear()
        world.now += TICK
        world.relay_and_sweep()
        world.now -= TICK
        assert world.enqueued == [], calls
        assert world.snapshots.rows[later[0].arn].snapshot.status == "FAILED"
        if not killed.dead:
            break

    assert calls > 10


def test_a_sweep_saves_the_regions_that_it_watches(world: TrackingWorld) -> None:
    world.policy = replace(world.policy, regions=(REGION,))

    sweep.sweep_regions(world.braket, world.ports, open_rows(world.ports), "me", lambda: 300.0)

    assert world.snapshots.watched == {REGION}


def test_a_month_of_history_is_announced_only_if_the_settings_want_it(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.policy = replace(world.policy, announce_existing=True)
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    days = {
        number: {"created_at": world.now - number * DAY, "ended_at": world.now - number * DAY} for number in (2, 31)
    }
    world.put_in_braket(*[a_task("FAILED", number, **times) for number, times in days.items()], a_task("RUNNING"))

    world.relay_and_sweep()

    assert {each.transition.arn for each in world.queues.contents} == {a_task(number=2).arn}


def test_what_ended_in_the_month_before_is_announced_whenever_it_was_created(
    world: TrackingWorld, a_task: ASnapshot
) -> None:
    """Search filters by creation only, so the first look back covers all that Braket keeps, in several runs."""
    world.policy = replace(world.policy, announce_existing=True)
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    ages = {1: (85, 20), 2: (110, 29), 3: (40, 31), 4: (2, 1), 5: (85, 84)}  # days since creation, and since the end
    for number, (created, ended) in ages.items():
        times = {"created_at": world.now - created * DAY, "ended_at": world.now - ended * DAY}
        world.put_in_braket(a_task("FAILED", number, **times))
    world.put_in_braket(a_task("RUNNING", 6, created_at=world.now - 80 * DAY))

    for _ in range(40):
        world.sweep(running_out(100))
        world.now += TICK

    announced = {each.transition.arn for each in world.queues.contents}
    assert announced == {a_task(number=number).arn for number in (1, 2, 4)}
    assert set(world.braket.reads) == announced | {a_task(number=6).arn}


@pytest.mark.parametrize(
    ("watched", "announced"),
    [
        (timedelta(days=3), {1, 2, 3}),
        (timedelta(days=31), set[int]()),  # what ended before then is older than a month
    ],
)
def test_announce_existing_that_is_switched_on_later_announces_the_month_before_once(
    world: TrackingWorld, a_task: ASnapshot, watched: timedelta, announced: set[int]
) -> None:
    """Seen: it was silent unless the first sweep of a region followed it."""
    world.snapshots.starts[REGION] = world.now - watched
    ages = {1: (85, 20), 2: (29, 28), 3: (4, 4), 4: (40, 31)}  # days since creation, and since the end
    for number, (created, ended) in ages.items():
        times = {"created_at": world.now - created * DAY, "ended_at": world.now - ended * DAY}
        world.put_in_braket(a_task("FAILED", number, **times))
    run_sweeps(world, 3)
    before = [*world.queues.contents]
    for announce in (True, False, True):
        world.policy = replace(world.policy, announce_existing=announce)
        run_sweeps(world, 40)

    found = [each.transition.arn for each in world.queues.contents if each.channel == "team-slack"]
    assert (before, sorted(found, key=str)) == ([], [a_task(number=each).arn for each in sorted(announced)])


def run_sweeps(world: TrackingWorld, count: int) -> None:
    for _ in range(count):
        world.sweep(running_out(100))
        world.now += TICK


def running_out(calls: int) -> Callable[[], float]:
    """The time left of a run that may ask for it so often."""
    left = iter([300.0] * calls)
    return lambda: next(left, 0.0)


# --- the age of the oldest sweep ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stops_with", "open_tasks", "swept"),
    [
        (None, 1, True),
        (LateError("the time is up"), 35, True),  # after some of four slices
        (LateError("the time is up"), 1, False),  # before its only slice was complete
        (BusyError("ThrottlingException"), 35, False),
        (RuntimeError("a defect"), 35, False),
    ],
)
def test_a_region_counts_as_swept_after_progress_without_errors(
    world: TrackingWorld,
    faulty: FaultyBraket,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    stops_with: Exception | None,
    open_tasks: int,
    swept: bool,
) -> None:
    monkeypatch.setattr(slices, "SLICE_ROWS", 10)
    earlier = {"created_at": world.now - HOUR}
    world.put_in_braket(*[a_task("QUEUED", number, **earlier) for number in range(open_tasks)])
    world.relay_and_sweep()
    world.now += TICK
    if stops_with:
        faulty.stops_after, faulty.stops_with = 3 if open_tasks > 1 else 2, stops_with

    with suppress(BusyError, ExceptionGroup):
        world.relay_and_sweep()

    assert (world.snapshots.swept([REGION]) == {REGION: world.now}) is swept


def test_the_oldest_sweep_age_is_that_of_the_least_recently_swept_region(world: TrackingWorld) -> None:
    world.policy = replace(world.policy, regions=(REGION, "us-east-1", "us-west-1"))
    world.snapshots.cursors[REGION] = Cursor(swept_at=world.now - HOUR)
    world.snapshots.cursors["us-east-1"] = Cursor(swept_at=world.now - 3 * HOUR, watermark=world.now)
    world.snapshots.starts["us-west-1"] = world.now - 2 * HOUR  # never swept
    longest = [sweep.oldest_sweep_age(world.ports)]
    world.snapshots.cursors["us-east-1"] = Cursor(swept_at=world.now)
    longest.append(sweep.oldest_sweep_age(world.ports))

    assert longest == [3 * HOUR, 2 * HOUR]


# --- resources that Braket no longer knows -----------------------------------------------------------------------


def test_a_resource_unknown_at_three_daily_reads_is_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.braket.knows.clear()
    enqueued = []
    for _ in range(24 * 2 + 1):
        world.relay_and_sweep()
        enqueued.append(len(world.enqueued))
        world.now += HOUR

    row = world.snapshots.rows[a_task().arn]
    assert enqueued == [0] * 48 + [2]  # Slack and mail
    assert [step.status for step in row.history] == ["QUEUED", "GONE"]
    assert row.snapshot.tags == a_task().tags  # the last known details


def test_a_resource_that_braket_knows_again_starts_over(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    for missing in (True, True, False, True, True):
        world.braket.knows[a_task().arn] = NotKnownError("no") if missing else a_task("RUNNING")
        world.now += DAY
        world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "RUNNING"
    assert world.enqueued == []


def test_a_resource_without_read_permission_is_not_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.braket.knows[a_task().arn] = UnreadableError("AccessDeniedException")
    for _ in range(9):
        world.now += DAY
        world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "QUEUED"


@pytest.mark.parametrize(
    "watched",
    [
        False,  # the task was open when its region was first watched
        True,  # it was submitted after, and no event came
    ],
)
def test_the_end_of_a_task_that_could_not_be_read_while_open_is_announced(
    world: TrackingWorld, a_task: ASnapshot, *, watched: bool
) -> None:
    if watched:
        world.relay_and_sweep()
    task = a_task("QUEUED", created_at=world.now + MINUTE if watched else world.now - DAY)
    world.braket.listed, world.braket.knows[task.arn] = [task], UnreadableError("AccessDeniedException")
    world.now += 2 * HOUR
    world.relay_and_sweep()
    world.braket.listed = None
    world.put_in_braket(replace(task, status="COMPLETED", ended_at=world.now + MINUTE))
    for passed in (2 * HOUR, TICK):
        world.now += passed
        world.relay_and_sweep()

    assert [step.status for step in world.snapshots.rows[task.arn].history] == ["QUEUED", "COMPLETED"]
    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_a_later_end_corrects_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.snapshots.record(a_task("QUEUED"), Step("QUEUED", None, "sweep"), announce=False, now=world.now)
    gone = replace(a_task("GONE"), degraded=True, ended_at=None)
    world.snapshots.record(gone, Step("GONE", None, "sweep"), announce=True, now=world.now)

    recorded = world.snapshots.record(a_task("FAILED"), Step("FAILED", None, "sweep"), announce=True, now=world.now)

    assert (recorded.moved, recorded.row.corrected) == (True, True)


# --- everything at once ------------------------------------------------------------------------------------------

#: A step: its kind, the number of one of five tasks, and a random number for its details.
steps = st.lists(
    st.tuples(
        st.sampled_from(["submit", "move", "move", "sweep", "sweep", "wait", "event"]),
        st.integers(0, 4),
        st.integers(0, 12),
    ),
    max_size=40,
)
LIFE = ("CREATED", "QUEUED", "RUNNING", "COMPLETED")


@settings(max_examples=300, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(steps=steps, seed=st.integers(0, 99))
def test_every_end_is_announced_once_however_search_fails(
    policy: Policy, watch: Watch, noon: datetime, a_task: ASnapshot, steps: list[tuple[str, int, int]], seed: int
) -> None:
    world = started(policy, watch, noon)
    world.braket = faulty = FaultyBraket(random=Random(seed))  # noqa: S311 - as above
    world.relay_and_sweep()
    for what, number, how in steps:
        task = faulty.knows.get(a_task(number=number).arn)
        if what == "submit" and task is None:
            world.put_in_braket(a_task("CREATED", number, created_at=world.now))
            if how % 3 == 0:
                faulty.unlisted.add(a_task(number=number).arn)
        elif what == "move" and isinstance(task, Snapshot) and not task.terminal:
            status = LIFE[min(LIFE.index(task.status) + 1 + how % 3, 3)]
            if how % 2:
                faulty.was.setdefault(task.arn, task)
            ended = world.now if status == "COMPLETED" else None
            world.put_in_braket(replace(task, status=status, ended_at=ended))
        elif what == "sweep":
            faulty.stops_after = how if number else 10**9
            faulty.stops_with = (LateError("cut"), BusyError("Throttling"))[how % 2]
            with suppress(BusyError):
                world.relay_and_sweep()
        elif what == "wait":
            world.now += (TICK, HOUR, 7 * HOUR)[how % 3]
    faulty.calm()
    for passed in (TICK, TICK, DAY, TICK):
        world.now += passed
        world.relay_and_sweep()

    ends = {each.arn for each in faulty.knows.values() if isinstance(each, Snapshot) and each.terminal}
    announced = [each for each in world.queues.contents if each.channel == "team-slack"]
    assert {each.transition.arn for each in announced} == ends
    assert {each.transition.status for each in announced} <= {"COMPLETED"}
    assert len(announced) == len(ends)
    left = world.snapshots.cursors[REGION]
    assert left == Cursor(watermark=world.now, swept_at=world.now, looked_back_at=left.looked_back_at)
