"""The sweep over the memory adapters: situations one by one, then all of them at once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

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
from braket_notifier.sweep import SPAN, Swept, row_slices, time_slices
from braket_notifier.tracking.ports import CreatedRange, Cursor
from tests.unit.tracking.tracking_world import REGION, TrackingWorld, started

ASnapshot = Callable[..., Snapshot]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = 5 * MINUTE


@dataclass
class Fickle(MemoryBraket):
    """A Braket whose Search lags, leaves out, repeats and shuffles, and stops answering at some call."""

    was: dict[Any, Snapshot] = field(default_factory=dict)
    unlisted: set[Any] = field(default_factory=set)
    stops_after: int = 10**9
    stops_with: Exception = field(default_factory=lambda: LateError("cut"))
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - to be repeated, not to hide anything
    listings: list[tuple[str, CreatedRange]] = field(default_factory=list)

    def read(self, arn: Any) -> Snapshot:
        self._call()
        return super().read(arn)

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        self.listings.append(("open", window))
        return self._shuffled([e for e in self._fickle(region, "task", window) if not e.terminal])

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        self.listings.append((kind, window))
        return self._shuffled(self._fickle(region, kind, window))

    def _call(self) -> None:
        self.stops_after -= 1
        if self.stops_after < 0:
            raise self.stops_with

    def _fickle(self, region: str, kind: Kind, window: CreatedRange) -> list[Snapshot]:
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
    world.braket = Fickle()
    world.watermark = noon - TICK
    return world


@pytest.fixture
def fickle(world: TrackingWorld) -> Fickle:
    assert isinstance(world.braket, Fickle)
    return world.braket


# --- situations --------------------------------------------------------------------------------------------------


def test_a_task_created_and_ended_between_two_sweeps_is_told(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("FAILED", created_at=world.now - 3 * MINUTE, ended_at=world.now - MINUTE))

    world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_what_search_still_lists_as_it_was_changes_nothing(
    world: TrackingWorld, fickle: Fickle, a_task: ASnapshot
) -> None:
    world.put_in_braket(a_task("RUNNING"))
    world.relay_and_sweep()
    fickle.was[a_task().arn] = a_task("QUEUED")
    fickle.reads.clear()

    world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "RUNNING"
    assert fickle.reads == []


def test_a_task_that_moves_while_its_listing_is_read_is_not_taken_for_vanished(
    world: TrackingWorld, fickle: Fickle, a_task: ASnapshot
) -> None:
    """It left QUEUED before QUEUED was listed, and came to RUNNING after RUNNING was."""
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    fickle.unlisted.add(a_task().arn)

    world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "QUEUED"
    assert world.enqueued == []


def test_a_task_that_search_lists_hours_late_is_found_within_a_day(
    world: TrackingWorld, fickle: Fickle, a_task: ASnapshot
) -> None:
    world.put_in_braket(a_task("FAILED", created_at=world.now, ended_at=world.now + MINUTE))
    fickle.unlisted.add(a_task().arn)
    for _ in range(6):
        world.relay_and_sweep()
        world.now += HOUR
    fickle.calm()
    world.relay_and_sweep()
    too_late_for_the_window = list(world.enqueued)
    world.now += DAY

    world.relay_and_sweep()

    assert too_late_for_the_window == []
    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_the_look_back_is_made_once_a_day_and_goes_on_where_it_was_cut(world: TrackingWorld, fickle: Fickle) -> None:
    world.snapshots.starts[REGION] = world.now - 10 * DAY
    world.now += DAY
    world.watermark = world.now - TICK
    world.snapshots.cursors[REGION] = replace(world.snapshots.cursors[REGION], looked_back_at=world.now - DAY)
    fickle.stops_after = 3 + 5  # three listings of the sweep itself, and five of the look back

    world.relay_and_sweep()
    first, done = world.snapshots.cursors[REGION], list(fickle.listings)
    fickle.calm()
    fickle.listings.clear()
    world.relay_and_sweep()
    second, went_on = world.snapshots.cursors[REGION], list(fickle.listings)
    fickle.listings.clear()
    world.relay_and_sweep()

    assert (len(done), first.looked_back_to) == (3 + 6, world.now - timedelta(hours=48 - 12))
    assert second.looked_back_to is None
    assert first.looked_back_to is not None
    assert went_on[3] == ("task", CreatedRange(first.looked_back_to, first.looked_back_to + SPAN))
    assert len(went_on) == 3 + 2 * 6
    assert len(fickle.listings) == 3


@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize(
    "how", [LateError("the time is up"), BusyError("ThrottlingException"), RuntimeError("a defect")]
)
def test_wherever_a_run_is_cut_short_the_next_one_finds_everything(
    world: TrackingWorld, fickle: Fickle, a_task: ASnapshot, a_job: ASnapshot, calls: int, how: Exception
) -> None:
    """At any listing and at any question; nothing is believed to have vanished from a listing that was cut."""
    before = world.now - TICK
    recent = {"created_at": world.now - 2 * MINUTE, "ended_at": world.now}
    world.put_in_braket(a_task("QUEUED"), a_task("RUNNING", 2))
    world.relay_and_sweep()
    world.watermark = before
    world.put_in_braket(a_task("COMPLETED"), a_task("COMPLETED", 3, **recent), a_job("COMPLETED", **recent))
    fickle.stops_after, fickle.stops_with = calls, how

    with suppress(BusyError, ExceptionGroup):
        world.relay_and_sweep()
    cut_short = world.watermark == before
    fickle.calm()
    world.relay_and_sweep()

    assert cut_short
    assert sorted(set(world.enqueued)) == [("mail", "COMPLETED"), ("team-slack", "COMPLETED")]
    assert {each.transition.arn for each in world.queues.put} == {a_task().arn, a_task(number=3).arn, a_job().arn}
    assert world.watermark == world.now


def test_a_region_with_more_open_tasks_than_one_slice_holds_is_swept_over_several_runs(
    world: TrackingWorld, fickle: Fickle, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "SLICE_ROWS", 10)
    tasks = [a_task("QUEUED", number, created_at=world.now - 5 * HOUR + number * MINUTE) for number in range(35)]
    world.put_in_braket(*tasks)
    world.relay_and_sweep()
    before = world.watermark = world.now - TICK
    world.put_in_braket(*[replace(each, status="COMPLETED", ended_at=world.now) for each in tasks])
    fickle.listings.clear()
    reached = []
    for _ in range(12):
        fickle.stops_after = 14
        world.relay_and_sweep()
        reached.append(world.snapshots.cursors[REGION].reached)
        if world.watermark != before:
            break

    assert len(world.queues.put) == 35
    assert len(reached) > 2
    assert [each for each in reached if each] == sorted(each for each in reached if each)
    assert world.watermark == world.now


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


def test_an_outage_of_days_is_caught_up_with_in_slices(world: TrackingWorld, fickle: Fickle) -> None:
    world.watermark = world.now - 3 * DAY
    fickle.stops_after = 6

    world.relay_and_sweep()

    assert world.watermark is not None
    assert world.now - 3 * DAY < world.watermark < world.now - DAY
    assert len(time_slices(world.now - 3 * DAY, world.now)) == 12


def test_two_runs_of_one_region_do_not_overlap(world: TrackingWorld, fickle: Fickle) -> None:
    inner = list[Swept]()

    def meanwhile() -> float:
        if fickle.listings and not inner:
            inner.append(world.sweep(owner="another"))
        return 300.0

    outer = world.sweep(meanwhile, owner="one")

    assert (outer.held, [each.held for each in inner]) == (False, [True])


def test_a_run_that_died_keeps_others_away_no_longer_than_it_could_have_lived(world: TrackingWorld) -> None:
    world.snapshots.take_cursor(REGION, owner="dead", now=world.now, until=world.now + timedelta(seconds=310))

    held = world.sweep().held
    world.now += timedelta(seconds=311)

    assert held
    assert not world.sweep().held


@pytest.mark.parametrize("left_s", [19.9, 0.0])
def test_a_run_without_time_asks_nothing_and_gives_the_cursor_back(
    world: TrackingWorld, fickle: Fickle, left_s: float
) -> None:
    before = world.snapshots.cursors[REGION]

    world.relay_and_sweep(lambda: left_s)

    assert fickle.listings == []
    assert replace(world.snapshots.cursors[REGION], began=None) == before
    assert world.snapshots.held == {}


def test_a_region_added_later_announces_no_history(world: TrackingWorld, fickle: Fickle, a_task: ASnapshot) -> None:
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    ended = {"created_at": world.now - 10 * MINUTE, "ended_at": world.now - MINUTE}
    world.put_in_braket(*[a_task("FAILED", n, **ended) for n in range(20)], a_task("RUNNING", 99))
    fickle.stops_after = 9

    world.sweep()  # cut short
    fickle.calm()
    first = world.sweep().first
    world.now += DAY + HOUR
    world.relay_and_sweep()

    assert first
    assert world.enqueued == []


def test_a_month_of_history_is_told_only_if_the_settings_ask_for_it(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.policy = replace(world.policy, announce_existing=True)
    world.snapshots.starts.clear()
    world.snapshots.cursors.clear()
    days = {
        number: {"created_at": world.now - number * DAY, "ended_at": world.now - number * DAY} for number in (2, 31)
    }
    world.put_in_braket(*[a_task("FAILED", number, **times) for number, times in days.items()], a_task("RUNNING"))

    world.relay_and_sweep()

    assert {each.transition.arn for each in world.queues.put} == {a_task(number=2).arn}


# --- what rings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stops_with", "open_tasks", "swept"),
    [
        (None, 1, True),
        (LateError("the time is up"), 35, True),  # of four slices it has read some
        (LateError("the time is up"), 1, False),  # its one slice was not whole
        (BusyError("ThrottlingException"), 35, False),
        (RuntimeError("a defect"), 35, False),
    ],
)
def test_a_region_counts_as_swept_when_a_run_came_further_without_trouble(
    world: TrackingWorld,
    fickle: Fickle,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    stops_with: Exception | None,
    open_tasks: int,
    swept: bool,
) -> None:
    monkeypatch.setattr(sweep, "SLICE_ROWS", 10)
    earlier = {"created_at": world.now - HOUR}
    world.put_in_braket(*[a_task("QUEUED", number, **earlier) for number in range(open_tasks)])
    world.relay_and_sweep()
    world.now += TICK
    if stops_with:
        fickle.stops_after, fickle.stops_with = 3 if open_tasks > 1 else 2, stops_with

    with suppress(BusyError, ExceptionGroup):
        world.relay_and_sweep()

    assert (world.snapshots.swept([REGION]) == {REGION: world.now}) is swept


def test_the_region_that_has_waited_longest_for_its_sweep_is_the_silence(world: TrackingWorld) -> None:
    world.policy = replace(world.policy, regions=(REGION, "us-east-1", "us-west-1"))
    world.snapshots.cursors[REGION] = Cursor(swept_at=world.now - HOUR)
    world.snapshots.cursors["us-east-1"] = Cursor(swept_at=world.now - 3 * HOUR, watermark=world.now)
    world.snapshots.starts["us-west-1"] = world.now - 2 * HOUR  # and never swept since
    longest = [sweep.oldest_sweep_age(world.ports)]
    world.snapshots.cursors["us-east-1"] = Cursor(swept_at=world.now)
    longest.append(sweep.oldest_sweep_age(world.ports))

    assert longest == [3 * HOUR, 2 * HOUR]


# --- what Braket no longer knows ---------------------------------------------------------------------------------


def test_what_braket_has_not_known_three_times_a_day_apart_is_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.braket.knows.clear()
    told = []
    for _ in range(24 * 2 + 1):
        world.relay_and_sweep()
        told.append(len(world.enqueued))
        world.now += HOUR

    row = world.snapshots.rows[a_task().arn]
    assert told == [0] * 48 + [2]  # Slack and mail
    assert [step.status for step in row.history] == ["QUEUED", "GONE"]
    assert row.snapshot.tags == a_task().tags  # what was known of it


def test_what_braket_knows_again_is_not_on_its_way_out(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    for missing in (True, True, False, True, True):
        world.braket.knows[a_task().arn] = NotKnownError("no") if missing else a_task("RUNNING")
        world.now += DAY
        world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "RUNNING"
    assert world.enqueued == []


def test_what_nobody_may_read_is_not_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.braket.knows[a_task().arn] = UnreadableError("AccessDeniedException")
    for _ in range(9):
        world.now += DAY
        world.relay_and_sweep()

    assert world.snapshots.rows[a_task().arn].snapshot.status == "QUEUED"


def test_an_end_after_all_corrects_what_was_gone(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.snapshots.record(a_task("QUEUED"), Step("QUEUED", None, "sweep"), announce=False, now=world.now)
    gone = replace(a_task("GONE"), degraded=True, ended_at=None)
    world.snapshots.record(gone, Step("GONE", None, "sweep"), announce=True, now=world.now)

    recorded = world.snapshots.record(a_task("FAILED"), Step("FAILED", None, "sweep"), announce=True, now=world.now)

    assert (recorded.moved, recorded.row.corrected) == (True, True)


# --- everything at once ------------------------------------------------------------------------------------------

#: A step: what happens, to which of five tasks, and a number that says how.
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
def test_whatever_search_does_every_end_is_told_once_and_nothing_else(
    policy: Policy, watch: Watch, noon: datetime, a_task: ASnapshot, steps: list[tuple[str, int, int]], seed: int
) -> None:
    world = started(policy, watch, noon)
    world.braket = fickle = Fickle(random=Random(seed))  # noqa: S311 - as above
    world.relay_and_sweep()
    for what, number, how in steps:
        task = fickle.knows.get(a_task(number=number).arn)
        if what == "submit" and task is None:
            world.put_in_braket(a_task("CREATED", number, created_at=world.now))
            if how % 3 == 0:
                fickle.unlisted.add(a_task(number=number).arn)
        elif what == "move" and isinstance(task, Snapshot) and not task.terminal:
            status = LIFE[min(LIFE.index(task.status) + 1 + how % 3, 3)]
            if how % 2:
                fickle.was.setdefault(task.arn, task)
            ended = world.now if status == "COMPLETED" else None
            world.put_in_braket(replace(task, status=status, ended_at=ended))
        elif what == "sweep":
            fickle.stops_after = how if number else 10**9
            fickle.stops_with = (LateError("cut"), BusyError("Throttling"))[how % 2]
            with suppress(BusyError):
                world.relay_and_sweep()
        elif what == "wait":
            world.now += (TICK, HOUR, 7 * HOUR)[how % 3]
    fickle.calm()
    for passed in (TICK, TICK, DAY, TICK):
        world.now += passed
        world.relay_and_sweep()

    ends = {each.arn for each in fickle.knows.values() if isinstance(each, Snapshot) and each.terminal}
    told = [each for each in world.queues.put if each.channel == "team-slack"]
    assert {each.transition.arn for each in told} == ends
    assert {each.transition.status for each in told} <= {"COMPLETED"}
    assert len(told) == len(ends)
    left = world.snapshots.cursors[REGION]
    assert left == Cursor(watermark=world.now, swept_at=world.now, looked_back_at=left.looked_back_at)
