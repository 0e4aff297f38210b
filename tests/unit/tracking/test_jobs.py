"""Silent refreshes of running hybrid jobs, and the warning about failing ones."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.braket.events import Watch
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Children, JobEvent, Snapshot
from braket_notifier.sending.wire import decode, encode
from braket_notifier.tracking.detect import is_failing
from tests.unit.tracking.tracking_world import TrackingWorld, started

ASnapshot = Callable[..., Snapshot]
TICK = timedelta(minutes=5)


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime, a_job: ASnapshot) -> TrackingWorld:
    """Build an installation in which a job was open when the region was first watched."""
    world = started(policy, watch, noon)
    world.put_in_braket(a_job("RUNNING"))
    world.relay_and_sweep()
    return world


def ends(world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, **statuses: int) -> None:
    """Add some of the job's quantum tasks in each status, and sweep."""
    first = len(world.braket.knows)
    each = [status for status, count in statuses.items() for _ in range(count)]
    times = {"created_at": world.now, "job_arn": a_job().arn.text}
    ended = {"ended_at": world.now}
    for number, status in enumerate(each, first):
        world.put_in_braket(a_task(status, number, **times, **(ended if status != "RUNNING" else {})))


def refreshed(world: TrackingWorld) -> list[Notification]:
    return [each for each in world.queues.contents if each.refresh]


def warned(world: TrackingWorld) -> list[Notification]:
    return [each for each in world.queues.contents if each.transition.status == FAILING and not each.refresh]


def test_new_details_of_a_running_job_are_a_silent_refresh_for_slack_alone(
    world: TrackingWorld, a_job: ASnapshot, noon: datetime
) -> None:
    event = JobEvent("RUNNING", noon, "the job runs")
    world.put_in_braket(a_job("RUNNING", events=(event,)))

    world.relay_and_sweep()

    (put,) = world.queues.contents
    assert (put.channel, put.silent, put.refresh, put.transition.status) == ("team-slack", True, True, "RUNNING")
    assert put.transition.snapshot.events == (event,)
    assert decode(encode(put)) == put


def test_a_refresh_and_a_warning_are_reported_with_their_channels(
    world: TrackingWorld, a_job: ASnapshot, a_task: ASnapshot
) -> None:
    ends(world, a_task, a_job, COMPLETED=3, FAILED=2)
    world.routed.clear()

    world.relay_and_sweep()

    of_job = [each for each in world.routed if each[1] in {"RUNNING", FAILING}]
    assert of_job == [
        ("hybrid job refreshed", "RUNNING", ["team-slack"]),
        ("warning routed", FAILING, ["team-slack", "mail"]),
    ]


def test_an_unchanged_job_is_neither_written_nor_enqueued(world: TrackingWorld) -> None:
    rows = dict(world.snapshots.rows)

    world.relay_and_sweep()

    assert world.queues.contents == []
    assert world.snapshots.rows == rows


def test_a_job_s_own_tasks_are_counted_on_its_card(world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot) -> None:
    ends(world, a_task, a_job, COMPLETED=3, RUNNING=2)

    world.relay_and_sweep()

    assert [each.transition.snapshot.children for each in refreshed(world)] == [Children(5, completed=3)]
    assert world.enqueued == [("team-slack", "RUNNING")]  # the job's own tasks are not announced
    row = world.snapshots.rows[a_job().arn]
    assert (row.snapshot.children, row.version) == (Children(5, completed=3), 1)


