"""Reminders of outages and of stuck tasks over many sweeps: each is announced once, and so is the end of an outage."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.errors import BusyError
from tests.conftest import GARNET
from tests.unit.tracking.tracking_world import REGION
from tests.unit.watching.reminding_world import (
    ANNA,
    DAY,
    HOUR,
    MINUTE,
    PEOPLE,
    TICK,
    ASnapshot,
    World,
    reminding,
    to_owners_and,
    waiting,
)


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, people=PEOPLE)


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> World:
    return reminding(policy, watch, noon)


def test_an_outage_of_five_hours_is_one_message_for_all_owners_of_a_channel_and_so_is_its_end(
    world: World, a_task: ASnapshot
) -> None:
    waiting(world, a_task, 500, tags=ANNA)
    waiting(world, a_task, 14, first=1000, tags={"owner": "ben"})
    waiting(world, a_task, 1, first=2000)
    world.pass_time(TICK)
    world.device("OFFLINE")
    world.pass_time(3 * HOUR)
    assert world.reminded == []

    world.pass_time(2 * HOUR)
    assert world.reminded == [("team-slack", "OFFLINE")]
    [line] = world.lines()
    began, keep = "IQM Garnet is OFFLINE since 13:05", "515 tasks keep their place"
    assert line == f"⏳ {began} · {keep} · Braket does not say until when"
    assert world.owners() == ["Anna, Ben and others"]

    world.device("ONLINE")
    world.pass_time(2 * DAY, HOUR)
    assert world.reminded[1:] == [("team-slack", "BACK")]
    assert world.lines()[1] == "✅ IQM Garnet is back after 5 h · 515 tasks wait there"
    assert len(world.all_reminders) == 2


def test_an_outage_is_a_message_of_its_own_to_each_owner_whom_a_channel_writes_to(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    world.tracking.policy = to_owners_and(policy, "team-slack")
    waiting(world, a_task, 500, tags=ANNA)
    waiting(world, a_task, 14, first=1000, tags={"owner": "ben"})
    world.device("OFFLINE")
    world.pass_time(5 * HOUR)
    world.device("ONLINE")
    world.pass_time(HOUR)

    to = ["direct#Anna", "direct#Ben", "team-slack"]
    assert sorted(world.reminded) == sorted((each, word) for each in to for word in ("OFFLINE", "BACK"))


def test_outages_of_two_hours_each_night_are_no_message(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3)
    for _ in range(7):
        world.device("OFFLINE")
        world.pass_time(2 * HOUR)
        world.device("ONLINE")
        world.pass_time(22 * HOUR, 15 * MINUTE)

    assert world.reminded == []


def test_a_second_outage_is_announced_like_the_first(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3)
    for _ in range(2):
        world.device("OFFLINE")
        world.pass_time(4 * HOUR)
        world.device("ONLINE")
        world.pass_time(4 * HOUR)

    assert world.reminded == [("team-slack", word) for word in ("OFFLINE", "BACK", "OFFLINE", "BACK")]
    assert [each.partition(" · ")[0] for each in world.lines()] == [
        "⏳ IQM Garnet is OFFLINE since 13:05",
        "✅ IQM Garnet is back after 3 h 55 min",
        "⏳ IQM Garnet is OFFLINE since 20 Nov 21:00",
        "✅ IQM Garnet is back after 4 h",
    ]


def test_the_end_of_an_outage_of_weeks_is_announced_to_whoever_was_notified_of_its_begin(
    world: World, a_task: ASnapshot
) -> None:
    waiting(world, a_task, 3)
    world.device("OFFLINE")
    world.pass_time(30 * DAY, HOUR)
    world.device("ONLINE")
    world.pass_time(20 * DAY, HOUR)

    assert world.reminded == [("team-slack", "OFFLINE"), ("team-slack", "BACK")]
    assert not world.rows.rows[REGION].reminded


def test_quiet_hours_hold_an_outage_and_drop_it_if_it_ends_before_them(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    quiet = {"team-slack": Quiet(time(13), time(18))}  # in Berlin, an hour ahead
    world.tracking.policy = replace(policy, quiet=quiet)
    waiting(world, a_task, 3)
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)
    world.device("ONLINE")
    world.pass_time(20 * HOUR)
    assert world.reminded == []

    world.device("OFFLINE")
    world.pass_time(4 * HOUR)  # from noon again, 13:00 in Berlin
    assert world.reminded == []
    world.pass_time(90 * MINUTE)
    assert world.reminded == [("team-slack", "OFFLINE")]


def test_an_outage_goes_on_while_its_device_cannot_be_read(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3)
    world.device("OFFLINE")
    world.pass_time(HOUR)
    world.tracking.braket.devices[GARNET] = BusyError("InternalServiceException")
    world.pass_time(3 * HOUR)

    assert world.reminded == [("team-slack", "OFFLINE")]


def test_two_hundred_tasks_that_are_created_for_a_day_are_one_message_a_day(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 200, "CREATED", tags={**ANNA, "batch": "scan-7"})
    world.pass_time(55 * MINUTE)
    assert world.reminded == []

    world.pass_time(15 * MINUTE)
    assert world.reminded == [("team-slack", "STUCK")]
    world.pass_time(23 * HOUR, 15 * MINUTE)
    assert len(world.all_reminders) == 1

    world.pass_time(2 * HOUR)
    assert world.reminded == [("team-slack", "STUCK")] * 2
    assert (
        world.lines()[1]
        == "⏳ 200 tasks of scan-7 have been CREATED on IQM Garnet for up to 1 d 1 h · they may be stuck"
    )
