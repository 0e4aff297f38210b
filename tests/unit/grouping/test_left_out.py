"""A channel sends its own silent copy, which it left out, if another channel passes it on aloud."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from tests.unit.grouping.channel_world import ChannelWorld

JOB = "arn:aws:braket:eu-north-1:012345678901:job/1"


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC", flood_after=1), noon)


@pytest.fixture
def failed(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> Notification:
    """A hybrid job's own task, which its job counts."""
    return Notification(a_transition(a_task("FAILED", 1, job_arn=JOB, ended_at=noon)), "team-slack", silent=True)


@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_a_task_that_was_left_to_its_job_is_sent_if_it_is_passed_on(
    world: ChannelWorld, failed: Notification, again: bool
) -> None:
    world.put(failed)
    world.runs(timedelta(days=6))
    left_out = list(world.board.sent)
    loud = replace(failed, silent=False, passed_from="hook")
    world.put(loud, *([loud] if again else []))
    world.runs(timedelta(hours=2))

    assert left_out == []
    assert world.shown() == [failed.id]
    assert world.queue.contents == []


def test_what_is_passed_on_silently_or_by_the_own_routes_stays_left_out(
    world: ChannelWorld, failed: Notification
) -> None:
    world.put(failed)
    world.runs(timedelta(days=6))
    world.put(failed, replace(failed, silent=False), replace(failed, passed_from="hook"))
    world.runs(timedelta(hours=2))

    assert world.board.sent == []


def test_a_status_that_a_later_one_superseded_stays_so_although_it_is_passed_on(
    world: ChannelWorld, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime
) -> None:
    running, ended = (
        Notification(a_transition(a_task(status, 1, ended_at=noon if status == "COMPLETED" else None)), "team-slack")
        for status in ("RUNNING", "COMPLETED")
    )
    world.put(ended)
    world.runs(timedelta(minutes=1))
    for _ in range(2):
        world.put(replace(running, passed_from="hook"))
        world.runs(timedelta(minutes=1))

    assert world.shown() == [ended.id]