def test_a_failing_job_is_announced_in_the_channels_of_its_failure(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    ends(world, a_task, a_job, COMPLETED=4, FAILED=1)

    world.relay_and_sweep()
    warnings = warned(world)
    world.now += TICK
    ends(world, a_task, a_job, FAILED=1)
    world.relay_and_sweep()

    again = warned(world)
    assert [(each.channel, each.silent, each.refresh) for each in warnings] == [
        ("team-slack", False, False),
        ("mail", False, False),
    ]
    assert warnings[0].transition.snapshot.status == "RUNNING"
    assert {each.id for each in again} == {each.id for each in warnings}  # which the ledger delivers once


@pytest.mark.parametrize("recovers", [0, 30])
def test_a_route_for_failed_alone_that_sent_is_failing_also_sends_how_the_job_ended(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, recovers: int
) -> None:
    """The default route to e-mail is for FAILED alone; the job completes."""
    ends(world, a_task, a_job, COMPLETED=4, FAILED=1)
    world.relay_and_sweep()
    ends(world, a_task, a_job, COMPLETED=recovers)
    world.relay_and_sweep()
    world.put_in_braket(a_job("COMPLETED", ended_at=world.now))

    world.relay_and_sweep()

    mails = [each for each in world.queues.contents if each.channel == "mail"]
    assert (mails[0].transition.status, mails[-1].transition.status) == (FAILING, "COMPLETED")
    assert all(decode(encode(each)) == each for each in mails)


def test_a_job_is_marked_as_warned_before_its_warning_is_enqueued(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in between must not leave a warning whose job's end is not sent."""
    ends(world, a_task, a_job, COMPLETED=4, FAILED=1)
    monkeypatch.setattr(world.queues, "enqueue", crash)

    with pytest.raises(ExceptionGroup):
        world.relay_and_sweep()

    assert world.snapshots.rows[a_job().arn].warned


def test_a_failing_job_s_card_shows_failing_until_it_recovers(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """The warning is sent once, and the next refresh would otherwise remove it from the card."""
    ends(world, a_task, a_job, COMPLETED=4, FAILED=1)
    world.relay_and_sweep()
    world.now += TICK
    ends(world, a_task, a_job, COMPLETED=10)
    world.relay_and_sweep()

    assert [each.transition.status for each in refreshed(world)] == [FAILING, "RUNNING"]


@pytest.mark.parametrize(
    ("children", "failing"),
    [
        (Children(4, failed=4), False),  # too few
        (Children(40, completed=3, failed=1), False),
        (Children(5, completed=4, failed=1), True),
        (Children(100, completed=81, failed=19), False),
        (Children(100, completed=40, partial=40, failed=20), True),
        (Children(0), False),
    ],
)
def test_a_fifth_of_at_least_five_ended_tasks_is_failing(children: Children, failing: bool) -> None:
    assert is_failing(children, 0.2, 5) == failing


def test_the_end_of_a_job_is_announced_with_its_final_counts(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    ends(world, a_task, a_job, COMPLETED=2)
    world.relay_and_sweep()
    world.put_in_braket(a_job("COMPLETED", ended_at=world.now))

    world.relay_and_sweep()

    (mail,) = [each for each in world.queues.contents if each.channel == "mail"]
    assert mail.transition.snapshot.children == Children(2, completed=2)


# --- after the end ---------------------------------------------------------------------------------------------------


def end_with_open_tasks(world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, still_open: int) -> None:
    """The job ends after 34 of its tasks."""
    ends(world, a_task, a_job, COMPLETED=34, RUNNING=still_open)
    world.relay_and_sweep()
    world.put_in_braket(a_job("COMPLETED", ended_at=world.now))
    world.relay_and_sweep()


def list_a_task_a_day_late(world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot) -> None:
    """Braket lists the failed task 99 a day after its job was settled."""
    end_with_open_tasks(world, a_task, a_job, still_open=0)
    created = world.now
    sweep_for(world, timedelta(hours=23))
    late = {"created_at": created, "job_arn": a_job().arn.text}
    world.put_in_braket(a_task("FAILED", 99, ended_at=world.now, **late))


def let_end(world: TrackingWorld, *statuses: str) -> None:
    """The first open tasks end in these statuses."""
    running = [each for each in world.braket.knows.values() if isinstance(each, Snapshot) and not each.terminal]
    for each, status in zip(running, statuses, strict=False):
        world.put_in_braket(replace(each, status=status, ended_at=world.now))


def lines(world: TrackingWorld) -> list[tuple[str, Children | None]]:
    of_line = [each for each in world.queues.contents if each.transition.beside_card]
    return [(each.channel, each.transition.snapshot.children) for each in of_line]


def sweep_for(world: TrackingWorld, time: timedelta, step: timedelta = TICK) -> None:
    end = world.now + time
    while world.now < end:
        world.now += step
        world.relay_and_sweep()


def test_tasks_that_end_after_their_job_are_announced_in_one_line_to_whoever_received_its_end(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Two days pass between the end of the job and that of its last task."""
    end_with_open_tasks(world, a_task, a_job, still_open=6)
    sweep_for(world, timedelta(days=1), timedelta(hours=1))
    let_end(world, "COMPLETED", "COMPLETED", "FAILED")
    sweep_for(world, timedelta(days=1), timedelta(hours=1))
    before = lines(world)
    let_end(world, "COMPLETED", "COMPLETED", "FAILED")

    sweep_for(world, timedelta(days=1), timedelta(hours=1))

    last = Children(6, completed=4, failed=2)
    assert (before, lines(world)) == ([], [("team-slack", last), ("mail", last)])
    assert world.snapshots.closed >= {a_job().arn}


def test_the_card_is_refreshed_until_the_last_task_has_ended(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    end_with_open_tasks(world, a_task, a_job, still_open=2)
    world.queues.records.clear()
    for status in ("COMPLETED", "FAILED"):
        sweep_for(world, timedelta(hours=3), timedelta(hours=1))
        let_end(world, status)
    sweep_for(world, timedelta(hours=3), timedelta(hours=1))

    counts = [each.transition.snapshot.children for each in refreshed(world)]
    assert counts == [Children(36, completed=35), Children(36, completed=35, failed=1)]
    assert {each.transition.status for each in refreshed(world)} == {"COMPLETED"}


def test_the_counts_of_a_job_that_ran_for_days_are_right_although_its_last_tasks_are_recorded_after_it(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Seen: Search listed the job once more after its end, and never again."""
    sweep_for(world, timedelta(days=4), timedelta(hours=6))
    world.put_in_braket(a_job("COMPLETED", ended_at=world.now))
    world.relay_and_sweep()
    sweep_for(world, TICK)
    ends(world, a_task, a_job, COMPLETED=3)
    sweep_for(world, TICK)

    row = world.snapshots.rows[a_job().arn]
    assert row.snapshot.children == Children(3, completed=3)


def test_no_line_follows_a_job_whose_end_was_announced_with_every_task(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    end_with_open_tasks(world, a_task, a_job, still_open=0)

    sweep_for(world, timedelta(hours=1))

    assert lines(world) == []
    assert world.snapshots.closed >= {a_job().arn}


def test_a_task_that_is_found_a_day_after_its_job_was_settled_is_announced(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Braket lists it late, and its event was lost."""
    list_a_task_a_day_late(world, a_task, a_job)

    sweep_for(world, timedelta(hours=2))

    assert lines(world) == [(channel, Children(1, failed=1)) for channel in ("team-slack", "mail")]
    assert refreshed(world)[-1].transition.snapshot.children == Children(35, completed=34, failed=1)


def test_tasks_that_are_found_after_the_line_about_the_last_ones_have_one_line_of_their_own(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    """Seen: the second line had the ledger's row of the first one, and was never sent."""
    end_with_open_tasks(world, a_task, a_job, still_open=2)
    let_end(world, "COMPLETED", "FAILED")
    sweep_for(world, timedelta(minutes=20))
    created = world.now
    sweep_for(world, timedelta(hours=23))
    for number, status in ((98, "FAILED"), (99, "FAILED"), (97, "COMPLETED")):
        late = a_task(status, number, created_at=created, ended_at=world.now, job_arn=a_job().arn.text)
        world.put_in_braket(late)

    sweep_for(world, timedelta(hours=2))

    portions = [Children(2, completed=1, failed=1), Children(3, completed=1, failed=2)]
    assert lines(world) == [(channel, each) for each in portions for channel in ("team-slack", "mail")]
    assert len({each.id for each in world.queues.contents if each.transition.beside_card}) == 4
    assert world.snapshots.closed >= {a_job().arn}


def test_a_task_that_is_found_late_is_announced_although_a_crash_follows_its_record(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_a_task_a_day_late(world, a_task, a_job)
    with monkeypatch.context() as broken:
        broken.setattr("braket_notifier.tracking.record.is_late_task", crash)
        for _ in range(24):
            world.now += timedelta(minutes=5)
            with suppress(ExceptionGroup, OSError):
                world.relay_and_sweep()

    sweep_for(world, timedelta(hours=1))

    assert world.snapshots.rows[a_task(number=99).arn].version == 1
    assert lines(world) == [(channel, Children(1, failed=1)) for channel in ("team-slack", "mail")]


def test_a_line_that_a_crash_enqueues_twice_has_one_id(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_with_open_tasks(world, a_task, a_job, still_open=1)
    let_end(world, "FAILED")
    sweep_for(world, TICK)
    with monkeypatch.context() as broken:
        broken.setattr(world.snapshots, "dispatched", crash)
        for _ in range(3):
            world.now += TICK
            with suppress(ExceptionGroup):
                world.relay_and_sweep()
    sweep_for(world, TICK)

    of_line = [each for each in world.queues.contents if each.transition.beside_card]
    assert len(of_line) > len({each.id for each in of_line}) == 2


def crash(*_: object, **__: object) -> None:
    raise OSError


def test_a_job_that_ended_before_the_installation_gets_no_line(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    start = world.snapshots.starts["eu-north-1"]
    old = a_job("COMPLETED", 2, created_at=start, ended_at=start - TICK)
    world.put_in_braket(old, a_task("RUNNING", 77, created_at=world.now, job_arn=old.arn.text))
    world.relay_and_sweep()
    let_end(world, "FAILED", "FAILED")

    sweep_for(world, timedelta(hours=1))

    assert lines(world) == []


# --- faults ----------------------------------------------------------------------------------------------------------


def test_a_refresh_does_not_bring_back_an_earlier_status(world: TrackingWorld, a_job: ASnapshot) -> None:
    world.put_in_braket(a_job("QUEUED", events=(JobEvent("QUEUED_FOR_EXECUTION", None),)))  # Braket's answer is behind

    world.relay_and_sweep()

    assert world.queues.contents == []
    assert world.snapshots.rows[a_job().arn].snapshot.status == "RUNNING"


def test_a_refresh_that_could_not_be_enqueued_comes_again(
    world: TrackingWorld, a_job: ASnapshot, noon: datetime
) -> None:
    class BrokenQueues(type(world.queues)):  # type: ignore[misc]  # a subclass of the fake
        def enqueue(self, notifications: object) -> None:  # noqa: ARG002 - it always raises
            raise OSError

    world.put_in_braket(a_job("RUNNING", events=(JobEvent("RUNNING", noon),)))
    with pytest.raises(ExceptionGroup):
        replace(world, queues=BrokenQueues()).relay_and_sweep()

    world.relay_and_sweep()

    assert len(refreshed(world)) == 1
