from datetime import timedelta
from typing import Any

import pytest

from braket_notifier.domain.resource import Arn
from infra import deliver, observe
from tests.prove.state_machine.proof import prove
from tests.prove.world import HIDDEN, RECEIVES, TICK, TIMEOUTS, World
from tests.prove.world_braket import REGIONS, event
from tests.prove.world_check import account
from tests.prove.world_worker import Plan


def test_fifty_random_steps_lose_no_notification() -> None:
    found = prove(long=False)

    assert found.good, found.wrong[0]
    assert found.unavoidable_repeats  # a run without unavoidable repeats would have met no fault


@pytest.mark.parametrize(("name", "built"), [("observe", observe), ("deliver", deliver)])
def test_the_world_s_queues_are_the_template_s(name: str, built: Any) -> None:
    timeout, window = (timedelta(seconds=each.to_seconds()) for each in (built.TIMEOUT, built.WINDOW))

    assert (TIMEOUTS[name], RECEIVES[name], HIDDEN[name]) == (timeout, built.RECEIVES, 6 * timeout + window)


def test_a_channel_that_is_down_for_three_days_is_given_up_by_the_ledger_and_not_by_its_queue() -> None:
    world = World()
    world.sweeps()
    _ended(world, resources=10)
    world.fault = lambda _: "connection refused"
    recovers = world.now + timedelta(hours=73)
    while world.now < recovers:
        world.works()
        world.now += timedelta(minutes=1)

    given_up = account(world, given_up=True)
    world.redrives()
    world.settles()

    assert given_up.good, given_up
    assert account(world, given_up=False).good
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}


@pytest.mark.parametrize(("days", "owed"), [(29, True), (31, False)])
def test_an_end_that_a_busy_braket_hid_for_more_than_thirty_days_is_owed_to_nobody(days: int, owed: bool) -> None:
    """Seen: a clock that was ten minutes behind put it after the start, and no sweep succeeded for 39 days."""
    world = World()
    world.snapshots.start(REGIONS[0], world.now)
    resource = world.braket.submit("task", REGIONS[0], world.now)
    resource.moves("COMPLETED", world.now)
    world.now += timedelta(days=days)

    world.settles()

    assert account(world, given_up=False).good
    assert bool(world.accepted.posts[resource.arn, "team-slack"]) == owed


@pytest.mark.parametrize("seed", range(10))
def test_an_unknown_status_that_waits_beside_the_end_is_not_sent_after_it(seed: int) -> None:
    world = World(seed=seed)
    world.sweeps()
    [resource] = _ended(world, resources=1, statuses=("PAUSED",))
    world.observes(Plan(dies_at=6))  # between record and enqueue
    assert world.snapshots.rows[resource].dispatched == 0
    world.braket.resources[resource].moves("COMPLETED", world.now)
    world.events.put(event(world.braket.resources[resource].truth, world.now), world.now)

    world.settles()

    assert account(world, given_up=False).good


def test_a_resource_that_get_refuses_while_its_events_are_lost_is_not_lost() -> None:
    world = World()
    world.sweeps()
    [resource] = _ended(world, resources=1)
    world.events.records.clear()
    world.braket.resources[resource].unreadable = True
    for _ in range(6):
        world.works()
        world.now += TICK

    world.settles()

    assert account(world, given_up=False).good


def _ended(world: World, resources: int, statuses: tuple[str, ...] = ("COMPLETED",)) -> list[Arn]:
    """Resources that were submitted, went through the statuses, and sent the event of the last one."""
    found = [world.braket.submit("task", "eu-north-1", world.now) for _ in range(resources)]
    for resource in found:
        for status in statuses:
            resource.moves(status, world.now)
        world.events.put(event(resource.truth, world.now), world.now)
    return [resource.arn for resource in found]
