"""Reminders once each: under a death or a failed call at every moment, two sweeps at once, and restored tables."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import time, timedelta

import pytest

from braket_notifier.braket.availability import Availability, Window
from braket_notifier.domain.policy import Reservation
from braket_notifier.domain.reminder import reminder_of
from braket_notifier.watching.causes import NOTICE
from tests.prove.world import TICK, World
from tests.prove.world_braket import REGIONS, event
from tests.prove.world_check import account
from tests.prove.world_worker import Plan

HOUR = timedelta(hours=1)
BOOKED = "arn:aws:braket:eu-north-1:012345678901:reservation/3f2a"
ALWAYS = (Window("Everyday", time(0), time(23, 59, 59)),)


def waiting(reservation: str = "") -> World:
    """Three tasks wait on a device that has just gone out."""
    world = World(digests=True)
    world.braket.device = Availability("ONLINE", ALWAYS)
    world.sweeps()
    for _ in range(3):
        resource = world.braket.submit("task", REGIONS[0], world.now)
        resource.lives = [replace(resource.truth, reservation=reservation)]
        resource.moves("QUEUED", world.now)
        world.events.put(event(resource.truth, world.now))
    world.settles()
    world.braket.device = Availability("OFFLINE", ALWAYS)
    return world


def due() -> World:
    """The next sweep announces the outage."""
    world = waiting()
    passes(world, 3 * HOUR)
    assert not reminded(world)
    return world


def ending() -> World:
    """The next sweep reminds of the end of a reservation, whose device is not out."""
    world = waiting(BOOKED)
    world.braket.device = Availability("ONLINE", ALWAYS)
    booked = Reservation(world.now, world.now + HOUR, BOOKED)
    world.policy = replace(world.policy, reservations=(booked,))
    passes(world, HOUR - NOTICE)
    assert not reminded(world)
    return world


def passes(world: World, span: timedelta) -> None:
    end = world.now + span
    while world.now < end:
        world.works()
        world.now += TICK


def reminded(world: World) -> Counter[tuple[str, str]]:
    """How often each reminder was accepted, by its channel and kind."""
    posts = (
        (channel, reminder_of(each.status)) for (_, channel), found in world.accepted.posts.items() for each in found
    )
    return Counter(each for each in posts if each[1])


ONCE = {("team-slack", "OFFLINE"): 1}
CAUSES = pytest.mark.parametrize(
    ("begin", "once"), [(due, ONCE), (ending, {("team-slack", "RESERVATION_ENDING"): 1})], ids=["out", "ending"]
)


@CAUSES
@pytest.mark.parametrize("fault", [lambda at: Plan(dies_at=at), lambda at: Plan(fails_at=at)], ids=["dies", "fails"])
def test_a_sweep_that_dies_or_fails_at_any_moment_reminds_once(
    fault: Callable[[int], Plan], begin: Callable[[], World], once: dict[tuple[str, str], int]
) -> None:
    enqueued_before_the_fault = 0
    for moment in range(1, 60):
        it = begin()
        it.sweeps(fault(moment))
        was_saved = it.watched.rows[REGIONS[0]].reminded
        enqueued_before_the_fault += bool(it.queues["team-slack"].records) and not was_saved
        passes(it, HOUR)
        assert reminded(it) == once, moment
        assert account(it, given_up=False).good
    assert enqueued_before_the_fault


@CAUSES
def test_two_sweeps_at_once_remind_once(begin: Callable[[], World], once: dict[tuple[str, str], int]) -> None:
    for moment in range(1, 60):
        it = begin()
        it.sweeps(Plan(overtaken_at=moment), meanwhile=it.sweeps)
        passes(it, HOUR)
        assert reminded(it) == once, moment


def test_a_restored_table_of_snapshots_repeats_no_reminder_of_the_day() -> None:
    world = waiting()
    world.braket.device = Availability("ONLINE", ALWAYS)
    for resource in world.braket.resources.values():
        resource.lives = [replace(resource.truth, status="CANCELLING")]
    backup = deepcopy((world.snapshots, world.watched))
    passes(world, 2 * HOUR)
    assert reminded(world) == {("team-slack", "STUCK"): 1}

    world.snapshots, world.watched = backup
    passes(world, 2 * HOUR)

    assert reminded(world) == {("team-slack", "STUCK"): 1}


def test_a_deliverer_that_dies_sends_a_reminder_again_and_marks_it() -> None:
    for moment in range(1, 25):
        it = due()
        it.sweeps()
        it.delivers("team-slack", Plan(dies_at=moment))
        passes(it, HOUR)
        posts = [each for found in it.accepted.posts.values() for each in found if reminder_of(each.status)]
        assert [each.may_repeat for each in posts] in ([False], [True], [False, True]), moment


@pytest.mark.parametrize("away", [HOUR, 7 * HOUR])
def test_an_outage_that_is_over_before_its_channel_is_back_is_not_announced(away: timedelta) -> None:
    world = due()
    world.fault = lambda channel: "mendable" if channel == "team-slack" else ""
    passes(world, away)
    world.braket.device = Availability("ONLINE", ALWAYS)
    passes(world, HOUR)
    world.fault = lambda _: ""
    passes(world, HOUR)

    assert not reminded(world)
    assert {each.state for each in world.ledger.rows.values()} == {"DELIVERED", "SUPERSEDED"}


def test_a_device_that_was_retired_in_an_outage_of_two_days_of_its_channel_is_announced() -> None:
    world = waiting()
    world.braket.device = Availability("RETIRED", ALWAYS)
    world.fault = lambda channel: "mendable" if channel == "team-slack" else ""
    passes(world, 48 * HOUR)
    world.fault = lambda _: ""
    passes(world, HOUR)

    assert reminded(world) == {("team-slack", "RETIRED"): 1}


@pytest.mark.parametrize("seed", range(6))
def test_an_outage_of_a_device_that_is_retired_is_never_announced_after_that(seed: int) -> None:
    world = due()
    world.random.seed(seed)
    world.fault = lambda channel: "mendable" if channel == "team-slack" else ""
    passes(world, HOUR)
    world.braket.device = Availability("RETIRED", ALWAYS)
    passes(world, HOUR)
    world.fault = lambda _: ""
    passes(world, HOUR)

    assert [word for _, word in reminded(world)] in (["RETIRED"], ["OFFLINE", "RETIRED"])


def test_the_end_of_an_outage_follows_its_begin_and_once() -> None:
    world = waiting()
    passes(world, 4 * HOUR)
    world.braket.device = Availability("ONLINE", ALWAYS)
    passes(world, 2 * HOUR)

    assert reminded(world) == {**ONCE, ("team-slack", "BACK"): 1}
