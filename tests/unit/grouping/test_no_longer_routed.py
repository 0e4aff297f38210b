"""Ends that wait follow routes and [[ignore]] as they are when they are sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Ignored, Policy, Route
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from tests.unit.grouping.channel_world import ChannelWorld

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
End = Callable[..., Notification]
FAILED_ONLY = (Route(("team-slack", "mail"), status=("FAILED",)),)
ALL = (Route(("team-slack", "mail")),)


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> End:
    def build(number: int, status: str = "COMPLETED", batch: str = "ghz-scan") -> Notification:
        return Notification(a_transition(a_task(status, number, ended_at=noon, tags={"batch": batch})), "team-slack")

    return build


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, routes=ALL), noon)


def muted(world: ChannelWorld, noon: datetime) -> ChannelWorld:
    return replace(world, policy=replace(world.policy, muted_until={"team-slack": noon + 5 * HOUR}))


def mailing(world: ChannelWorld, _: datetime) -> ChannelWorld:
    """The first e-mail of the batch was sent, so that the others wait for their digest."""
    return replace(world, channel="mail", edits=False)


def bursting(world: ChannelWorld, _: datetime) -> ChannelWorld:
    return world


WAITS = [muted, mailing, bursting]
CHANGES: list[tuple[dict[str, Any], set[int]]] = [
    ({}, {10, 11, 12, 13}),
    ({"ignored": (Ignored(tags={"batch": "ghz*"}),)}, {12, 13}),
    ({"routes": FAILED_ONLY}, {11, 13}),
    ({"routes": ()}, set()),
]


@pytest.mark.parametrize("waits", WAITS)
@pytest.mark.parametrize(("change", "sent"), CHANGES)
def test_ends_that_wait_follow_routes_and_ignores_as_they_are_when_they_are_sent(
    world: ChannelWorld, end: End, noon: datetime, waits: Any, change: dict[str, Any], sent: set[int]
) -> None:
    held = waits(world, noon)
    before = [end(number, batch=batch) for batch in ("ghz-scan", "vqe") for number in _first(batch)]
    of_batches = [(status, batch) for batch in ("ghz-scan", "vqe") for status in ("COMPLETED", "FAILED")]
    waiting = dict(zip((10, 11, 12, 13), of_batches, strict=True))
    if waits is not muted:
        held.put(*before)
        held.runs(5 * MINUTE)
    if waits is bursting:
        held.now += timedelta(seconds=1)
    held.put(*(end(number, *how) for number, how in waiting.items()))
    held.works()
    shown = set(held.shown())
    held.policy = replace(held.policy, **change)

    held.runs()

    numbers = {replace(end(number, *how), channel=held.channel).id: number for number, how in waiting.items()}
    assert {numbers[each] for each in held.shown() if each in numbers} == sent | {
        numbers[each] for each in shown if each in numbers
    }
    unsent = [row for id_, row in held.ledger.rows.items() if id_ in numbers and id_ not in held.shown()]
    assert {row.state for row in unsent} <= {"SUPERSEDED"}
    assert all("ceased to send" in row.reason for row in unsent)
    assert not held.queue.records


def _first(batch: str) -> range:
    return range(1, 6) if batch == "ghz-scan" else range(21, 26)


def test_what_an_operator_sends_past_the_routes_is_sent_although_it_waits(
    world: ChannelWorld, end: End, noon: datetime
) -> None:
    """A redrive to another channel, or a test message, matches no route when it begins to wait."""
    held = muted(world, noon)
    held.policy = replace(held.policy, routes=FAILED_ONLY)
    held.put(end(1))

    held.runs()

    assert held.shown() == [end(1).id]


@pytest.mark.parametrize(("change", "actions"), [({}, ["post", "reply"]), ({"job_tasks": "ignore"}, ["post"])])
def test_a_job_s_own_task_that_a_hold_kept_follows_the_settings_too(
    world: ChannelWorld,
    a_job: Callable[..., Snapshot],
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    noon: datetime,
    change: dict[str, Any],
    actions: list[str],
) -> None:
    world.put(Notification(a_transition(a_job("RUNNING")), "team-slack", silent=True))
    world.runs(MINUTE)
    held = muted(world, noon)
    held.put(Notification(a_transition(a_task("FAILED", 7, job_arn=a_job().arn.text)), "team-slack", silent=True))
    held.runs(HOUR)
    held.policy = replace(held.policy, **change)

    held.runs()

    assert [each.action for each in held.board.sent] == actions
    assert not held.queue.records
