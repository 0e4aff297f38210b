from collections.abc import Callable
from dataclasses import replace

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import TASKS_ENDED, Snapshot
from braket_notifier.domain.transition import Transition
from tests.prove.world import CALM, TIMEOUTS, World
from tests.prove.world_worker import Worker

Make = Callable[..., Notification]


@pytest.fixture
def of_job(a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition]) -> Make:
    def build(status: str) -> Notification:
        of_line = status == TASKS_ENDED
        transition = a_transition(a_job("COMPLETED" if of_line else status))
        return Notification(replace(transition, status=status) if of_line else transition, "team-slack")

    return build


@pytest.mark.parametrize(
    ("later", "how", "wrong"),
    [
        ("COMPLETED", {"edit": True}, 0),  # one digest announced the end and the last tasks, and the job's card follows
        ("COMPLETED", {"may_repeat": True}, 0),  # both were in doubt, and come again together
        ("COMPLETED", {}, 1),  # the end is announced after its last tasks
        ("RUNNING", {"edit": True}, 1),  # the card shows a job that has ended as running
    ],
)
def test_the_line_about_a_job_s_last_tasks_forbids_neither_an_edit_nor_a_marked_repeat_of_its_end(
    of_job: Make, later: str, how: dict[str, bool], wrong: int
) -> None:
    world = World()
    worker = Worker(world, CALM, TIMEOUTS["deliver"], channel="team-slack")
    for status in ("RUNNING", "COMPLETED", TASKS_ENDED):
        world.accepted.accept(of_job(status), worker, may_repeat=False)

    world.accepted.accept(of_job(later), worker, **{"may_repeat": False, **how})

    assert len(world.accepted.wrong) == wrong


@pytest.mark.parametrize(
    ("given_up", "later", "wrong"),
    [
        (True, "COMPLETED", 0),  # the operator sends it again
        (True, "RUNNING", 1),
        (False, "COMPLETED", 1),
    ],
)
def test_only_an_end_that_was_given_up_may_follow_the_line_about_the_last_tasks_of_its_job(
    of_job: Make, given_up: bool, later: str, wrong: int
) -> None:
    world, end = World(), of_job("COMPLETED")
    worker = Worker(world, CALM, TIMEOUTS["deliver"], channel="team-slack")
    world.ledger.claim(end, owner="one", now=world.now)
    if given_up:
        world.ledger.undelivered(end, owner="one", reason="not accepted for 72 hours", now=world.now)
    world.accepted.accept(of_job(TASKS_ENDED), worker, may_repeat=False)
    world.ledger.reopen(end, now=world.now)

    world.accepted.accept(of_job(later), worker, may_repeat=False)

    assert len(world.accepted.wrong) == wrong
