"""What a channel is given to tell, and what is looked up for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.program_set import Failures
from braket_notifier.domain.resource import FAILING, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import MOST_IDS, message_of, metadata_of
from tests.conftest import NOON, job_arn

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
JOB = job_arn()
SET = {"status": "FAILED", "shots": 96000, "successful_shots": 90000, "programs": 12, "executables": 96}


def test_failed_executables_are_told_if_they_can_be_read(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    told = Notification(a_transition(a_task(**SET)), "team-slack")

    message = message_of(told, policy, "team-slack", read=lambda _: (Failures("DEVICE", 6, retryable=True),))

    assert "Failed: 6 executables = 6 DEVICE (retryable); which ones, in results.json" in message.lines


def test_without_them_the_plain_form_says_where_to_look(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    told = Notification(a_transition(a_task(**SET)), "team-slack")

    message = message_of(told, policy, "team-slack", read=lambda _: None)

    assert "Which ones failed is in results.json" in message.lines


@pytest.mark.parametrize(
    "changes",
    [
        {},  # no program set
        {**SET, "successful_shots": 96000, "status": "COMPLETED"},  # all is well
        {**SET, "successful_shots": 0},  # nothing is usable, so there is no such file
        {**SET, "successful_shots": None},
        {**SET, "status": "RUNNING", "successful_shots": None},
    ],
)
def test_nothing_is_read_where_nothing_could_be_told(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, changes: dict[str, Any]
) -> None:
    reads: list[Snapshot] = []

    message_of(Notification(a_transition(a_task(**changes)), "team-slack"), policy, "", read=reads.append)

    assert reads == []


@pytest.mark.parametrize(
    ("threads", "silent", "job", "where"),
    [
        (True, False, "", "the thread"),
        (True, True, JOB, "results.json"),  # it is in the thread of its hybrid job's card itself
        (False, False, "", "results.json"),
    ],
)
def test_which_executables_failed_is_told_in_the_thread_of_a_card_of_its_own(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, threads: bool, silent: bool, job: str, where: str
) -> None:
    told = Notification(a_transition(a_task(**SET, job_arn=job)), "team-slack", silent)

    lines = message_of(told, policy, "team-slack", read=lambda _: (Failures("DEVICE", 6),), threads=threads).lines

    assert f"Failed: 6 executables = 6 DEVICE; which ones, in {where}" in lines


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Children(40, 38, 1, 1, 0, 912, 1000), "In thread: the failed and the partial task, with reason and link"),
        # what has enough shots for the settings is counted as partial, and not told in the thread
        (Children(40, 38, 1, 1, 0, 991, 1000), "In thread: the failed task, with reason and link"),
        (Children(40, 38, 1, 1, 0), "In thread: the failed task, with reason and link"),
        (Children(40, 37, 0, 3, 0), "In thread: 3 failed tasks, with reason and link"),
        # many that failed alike are counted there, not told one by one
        (Children(40, 30, 0, 10, 0), "In thread: failed tasks, with reason and link"),
        (Children(40, 40), None),
        (None, None),
    ],
)
def test_a_job_says_what_stands_in_its_thread_and_nothing_else(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy, counts: Children | None, said: str | None
) -> None:
    job = Notification(a_transition(a_job(children=counts)), "team-slack")

    threaded = message_of(job, policy, "team-slack", threads=True).lines
    plain = message_of(job, policy, "mail").lines

    assert [line for line in threaded if line.startswith("In thread")] == ([said] if said else [])
    assert [line for line in plain if line.startswith("In thread")] == []


@pytest.mark.parametrize(
    ("status", "after", "said"),
    [
        ("RUNNING", timedelta(minutes=42), "ran 42 min of max 5 h by 10:45 CET"),
        (FAILING, timedelta(minutes=42), "ran 42 min of max 5 h by 10:45 CET"),
        ("RUNNING", timedelta(hours=14), "ran 14 h of max 5 h by 21 Nov 00:03 CET"),  # its end is not known yet
        ("RUNNING", timedelta(seconds=20), "max 5 h"),
        ("RUNNING", timedelta(seconds=-20), "max 5 h"),  # a clock is slow
        ("COMPLETED", timedelta(hours=14), "ran 1 h 12 min of max 5 h"),  # by then it had ended
        ("QUEUED", timedelta(minutes=42), "max 5 h"),
    ],
)
def test_a_job_that_runs_says_for_how_long_it_has_by_when(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy, status: str, after: timedelta, said: str
) -> None:
    job = a_job("RUNNING" if status == FAILING else status)
    began = a_job("RUNNING").started_at or NOON
    told = Notification(a_transition(job, status=status), "team-slack", as_of=began + after)

    where = message_of(told, policy, "team-slack").lines[0]

    assert where == f"IQM Garnet · ml.m5.large · eu-north-1 · {said}"


def test_a_digest_of_a_thousand_says_how_many_and_names_as_many_as_slack_certainly_takes() -> None:
    ids = tuple(f"{number:016x}" for number in range(1000))

    metadata = metadata_of(Digest("ghz-scan", (), news=ids))

    assert metadata["event_payload"] == {"ids": list(ids[:MOST_IDS]), "count": 1000}
