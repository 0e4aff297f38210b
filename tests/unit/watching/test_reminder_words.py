"""The words of a reminder to the owner, and to somebody whom only a tag names."""

from dataclasses import replace
from datetime import datetime

import pytest

from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy, Reservation
from tests.conftest import GARNET
from tests.unit.watching.reminding_world import (
    ANNA,
    DAY,
    HOUR,
    PEOPLE,
    ASnapshot,
    World,
    reminding,
    to_owners_and,
    waiting,
)

BOOKED = "arn:aws:braket:eu-north-1:012345678901:reservation/1"
STEP = "What is stuck can be cancelled and submitted again."


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> World:
    return reminding(to_owners_and(replace(policy, people=PEOPLE)), watch, noon)


def shown(world: World, destination: str) -> list[tuple[str, tuple[str, ...]]]:
    sent = zip(world.distinct, world.messages, strict=True)
    return [(message.headline, message.lines) for each, message in sent if each.channel == destination]


@pytest.mark.parametrize(
    ("owner", "to", "theirs", "line"),
    [
        ("anna", "direct#Anna", "your 5 tasks and 1 hybrid job", ()),
        (
            "anna",
            "direct#Ben",
            "5 tasks and 1 hybrid job",
            ("You are named by the tag notify of Anna's tasks and hybrid jobs.",),
        ),
        (
            "nobody",
            "direct#Ben",
            "5 tasks and 1 hybrid job",
            ("You are named by the tag notify of these tasks and hybrid jobs.",),
        ),
    ],
)
def test_only_the_owner_reads_that_the_tasks_are_your_tasks(
    world: World, a_task: ASnapshot, a_job: ASnapshot, owner: str, to: str, theirs: str, line: tuple[str, ...]
) -> None:
    tags = {"owner": owner, "notify": "ben"}
    waiting(world, a_task, 5, tags=tags)
    world.has(a_job("QUEUED", created_at=world.tracking.now, device=GARNET, tags=tags))
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)

    [(headline, lines)] = shown(world, to)
    assert f" · {theirs} keep their place" in headline
    assert lines == line


@pytest.mark.parametrize(
    ("to", "still", "lines"),
    [
        ("direct#Anna", "1 of your tasks is", ()),
        ("direct#Ben", "1 task is", ("You are named by the tag notify of Anna's task.",)),
    ],
)
def test_only_the_owner_reads_that_the_tasks_of_a_reservation_are_your_tasks(
    world: World, a_task: ASnapshot, to: str, still: str, lines: tuple[str, ...]
) -> None:
    booked = Reservation(world.tracking.now, world.tracking.now + HOUR, BOOKED)
    world.tracking.policy = replace(world.tracking.policy, reservations=(booked,))
    tags = {"owner": "anna", "notify": "ben"}
    waiting(world, a_task, 1, tags=tags, reservation=BOOKED)
    world.pass_time(HOUR)

    [(headline, found)] = shown(world, to)
    assert headline == f"⏱ {still} still queued · the reservation of IQM Garnet ends at 14:00"
    assert found[1:] == lines


@pytest.mark.parametrize(
    ("to", "lines"), [("direct#Anna", ()), ("direct#Ben", ("You are named by the tag notify of Anna's hybrid job.",))]
)
def test_a_reminder_of_a_job_near_its_limit_says_why_somebody_else_receives_it(
    world: World, a_job: ASnapshot, to: str, lines: tuple[str, ...]
) -> None:
    now, tags = world.tracking.now, {"owner": "anna", "notify": "ben"}
    world.has(a_job("RUNNING", created_at=now, started_at=now, max_runtime_s=3600, tags=tags))
    world.pass_time(HOUR)

    [(_, found)] = shown(world, to)
    assert found[1:] == lines


@pytest.mark.parametrize(
    ("status", "count", "what", "step"),
    [
        ("CREATED", 1, "1 task has been CREATED on IQM Garnet for up to 1 h 5 min · it may be stuck", STEP),
        ("CREATED", 3, "3 tasks have been CREATED on IQM Garnet for up to 1 h 5 min · they may be stuck", STEP),
        # after three days of other statuses; nobody can cancel it once more
        ("CANCELLING", 1, "1 task has been CANCELLING on IQM Garnet for up to 1 h · it may be stuck", ""),
        ("CANCELLING", 3, "3 tasks have been CANCELLING on IQM Garnet for up to 1 h · they may be stuck", ""),
    ],
)
def test_a_reminder_of_what_is_stuck_says_for_how_long_it_has_been_so(
    world: World, a_task: ASnapshot, status: str, count: int, what: str, step: str
) -> None:
    created = world.tracking.now
    if status == "CANCELLING":
        waiting(world, a_task, count, "RUNNING", tags=ANNA, created_at=created)
        world.pass_time(3 * DAY, HOUR)
    waiting(world, a_task, count, status, tags=ANNA, created_at=created)
    world.pass_time(2 * HOUR)

    assert shown(world, "direct#Anna") == [(f"⏳ your {what}", (step,) if step else ())]
