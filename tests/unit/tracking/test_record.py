"""A status change from the event or the sweep to the channel, with the memory adapters."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.channels import MemoryChannel
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.events import Watch
from braket_notifier.braket.rate_limit import QUOTAS, Bucket, RateLimiter, shares
from braket_notifier.cli.commands.redrive import redrive
from braket_notifier.deliver import deliver
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, QuotaShares, Route
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.errors import (
    BusyError,
    DeferError,
    LateError,
    MalformedEventError,
    NewerVersionError,
    RefusedError,
    TryLaterError,
    UnacknowledgedError,
    UnreadableError,
)
from braket_notifier.observe import observe
from braket_notifier.sending.channel_lease import take_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import LEASE
from braket_notifier.sending.retry import back_off_s
from braket_notifier.sweep import open_rows, relay
from braket_notifier.tracking.lookup import READERS
from braket_notifier.tracking.ports import Recorded
from tests.unit.tracking.tracking_world import TrackingWorld, started

ASnapshot = Callable[..., Snapshot]
AnEvent = Callable[..., dict[str, Any]]
ANotification = Callable[..., Notification]


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> TrackingWorld:
    return started(policy, watch, noon)


def test_a_completed_task_is_recorded_routed_and_enqueued(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.put_in_braket(a_task("COMPLETED"))

    world.observe(an_event("COMPLETED"))

    assert world.enqueued == [("team-slack", "COMPLETED")]
    assert world.queues.contents[0].transition.snapshot.tags == {"Name": "ghz-12"}  # Braket's answer, not the event
    assert world.snapshots.closed == {a_task().arn}


def test_an_unknown_word_of_a_task_that_no_route_matches_is_enqueued_and_the_task_is_routed_to_nobody(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.policy = replace(world.policy, routes=())
    world.put_in_braket(a_task("COMPLETED", tags={"notify": "zoe"}))

    world.observe(an_event("COMPLETED"), an_event("COMPLETED"))

    assert world.enqueued == [("team-slack", "UNKNOWN_WORD")]
    assert world.routed[0] == ("transition routed", "COMPLETED", [])
    assert world.snapshots.closed == {a_task().arn}


def test_duplicate_and_late_events_enqueue_nothing(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    world.put_in_braket(a_task("COMPLETED"))

    world.observe(an_event("COMPLETED"), an_event("COMPLETED"))
    world.observe(an_event("RUNNING"), an_event("CREATED"), an_event("COMPLETED"))

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_a_batch_reads_each_resource_once(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    world.put_in_braket(a_task("RUNNING"), a_task("RUNNING", number=2))

    world.observe(*[an_event("QUEUED", number) for number in (1, 2, 1, 2, 1)])

    assert sorted(str(arn) for arn in world.braket.reads) == [str(a_task().arn), str(a_task(number=2).arn)]


def test_a_malformed_event_does_not_stop_the_other_events_of_its_batch(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.put_in_braket(a_task("COMPLETED"))
    malformed, good = world.parse("{", an_event("COMPLETED"))
    prefetched = world.prefetch([malformed, good])

    with pytest.raises(MalformedEventError):
        observe(malformed, 1, prefetched, world.ports)
    observe(good, 1, prefetched, world.ports)

    assert world.enqueued == [("team-slack", "COMPLETED")]


@pytest.mark.parametrize(
    "error", [UnreadableError("AccessDeniedException"), UnreadableError("ResourceNotFoundException")]
)
def test_an_event_alone_is_announced_if_braket_never_answers(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent, error: Exception
) -> None:
    world.braket.knows[a_task().arn] = error

    with pytest.raises(DeferError):
        world.observe(an_event("FAILED"), receives=1)
    world.observe(an_event("FAILED"), receives=4)

    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]
    assert world.queues.contents[0].transition.snapshot.degraded


def test_an_event_without_a_status_is_not_announced_until_braket_answers(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    """Braket documents an event's status as optional, and the notifier never guesses one."""
    event = an_event()
    del event["detail"]["status"]
    world.braket.knows[a_task().arn] = UnreadableError("ResourceNotFoundException")
    world.observe(event, receives=4)
    enqueued_after_the_event = list(world.enqueued)
    world.put_in_braket(a_task("FAILED"))

    world.relay_and_sweep()

    assert enqueued_after_the_event == []
    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_an_event_waits_at_each_receive_while_braket_is_busy(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.braket.knows[a_task().arn] = BusyError("ThrottlingException")

    waits = []
    for receives in range(1, 101):
        with pytest.raises(DeferError) as deferred:
            world.observe(an_event("FAILED"), receives=receives)
        waits.append(deferred.value.seconds)

    assert waits[:3] == [5, 10, 20]
    assert max(waits) == 900
    assert sum(waits) > 20 * 3600  # receives are counted, and an outage may last hours
    assert world.enqueued == []


def test_no_read_begins_after_the_time_and_the_event_is_deferred(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.put_in_braket(a_task("COMPLETED"))
    (event,) = world.parse(an_event("COMPLETED"))

    prefetched = world.prefetch([event], out_of_time=lambda: True)

    with pytest.raises(DeferError, match="no time"):
        observe(event, 1, prefetched, world.ports)
    assert world.braket.reads == []


def test_an_unexpected_error_of_a_read_fails_its_own_record_only(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.braket.knows = {a_task().arn: RuntimeError("a defect"), a_task(number=2).arn: a_task("COMPLETED", 2)}
    first, second = world.parse(an_event("COMPLETED", 1), an_event("COMPLETED", 2))
    prefetched = world.prefetch([first, second])

    with pytest.raises(RuntimeError, match="a defect"):
        observe(first, 1, prefetched, world.ports)
    observe(second, 1, prefetched, world.ports)

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_one_correction_between_ends_is_announced_and_no_second(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    for status in ("FAILED", "COMPLETED", "CANCELLED"):
        world.put_in_braket(a_task(status))
        world.observe(an_event(status))

    slack = [each for each in world.queues.contents if each.channel == "team-slack"]

    assert [(each.transition.status, each.transition.correction) for each in slack] == [
        ("FAILED", False),
        ("COMPLETED", True),
    ]


def test_an_end_before_the_region_was_watched_is_not_announced(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.snapshots.starts["eu-north-1"] = world.now
    world.put_in_braket(a_task("COMPLETED", ended_at=world.now - timedelta(hours=1)))

    world.observe(an_event("COMPLETED"))

    assert world.enqueued == []
    assert world.snapshots.closed == {a_task().arn}


def test_the_first_event_of_a_region_is_announced(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    """The event proves that the rule existed before, even if no function had run."""
    world.snapshots.starts.clear()
    world.put_in_braket(a_task("COMPLETED", ended_at=world.now - timedelta(seconds=3)))

    world.observe(an_event("COMPLETED"))

    assert world.enqueued == [("team-slack", "COMPLETED")]


@pytest.mark.parametrize("sweeps_first", [False, True])
def test_ends_whose_events_waited_until_the_functions_could_run_are_announced(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent, sweeps_first: bool
) -> None:
    """Seen: ten FAILED in the hour before the first invocation, one announced."""
    world.snapshots.starts.clear()
    ends = {number: world.now - number * timedelta(minutes=6) for number in range(1, 11)}
    failed = [a_task("FAILED", number, created_at=world.now, ended_at=at) for number, at in ends.items()]
    world.put_in_braket(*failed)
    world.braket.listed = failed  # Search lists all of them to the first sweep
    events = [an_event("FAILED", number, time=at.isoformat()) for number, at in ends.items()]
    if sweeps_first:
        world.sweep()

    world.observe(*events)
    world.observe(*events)

    announced = {each.transition.arn for each in world.queues.contents}
    assert announced == {each.arn for each in failed}
    assert world.enqueued.count(("team-slack", "FAILED")) == 10 + 10 * sweeps_first  # the ledger drops the repeats
    assert world.snapshots.closed == announced


def test_an_installation_over_thousands_of_ended_resources_announces_none(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.snapshots.starts.clear()
    old = {"created_at": world.now - timedelta(days=9), "ended_at": world.now - timedelta(hours=1)}
    world.braket.listed = [a_task("COMPLETED", number, **old) for number in range(3000)]  # even if Search lists all
    world.put_in_braket(*world.braket.listed)

    first = world.sweep()
    world.observe(*[an_event("COMPLETED", number) for number in range(0, 3000, 100)])

    assert first.first
    assert world.enqueued == []
    assert not world.sweep().first


@pytest.mark.parametrize(("minutes_old", "channels"), [(14, []), (16, ["team-slack", "mail"])])
def test_an_unreadable_resource_is_announced_from_its_last_listing(
    world: TrackingWorld, a_task: ASnapshot, minutes_old: int, channels: list[str]
) -> None:
    world.watermark = world.now - timedelta(minutes=5)
    world.braket.listed = [a_task("FAILED", created_at=world.now - timedelta(minutes=minutes_old))]

    world.relay_and_sweep()

    assert [each.channel for each in world.queues.contents] == channels
    assert all(each.transition.snapshot.degraded for each in world.queues.contents)


def test_an_incomplete_sweep_looks_back_to_the_region_s_start(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.snapshots.starts["eu-north-1"] = world.now - timedelta(hours=2)  # Braket throttled every sweep since
    world.put_in_braket(a_task("COMPLETED", created_at=world.now - timedelta(hours=1), ended_at=world.now))

    world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_the_sweep_finds_what_events_missed(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.watermark = world.now - timedelta(minutes=5)
    recent = {"created_at": world.now - timedelta(minutes=3), "ended_at": world.now - timedelta(minutes=1)}
    world.put_in_braket(a_task("COMPLETED", **recent))

    assert world.relay_and_sweep() == 1
    assert world.enqueued == [("team-slack", "COMPLETED")]
    assert world.queues.contents[0].transition.source == "sweep"


def test_an_end_between_the_first_event_and_the_first_sweep_is_announced(
    world: TrackingWorld, a_task: ASnapshot
) -> None:
    world.put_in_braket(a_task("COMPLETED", created_at=world.now - timedelta(minutes=3)))

    world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_an_end_just_before_the_first_sweep_is_not_announced(world: TrackingWorld, a_task: ASnapshot) -> None:
    """No event proves that the rule existed at that time."""
    world.snapshots.starts.clear()
    just = {"created_at": world.now - timedelta(minutes=3), "ended_at": world.now - timedelta(seconds=3)}
    world.put_in_braket(a_task("COMPLETED", **just))

    world.relay_and_sweep()

    assert world.enqueued == []


def test_a_region_is_watched_from_its_first_sweep_even_if_nothing_was_there(world: TrackingWorld) -> None:
    world.snapshots.starts.clear()

    world.relay_and_sweep()

    assert world.snapshots.starts == {"eu-north-1": world.now}


def test_the_sweep_finds_the_end_of_an_open_resource(world: TrackingWorld, a_task: ASnapshot) -> None:
    """Search no longer lists an old task after its end, because the task is neither open nor new."""
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.put_in_braket(a_task("COMPLETED"))

    world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_a_resource_open_at_the_first_sweep_is_announced_at_its_next_status(
    world: TrackingWorld, a_job: ASnapshot
) -> None:
    recent = {"created_at": world.now - timedelta(minutes=5)}
    world.put_in_braket(a_job("RUNNING", **recent))
    world.relay_and_sweep()
    first = list(world.enqueued)
    world.put_in_braket(a_job("COMPLETED", **recent))

    world.relay_and_sweep()

    assert first == []
    assert world.enqueued == [("team-slack", "COMPLETED"), ("mail", "COMPLETED")]


@pytest.mark.parametrize("error", [BusyError("ThrottlingException"), ValueError("odd")])
@pytest.mark.parametrize("count", [1, 3 * READERS])
def test_what_the_first_sweep_could_not_read_while_it_was_open_is_announced_when_it_ends(
    world: TrackingWorld, a_task: ASnapshot, error: Exception, count: int
) -> None:
    """Seen: its event was lost, and Search lists an old task only until it ends."""
    listed = first_sweep_fails(world, a_task, error, count)
    world.put_in_braket(*[replace(each, status="COMPLETED", ended_at=world.now) for each in listed])
    world.braket.listed = []

    world.sweep()

    assert world.enqueued == [("team-slack", "COMPLETED")] * count


def test_what_the_first_sweep_could_not_read_is_read_by_the_next_one_and_no_news(
    world: TrackingWorld, a_task: ASnapshot
) -> None:
    world.policy = replace(world.policy, routes=(Route(("team-slack",)),))
    listed = first_sweep_fails(world, a_task, BusyError("ThrottlingException"), 3 * READERS)
    assert len(world.braket.reads) == READERS  # a busy Braket is asked no more
    full = [replace(each, tags={"owner": "anna"}) for each in listed]
    world.put_in_braket(*full)

    world.sweep()

    assert world.enqueued == []
    assert [row.snapshot for row in world.snapshots.rows.values()] == full


@pytest.mark.parametrize("sweeps", [1, 2])
def test_what_a_long_first_pass_has_not_read_yet_is_announced_when_it_ends(
    world: TrackingWorld, a_task: ASnapshot, sweeps: int
) -> None:
    """Seen: with 3,000 open tasks of before the first sweep it reads a third of them, and the others had no row."""
    world.snapshots.starts.clear()
    listed = [a_task("QUEUED", number, created_at=world.now - timedelta(hours=5)) for number in range(6 * READERS)]
    world.put_in_braket(*listed)
    for _ in range(sweeps):
        most = len(world.braket.reads) + READERS
        world.sweep(lambda: 60.0 if len(world.braket.reads) < most else 30.0)  # noqa: B023 - called in this turn alone
        world.now += timedelta(minutes=5)
    reads = len(world.braket.reads)
    world.put_in_braket(*[replace(each, status="COMPLETED", ended_at=world.now) for each in listed])
    world.braket.listed = []

    world.sweep()

    assert reads == sweeps * READERS
    assert world.enqueued == [("team-slack", "COMPLETED")] * len(listed)


@pytest.mark.parametrize("error", [NewerVersionError("of a newer version"), ValueError("odd")])
def test_a_row_that_cannot_be_written_in_the_first_sweep_stops_no_other(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    world.snapshots.starts.clear()
    created, record = world.now - timedelta(hours=5), world.snapshots.record
    job, tasks = a_job("RUNNING", created_at=created), [a_task("QUEUED", each, created_at=created) for each in range(3)]
    world.put_in_braket(job, *tasks)

    def refusing(snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        if snapshot.arn == job.arn:
            raise error
        return record(snapshot, step, announce=announce, now=now)

    monkeypatch.setattr(world.snapshots, "record", refusing)
    with suppress(ExceptionGroup):
        world.sweep()

    assert world.snapshots.rows.keys() == {each.arn for each in tasks}
    assert bool(world.watermark) == isinstance(error, NewerVersionError)  # otherwise the next sweep tries it again


def test_remembering_what_a_busy_braket_did_not_show_ends_when_no_time_is_left(
    world: TrackingWorld, a_task: ASnapshot
) -> None:
    """Seen: with thousands of open tasks it used the time that is reserved for the sweep's end."""
    first_sweep_fails(
        world, a_task, BusyError("ThrottlingException"), 9 * READERS, lambda: 300.0 * (len(world.snapshots.rows) < 15)
    )

    assert 15 <= len(world.snapshots.rows) <= 15 + READERS


def first_sweep_fails(
    world: TrackingWorld,
    a_task: ASnapshot,
    error: Exception,
    count: int,
    left_s: Callable[[], float] = lambda: 300.0,
) -> list[Snapshot]:
    """Open tasks of before the first sweep, which lists them, and to which Braket shows none."""
    world.snapshots.starts.clear()
    created = world.now - timedelta(hours=5)
    listed = [a_task("QUEUED", number, created_at=created) for number in range(count)]
    world.braket.knows, world.braket.listed = {each.arn: error for each in listed}, listed
    with pytest.raises((BusyError, ExceptionGroup)):
        world.sweep(left_s)
    world.now += timedelta(minutes=5)
    return listed


def test_a_sweep_reads_only_changed_resources(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.put_in_braket(*[a_task("QUEUED", number) for number in range(1, 51)])
    world.relay_and_sweep()
    world.braket.reads.clear()
    world.put_in_braket(a_task("RUNNING", 7))

    world.relay_and_sweep()

    assert world.braket.reads == [a_task(number=7).arn]


def test_a_sweep_reads_no_resource_with_a_known_status(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    recent = {"created_at": world.now - timedelta(minutes=5)}
    world.put_in_braket(a_task("COMPLETED", **recent), a_job("RUNNING", **recent))
    world.relay_and_sweep()
    world.braket.reads.clear()
    world.now += timedelta(hours=2)  # the job is too old for the sweep's own range
    world.watermark = world.now

    world.relay_and_sweep()
    world.watermark = world.now - timedelta(hours=3)  # Search lists old ends again
    world.relay_and_sweep()

    assert set(world.braket.reads) == {a_job().arn}  # an open job is refreshed


@pytest.mark.parametrize("statuses", [("QUEUED", "RUNNING"), ("RUNNING", "QUEUED")])
def test_a_sweep_reads_a_resource_that_is_listed_before_and_after_its_change(
    world: TrackingWorld, a_task: ASnapshot, statuses: tuple[str, str]
) -> None:
    world.put_in_braket(a_task("QUEUED"))
    world.relay_and_sweep()
    world.braket.reads.clear()
    world.put_in_braket(a_task("RUNNING"))
    world.braket.listed = [a_task(status) for status in statuses]

    world.relay_and_sweep()

    assert world.braket.reads == [a_task().arn]


def test_a_sweep_looks_up_the_ranks_of_listed_resources_without_an_open_row_only(
    world: TrackingWorld, a_task: ASnapshot
) -> None:
    @dataclass
    class CountedSnapshots(MemorySnapshots):
        looked_up: list[Arn] = field(default_factory=list)

        def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
            self.looked_up += arns
            return super().ranks(arns)

    world.snapshots = counted = CountedSnapshots(starts=world.snapshots.starts)
    world.put_in_braket(a_task("QUEUED", 1), a_task("QUEUED", 2))
    world.relay_and_sweep()
    counted.looked_up.clear()
    world.put_in_braket(a_task("QUEUED", 3))

    world.relay_and_sweep()

    assert counted.looked_up == [a_task(number=3).arn]


def test_a_sweep_does_not_read_an_undispatched_end(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    world.watermark = world.now
    world.put_in_braket(a_task("COMPLETED"))
    with pytest.raises(SystemExit):
        replace(world, queues=CrashingQueues()).observe(an_event("COMPLETED"))
    world.braket.reads.clear()

    world.relay_and_sweep()

    assert world.braket.reads == []


def test_the_next_sweep_looks_back_to_where_this_one_began(
    world: TrackingWorld, a_task: ASnapshot, noon: datetime
) -> None:
    """A resource submitted during a search may be missing from its answers."""
    world.put_in_braket(a_task("QUEUED"))

    def takes_a_minute() -> float:
        world.now += timedelta(minutes=1)
        return 300.0

    world.relay_and_sweep(takes_a_minute)

    assert world.watermark == noon


def test_a_sweep_that_is_cut_short_looks_as_far_back_again(
    world: TrackingWorld, a_task: ASnapshot, noon: datetime
) -> None:
    world.watermark = noon - timedelta(hours=1)
    world.put_in_braket(a_task("QUEUED"))

    world.relay_and_sweep(lambda: 19.0)

    assert world.watermark == noon - timedelta(hours=1)


def test_a_busy_braket_ends_the_sweep_and_leaves_the_watermark(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.braket.listed = [a_task("QUEUED")]
    world.braket.knows[a_task().arn] = BusyError("ThrottlingException")

    with pytest.raises(BusyError):
        world.relay_and_sweep()

    assert world.watermark is None


@pytest.mark.parametrize("trouble", [BusyError("InternalServiceException"), RuntimeError("a defect")])
def test_a_resource_that_always_fails_stops_no_other(
    world: TrackingWorld, a_task: ASnapshot, noon: datetime, trouble: Exception
) -> None:
    world.watermark = noon - timedelta(minutes=5)
    world.braket.listed = [a_task("RUNNING", number) for number in (1, 2, 3)]
    world.put_in_braket(*world.braket.listed)
    world.braket.knows[a_task(number=1).arn] = trouble

    with pytest.raises((type(trouble), ExceptionGroup)):
        world.relay_and_sweep()

    assert set(world.snapshots.rows) == {a_task(number=2).arn, a_task(number=3).arn}
    assert world.watermark == noon - timedelta(minutes=5)  # the pass was not complete


def test_a_sweep_stops_reading_a_busy_braket(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.braket.listed = [a_task("RUNNING", number) for number in range(50)]
    world.braket.knows = {each.arn: BusyError("ThrottlingException") for each in world.braket.listed}

    with pytest.raises(BusyError):
        world.relay_and_sweep()

    assert len(world.braket.reads) == READERS  # one batch of parallel reads


def test_a_row_that_cannot_be_enqueued_stops_no_other(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.put_in_braket(*[a_task("COMPLETED", number) for number in (1, 2, 3)])
    for number in (1, 2, 3):
        with pytest.raises(SystemExit):
            replace(world, queues=CrashingQueues()).observe(an_event("COMPLETED", number))
    world.now += timedelta(minutes=2)
    poison = replace(world.snapshots.rows[a_task(number=1).arn], dispatched=-9)
    world.snapshots.rows[a_task(number=1).arn] = poison

    with pytest.raises(ExceptionGroup):
        relay(world.ports, open_rows(world.ports))

    assert sorted(str(each.transition.arn) for each in world.queues.contents) == [
        str(a_task(number=number).arn) for number in (2, 3)
    ]


def test_a_new_resource_listed_before_get_knows_it_is_recorded_later(world: TrackingWorld, a_task: ASnapshot) -> None:
    world.braket.listed = [a_task("CREATED", created_at=world.now)]

    assert world.relay_and_sweep() == 0


class CrashingQueues(MemoryQueue[Notification]):
    """Queues whose process ends before anything is put."""

    def enqueue(self, notifications: object) -> None:  # noqa: ARG002 - the process ends first
        raise SystemExit


@pytest.mark.parametrize("repair", ["a duplicate", "the next sweep"])
def test_a_transition_recorded_before_a_crash_is_enqueued_later(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent, repair: str
) -> None:
    world.put_in_braket(a_task("COMPLETED"))
    crashing = replace(world, queues=CrashingQueues())
    with pytest.raises(SystemExit):
        crashing.observe(an_event("COMPLETED"))
    world.now += timedelta(minutes=2)

    if repair == "a duplicate":
        world.observe(an_event("COMPLETED"))
    else:
        world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "COMPLETED")]


def test_an_old_end_recorded_before_a_crash_does_not_stay_open(world: TrackingWorld, a_task: ASnapshot) -> None:
    """Otherwise it would never expire, and every sweep would list jobs back to its creation."""
    old = a_task("COMPLETED", ended_at=world.now - timedelta(days=2))
    world.snapshots.record(old, Step("COMPLETED", old.ended_at, "sweep"), announce=False, now=world.now)
    world.now += timedelta(minutes=2)

    relay(world.ports, open_rows(world.ports))

    assert world.snapshots.closed == {old.arn}
    assert world.enqueued == []


def test_a_recent_undispatched_row_is_not_relayed(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    world.put_in_braket(a_task("COMPLETED"))
    with pytest.raises(SystemExit):
        replace(world, queues=CrashingQueues()).observe(an_event("COMPLETED"))

    assert relay(world.ports, open_rows(world.ports)) == 0


# --- deliver -----------------------------------------------------------------------------------------------------


def delivers(
    notification: Notification, channel: MemoryChannel, ledger: MemoryLedger, now: datetime, owner: str = "me"
) -> int:
    return deliver(notification, Sender(channel, ledger, lambda: now, lambda: 60.0), owner).notifications


def test_a_notification_is_sent_once_however_often_it_is_enqueued(
    a_notification: ANotification, noon: datetime
) -> None:
    channel, ledger = MemoryChannel(), MemoryLedger()

    sent = [delivers(a_notification(), channel, ledger, noon, owner) for owner in ("one", "two", "three")]

    assert sent == [1, 0, 0]
    assert len(channel.taken) == 1


def test_a_held_claim_defers_other_deliveries_until_its_lease_ends(
    a_notification: ANotification, noon: datetime
) -> None:
    channel, ledger = MemoryChannel(), MemoryLedger()
    ledger.claim(a_notification(), owner="another", now=noon)

    with pytest.raises(DeferError) as deferred:
        delivers(a_notification(), channel, ledger, noon)
    delivers(a_notification(), channel, ledger, noon + LEASE + timedelta(seconds=1))

    assert deferred.value.seconds >= LEASE.seconds
    assert [may_repeat for _, may_repeat in channel.taken] == [True]  # the first owner may have sent it


@pytest.mark.parametrize(
    ("failure", "waits", "may_repeat"),
    [
        (TryLaterError("429", after_s=30), range(30, 32), False),
        (TryLaterError("connection refused"), range(1, 3), False),
        (UnacknowledgedError("reset"), range(LEASE.seconds, LEASE.seconds + 1), True),
    ],
)
def test_a_failure_waits_and_only_a_lost_acknowledgement_may_repeat(
    a_notification: ANotification, noon: datetime, failure: Exception, waits: range, may_repeat: bool
) -> None:
    channel, ledger = MemoryChannel(raises=[failure]), MemoryLedger()
    with pytest.raises(DeferError) as deferred:
        delivers(a_notification(), channel, ledger, noon, "one")

    delivers(a_notification(), channel, ledger, noon + timedelta(seconds=deferred.value.seconds + 1), "two")

    assert deferred.value.seconds in waits
    assert channel.taken == [(a_notification(), may_repeat)]


def test_doubt_about_an_early_attempt_is_kept(a_notification: ANotification, noon: datetime) -> None:
    channel, ledger = (
        MemoryChannel(raises=[UnacknowledgedError("reset"), TryLaterError("429", after_s=1)]),
        MemoryLedger(),
    )

    for minute in range(2):
        with pytest.raises(DeferError):
            delivers(a_notification(), channel, ledger, noon + timedelta(minutes=minute), f"owner {minute}")
    delivers(a_notification(), channel, ledger, noon + timedelta(minutes=2), "last")

    assert channel.taken == [(a_notification(), True)]


def test_a_refused_notification_is_not_sent_again(a_notification: ANotification, noon: datetime) -> None:
    channel, ledger = MemoryChannel(raises=[RefusedError("channel_not_found")]), MemoryLedger()

    with pytest.raises(RefusedError):
        delivers(a_notification(), channel, ledger, noon)

    with pytest.raises(RefusedError, match="channel_not_found"):  # so that its record is kept too
        delivers(a_notification(), channel, ledger, noon + timedelta(days=1))
    assert ledger.rows[a_notification().id].reason == "channel_not_found"


def test_no_notification_is_claimed_with_too_little_time_left(a_notification: ANotification, noon: datetime) -> None:
    """A send interrupted by Lambda would leave a doubt."""
    ledger = MemoryLedger()

    with pytest.raises(DeferError, match="time"):
        deliver(a_notification(), Sender(MemoryChannel(), ledger, lambda: noon, lambda: 14.9), "me")

    assert ledger.rows == {}


def test_a_notification_without_the_lease_is_deferred_for_seconds(a_notification: ANotification) -> None:
    """The function has waited for the lease before this call."""
    with pytest.raises(DeferError, match="another sender") as deferred:
        deliver(a_notification(), None, "me")

    assert deferred.value.seconds <= 2


def test_a_channel_that_asked_to_wait_gets_no_claim_before_the_wait_ends(
    a_notification: ANotification, noon: datetime
) -> None:
    ledger, leases = MemoryLedger(), MemoryChannelLeases()
    lease = take_lease(leases, "team-slack", timedelta(seconds=1), "me", lambda: noon, lambda _: None)
    sender = Sender(MemoryChannel(raises=[TryLaterError("429", after_s=30)]), ledger, lambda: noon, lambda: 60.0, lease)

    with pytest.raises(DeferError, match="429"):
        deliver(a_notification(), sender, "one")
    with pytest.raises(DeferError, match=r"the channel is down since .* 429") as deferred:
        deliver(a_notification(number=2), sender, "two")

    assert deferred.value.seconds == 31
    assert list(ledger.rows) == [a_notification().id]


def test_ten_sends_without_an_acknowledgement_take_more_than_a_day_and_are_the_last(
    a_notification: ANotification, noon: datetime
) -> None:
    """Each may be a message that people see, but a service may fail in its sends alone for a day."""
    channel, ledger = MemoryChannel(raises=[UnacknowledgedError("reset")] * 10), MemoryLedger()
    waits: list[int] = []
    for attempt in range(9):
        with pytest.raises(DeferError) as deferred:
            delivers(a_notification(), channel, ledger, noon + timedelta(seconds=sum(waits)), f"{attempt}")
        waits.append(deferred.value.seconds)

    with pytest.raises(RefusedError, match="10 attempts"):
        delivers(a_notification(), channel, ledger, noon + timedelta(seconds=sum(waits)), "last")

    assert channel.taken == []
    assert ledger.rows[a_notification().id].state == "UNDELIVERED"
    assert waits[0] == LEASE.seconds
    assert waits == sorted(waits)
    assert sum(waits) > 24 * 3600


def test_a_rate_limited_notification_is_never_in_doubt(a_notification: ANotification, noon: datetime) -> None:
    channel, ledger = MemoryChannel(raises=[TryLaterError("429", after_s=1)] * 50), MemoryLedger()
    for attempt in range(50):
        with pytest.raises(DeferError):
            delivers(a_notification(), channel, ledger, noon, f"{attempt}")

    assert delivers(a_notification(), channel, ledger, noon, "last")
    assert channel.taken == [(a_notification(), False)]


def refused_until(
    end: datetime, a_notification: ANotification, ledger: MemoryLedger, noon: datetime
) -> tuple[datetime, Exception]:
    """Try a notification whenever it is due; returns the last time and its error."""
    now = noon
    while True:
        with pytest.raises((DeferError, RefusedError)) as raised:
            delivers(a_notification(), MemoryChannel(raises=[TryLaterError("refused")]), ledger, now, f"{now}")
        if not isinstance(raised.value, DeferError) or now >= end:
            return now, raised.value
        now += timedelta(seconds=raised.value.seconds)


def test_after_72_hours_of_attempts_a_notification_is_given_up_and_a_redrive_begins_anew(
    a_notification: ANotification, noon: datetime
) -> None:
    channel, ledger, queues = MemoryChannel(), MemoryLedger(), MemoryQueue[Notification]()
    late, error = refused_until(noon + timedelta(days=9), a_notification, ledger, noon)

    redriven = redrive(ledger.all_undelivered(), ledger, queues, lambda: late)
    sent = [delivers(each, channel, ledger, late, "three") for each in queues.contents]
    again = redrive(ledger.all_undelivered(), ledger, queues, lambda: late)

    assert isinstance(error, RefusedError)
    assert timedelta(hours=72) < late - noon <= timedelta(hours=73)
    assert (redriven, sent, again) == (1, [1], 0)
    assert channel.taken == [(a_notification(), False)]


@pytest.mark.parametrize("hours", [96, 200, 400])
def test_time_in_which_nobody_tried_gives_nothing_up(a_notification: ANotification, noon: datetime, hours: int) -> None:
    """A 429 was followed by a mute of four days, or the function did not run for a week or more."""
    channel, ledger = MemoryChannel(raises=[TryLaterError("429")] * 2), MemoryLedger()
    for now in (noon, noon + timedelta(hours=hours)):
        with pytest.raises(DeferError):
            delivers(a_notification(), channel, ledger, now, f"{now}")

    assert delivers(a_notification(), channel, ledger, noon + timedelta(hours=hours + 1), "last") == 1


def test_a_notification_is_given_up_after_twelve_days_in_which_its_channel_always_asked_for_hours(
    a_notification: ANotification, noon: datetime
) -> None:
    ledger, attempts = MemoryLedger(), 0
    error: Exception = DeferError(0, "not yet")
    while isinstance(error, DeferError):
        at = noon + attempts * timedelta(hours=12)
        channel = MemoryChannel(raises=[TryLaterError("429", after_s=11 * 3600)])
        with pytest.raises((DeferError, RefusedError)) as raised:
            delivers(a_notification(), channel, ledger, at, f"{attempts}")
        error, attempts = raised.value, attempts + 1

    assert str(error) == "not accepted for 12 days"
    assert attempts == 2 * 12 + 2


def test_the_back_off_doubles_up_to_fifteen_minutes(a_notification: ANotification) -> None:
    waits = [back_off_s(a_notification(), attempts) for attempts in range(1, 20)]

    assert waits == sorted(waits)
    assert waits[0] <= 2
    assert 0.75 * 900 <= waits[-1] <= 900


def test_two_resources_of_one_batch_keep_to_their_own_rows(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    world.put_in_braket(a_task("COMPLETED"), a_task("FAILED", number=2))

    world.observe(an_event("COMPLETED"), an_event("FAILED", 2))

    assert {arn: row.snapshot.status for arn, row in world.snapshots.rows.items()} == {
        a_task().arn: "COMPLETED",
        a_task(number=2).arn: "FAILED",
    }


# --- reads of Braket -----------------------------------------------------------------------------------------------


def test_a_task_is_read_twice_in_its_life(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    """At its first event, for its tags and its job, and at its end; no route matches the statuses between."""
    for status in ("CREATED", "QUEUED", "RUNNING", "COMPLETED"):
        world.put_in_braket(a_task(status))
        world.observe(an_event(status), an_event(status))

    assert world.braket.reads == [a_task().arn] * 2
    assert [step.status for step in world.snapshots.rows[a_task().arn].history] == [
        "CREATED",
        "QUEUED",
        "RUNNING",
        "COMPLETED",
    ]
    assert world.enqueued == [("team-slack", "COMPLETED")]
    assert not world.snapshots.rows[a_task().arn].snapshot.degraded


@pytest.mark.parametrize(
    ("known", "event", "reads"),
    [
        ("", "QUEUED", True),  # a new resource: events contain no tags and no jobArn
        ("QUEUED", "RUNNING", False),  # no route: the event alone moves the row
        ("QUEUED", "COMPLETED", True),  # an end
        ("QUEUED", "PAUSED", True),  # an unknown status is always announced
        ("RUNNING", "QUEUED", False),  # late
        ("COMPLETED", "COMPLETED", False),  # a duplicate
        ("COMPLETED", "RUNNING", False),  # late
        ("COMPLETED", "FAILED", True),  # another end, for which Braket's answer decides
    ],
)
def test_braket_is_read_only_where_its_answer_matters(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent, known: str, event: str, reads: bool
) -> None:
    if known:
        world.put_in_braket(a_task(known))
        world.observe(an_event(known))
        world.braket.reads.clear()
    world.put_in_braket(a_task(event, ended_at=world.now) if event == "PAUSED" else a_task(event))

    world.observe(an_event(event))

    assert world.braket.reads == ([a_task().arn] if reads else [])


def test_braket_is_read_for_a_status_with_a_route(world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent) -> None:
    world.policy = replace(world.policy, routes=(*world.policy.routes, Route(("mail",), status=("RUNNING",))))
    for status in ("QUEUED", "RUNNING"):
        world.put_in_braket(a_task(status))
        world.observe(an_event(status))

    assert world.braket.reads == [a_task().arn] * 2
    assert not world.queues.contents[0].transition.snapshot.degraded


@pytest.mark.parametrize(
    ("tags", "reads", "enqueued"),
    [
        ({"notify": "mail", "notify-on": "RUNNING"}, 2, [("mail", "RUNNING")]),
        ({"notify": "mail"}, 1, []),  # without notify-on, ends only
        ({"notify-on": "RUNNING"}, 1, []),  # no channel
        ({"notify": "nail", "notify-on": "RUNNING"}, 1, []),  # a name that no channel has
    ],
)
def test_braket_is_read_for_a_status_that_a_known_tag_names(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent, tags: dict[str, str], reads: int, enqueued: list[Any]
) -> None:
    for status in ("QUEUED", "RUNNING"):
        world.put_in_braket(a_task(status, tags=tags))
        world.observe(an_event(status))

    assert world.braket.reads == [a_task().arn] * reads
    assert world.enqueued == enqueued


def test_a_burst_of_a_thousand_ends_drains_at_our_rate_and_loses_none(
    world: TrackingWorld, a_task: ASnapshot, an_event: AnEvent
) -> None:
    """Two batches at once, each at its share, with a Braket that enforces its quota."""
    time, quota = [0.0], Bucket(QUOTAS["GetQuantumTask"], 0.0, 0.0)  # other callers have used up the burst
    rate_limiters = [RateLimiter(shares(QuotaShares(), "observe"), lambda: time[0], lambda _: None) for _ in range(2)]
    world.put_in_braket(*[a_task("COMPLETED", number) for number in range(1000)])
    events = world.parse(*[an_event("COMPLETED", number) for number in range(1000)])
    waiting = [(event, 1, 0.0) for event in events]
    throttled = 0
    while waiting:
        time[0] += 1
        for rate_limiter in rate_limiters:
            due = [each for each in waiting if each[2] <= time[0]][:100]
            for record in due:
                waiting.remove(record)
                event, receives, _ = record
                try:
                    rate_limiter.take("eu-north-1", "GetQuantumTask", iter([False, True]).__next__)
                    quota = quota.later(time[0])
                    throttled += quota.wait_s() > 0
                    quota = quota.spent()
                    observe(event, receives, world.prefetch([event]), world.ports)
                except LateError:
                    waiting.append((event, receives + 1, time[0] + 5))

    announced = [each.transition.arn for each in world.queues.contents]
    assert (len(announced), len(set(announced)), throttled) == (1000, 1000, 0)
    assert time[0] <= 2 * (1000 - 2 * 40) / 16  # a deferred event waits five seconds at a time
