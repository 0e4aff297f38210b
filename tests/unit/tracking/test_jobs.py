"""Silent refreshes of running hybrid jobs, and the warning about failing ones."""

from collections.abc import Callable
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


@pytest.mark.parametrize(("minutes", "again"), [(5, True), (11, False)])
def test_the_counts_are_read_once_more_within_ten_minutes_of_the_end(
    world: TrackingWorld, a_task: ASnapshot, a_job: ASnapshot, minutes: int, again: bool
) -> None:
    world.put_in_braket(a_job("COMPLETED", ended_at=world.now))
    world.relay_and_sweep()
    ends(world, a_task, a_job, COMPLETED=1)
    world.now += timedelta(minutes=minutes)

    world.relay_and_sweep()

    children = [each.transition.snapshot.children for each in refreshed(world)]
    assert children == ([Children(1, completed=1)] if again else [])


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
