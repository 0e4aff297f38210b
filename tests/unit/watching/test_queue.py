"""The positions of the first and the last queued task of a device, over sweeps on a virtual clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.braket.availability import Availability
from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import BusyError
from braket_notifier.watching.queue import earlier_position, last_position
from braket_notifier.watching.watched import Seen
from tests.conftest import GARNET, SV1
from tests.unit.tracking.tracking_world import REGION
from tests.unit.watching.reminding_world import DAY, HOUR, MINUTE, TICK, World, reminding

ASnapshot = Callable[..., Snapshot]


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> World:
    return reminding(policy, watch, noon)


def queued(world: World, a_task: ASnapshot, noon: datetime, positions: dict[int, str], **changes: str) -> list[Arn]:
    """Put tasks with these positions into Braket, the older ones first."""
    made = [a_task("QUEUED", number, queue_position=at, **changes) for number, at in positions.items()]
    created = [replace(each, created_at=noon - MINUTE + timedelta(seconds=number)) for number, each in enumerate(made)]
    world.has(*created)
    return [each.arn for each in created]


def seen(world: World, device: str = GARNET) -> Seen:
    return world.rows.rows[REGION].devices[device]


def test_the_first_and_the_last_queued_task_of_a_device_have_positions_of_two_hours(
    world: World, a_task: ASnapshot, noon: datetime
) -> None:
    first, *_, last = queued(world, a_task, noon, {1: "30", 2: "31", 3: "32", 4: "33"})
    world.pass_time(5 * MINUTE)
    for number in range(30):
        queued(world, a_task, noon, {1: f"{30 - number}", 2: "31", 3: "32", 4: f"{133 - number}"})
        world.pass_time(5 * MINUTE)

    now = world.tracking.now - TICK
    found = seen(world).queue
    assert found.keys() == {first.text, last.text}
    assert {len(each) for each in found.values()} == {12}
    assert [now - at for at, _ in found[first.text]] == [TICK + 10 * MINUTE * number for number in reversed(range(12))]
    assert (last_position(seen(world), first, now), earlier_position(seen(world), first, now)) == ("2", "24")
    assert earlier_position(seen(world), last, now) == "127"


def test_a_sweep_asks_at_most_twice_for_each_device(world: World, a_task: ASnapshot, noon: datetime) -> None:
    world.tracking.braket.devices[SV1] = Availability("ONLINE")
    queued(world, a_task, noon, dict.fromkeys(range(1, 30), "5"))
    queued(world, a_task, noon, dict.fromkeys(range(101, 103), "5"), device=SV1)
    world.pass_time(TICK)
    for expected in (4, 0, 4, 0, 4):
        world.tracking.braket.reads.clear()
        world.pass_time(TICK)
        assert len(world.tracking.braket.reads) == expected


@pytest.mark.parametrize("position", ["", BusyError("ThrottlingException")])
def test_a_missing_position_is_left_out(
    world: World, a_task: ASnapshot, noon: datetime, position: str | Exception
) -> None:
    [arn] = queued(world, a_task, noon, {1: "5"})
    world.pass_time(2 * TICK)
    if isinstance(position, Exception):
        world.tracking.braket.listed = [
            each for each in world.tracking.braket.knows.values() if isinstance(each, Snapshot)
        ]
        world.tracking.braket.knows[arn] = position
    else:
        queued(world, a_task, noon, {1: position})
    world.pass_time(HOUR)

    assert [at for _, at in seen(world).queue[arn.text]] == ["5"]
    assert last_position(seen(world), arn, world.tracking.now) == ""
    assert world.reminded == []


def test_a_task_that_left_the_queue_is_forgotten(world: World, a_task: ASnapshot, noon: datetime) -> None:
    first, second = queued(world, a_task, noon, {1: "5", 2: "9"})
    world.pass_time(2 * TICK)
    world.has(a_task("RUNNING", 1, created_at=noon - MINUTE))
    world.pass_time(4 * TICK)

    assert seen(world).queue.keys() == {second.text}
    assert earlier_position(seen(world), first, world.tracking.now) == ""


def test_a_clock_that_goes_back_asks_again(world: World, a_task: ASnapshot, noon: datetime) -> None:
    [arn] = queued(world, a_task, noon, {1: "5"})
    world.pass_time(2 * TICK)
    world.tracking.now -= 2 * DAY
    world.sweep()

    assert len(seen(world).queue[arn.text]) == 2


@pytest.mark.parametrize(
    ("ages", "earlier"),
    [
        ({}, ""),
        ({0: "9", 60: "20"}, ""),  # nothing of two hours ago
        ({0: "9", 100: "20"}, "20"),
        ({60: "9", 120: "20", 180: "30"}, "20"),  # one sweep an hour
        ({150: "30"}, ""),
    ],
)
def test_the_earlier_position_is_about_two_hours_old(noon: datetime, ages: dict[int, str], earlier: str) -> None:
    arn = Arn("arn", "aws", REGION, "0", "task", "1")
    positions = tuple((noon - timedelta(minutes=age), position) for age, position in reversed(ages.items()))

    assert earlier_position(Seen(Availability("ONLINE"), noon, queue={"arn": positions}), arn, noon) == earlier
    assert earlier_position(None, arn, noon) == ""
