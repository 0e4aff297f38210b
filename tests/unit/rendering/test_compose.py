"""The message that a channel receives, and the facts that are read for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Children, Snapshot
from braket_notifier.domain.results import Failures, Preview, TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import MOST_IDS, message_of, metadata_of
from tests.conftest import NOON, job_arn

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
JOB = job_arn()
SET = {"status": "FAILED", "shots": 96000, "successful_shots": 90000, "programs": 12, "executables": 96}
LOST = TaskResults((Failures("DEVICE", 6, retryable=True),), "metadata.json")


def test_readable_failed_executables_are_in_the_message(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    notification = Notification(a_transition(a_task(**SET)), "team-slack")

    message = message_of(notification, policy, "team-slack", read=lambda _: LOST)

    assert "Failed: 6 executables = 6 DEVICE (retryable); which ones, in metadata.json" in message.lines
    assert message.links[-1][0] == "metadata.json"


@pytest.mark.parametrize(
    ("device", "file"),
    [
        ("arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q", "metadata.json"),  # Braket spreads its results
        ("arn:aws:braket:::device/quantum-simulator/amazon/sv1", "results.json"),
        ("", "results.json"),
    ],
)
def test_unreadable_failed_executables_are_replaced_by_a_pointer_to_the_file(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, device: str, file: str
) -> None:
    notification = Notification(a_transition(a_task(**SET, device=device)), "team-slack")

    message = message_of(notification, policy, "team-slack", read=lambda _: None)

    assert f"{file} says which ones failed" in message.lines
    assert message.links[-1][0] == file
    assert message.links[-1][1].endswith(f"/{file}")


@pytest.mark.parametrize(
    ("good", "push", "line"),
    [
        (90000, "🟠 ghz-12 partly failed · IQM Garnet · 90,000/96,000 shots (94 %)", "Usable: 90,000 of 96,000 shots"),
        (0, "❌ ghz-12 FAILED · IQM Garnet · no results", "Usable: 0 of 96,000 shots"),
        # an old file without a count says no more than Braket's answer
        (None, "🟠 ghz-12 FAILED · IQM Garnet · results may exist", "96,000 shots asked"),
    ],
)
def test_a_failed_program_set_without_a_count_of_shots_gets_it_from_its_results(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, good: int | None, push: str, line: str
) -> None:
    """Braket documents numSuccessfulShots for completed tasks only."""
    notification = Notification(a_transition(a_task(**{**SET, "successful_shots": None})), "team-slack")

    message = message_of(
        notification, policy, "team-slack", read=lambda _: replace(LOST, successful_shots=good), threads=True
    )

    assert message.push == push
    assert message.lines[1] == line
    assert "Failed: 6 executables = 6 DEVICE (retryable); which ones, in the thread" in message.lines


def test_a_failed_program_set_without_any_count_may_have_results(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    notification = Notification(a_transition(a_task(**{**SET, "successful_shots": None})), "team-slack")

    message = message_of(notification, policy, "team-slack")

    assert message.push == "🟠 ghz-12 FAILED · IQM Garnet · results may exist"
    assert message.headline == "🟠 ghz-12 — FAILED by Braket, but results may exist"
    assert [label for label, _ in message.links] == ["Console", "Task folder in S3"]


@pytest.mark.parametrize(
    "changes",
    [
        {"shots": 0},  # a simulator's exact values have no measurements
        {"bucket": ""},
        {"status": "FAILED"},  # not a program set
        {**SET, "successful_shots": 0},  # nothing is usable, so there is no such file
        {**SET, "programs": 1, "executables": 1},  # a set of one fails like any other task
        {**SET, "status": "RUNNING", "successful_shots": None},
    ],
)
def test_results_are_not_read_if_they_have_neither_failures_nor_measurements(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, changes: dict[str, Any]
) -> None:
    reads: list[Snapshot] = []

    message_of(Notification(a_transition(a_task(**changes)), "team-slack"), policy, "", read=reads.append)

    assert reads == []


def test_the_preview_is_the_third_line_and_on_no_lock_screen(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    found = TaskResults((), "results.json", preview=Preview((("00000", 49), ("11111", 47)), 100, 3))
    notification = Notification(a_transition(a_task(submitter="anna")), "team-slack")

    message = message_of(notification, policy, "team-slack", read=lambda _: found)

    assert message.lines[1:3] == ("submitted by anna", "00000 49 % · 11111 47 % · 4 % others")
    assert replace(message, lines=()) == replace(message_of(notification, policy, "team-slack"), lines=())


@pytest.mark.parametrize(
    ("changes", "read_results", "said"),
    [
        ({"tags": {"say": "E = -1.137 Ha\n"}}, True, ["It says: E = -1.137 Ha"]),
        ({"tags": {"say": "E = -1.137 Ha"}}, False, []),
        ({"tags": {"say": " \u202e"}}, True, []),
        ({"tags": {"say": "soon"}, "status": "RUNNING"}, True, []),
        ({}, True, []),
    ],
)
def test_a_hybrid_job_says_its_result_by_its_tag(
    a_job: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    changes: dict[str, Any],
    read_results: bool,
    said: list[str],
) -> None:
    notification = Notification(a_transition(a_job(**changes)), "team-slack")

    message = message_of(notification, replace(policy, read_results=read_results), "team-slack")

    assert [line for line in message.lines if "says" in line] == said


@pytest.mark.parametrize(
    ("threads", "silent", "job", "where"),
    [
        (True, False, "", "the thread"),
        (True, True, JOB, "metadata.json"),  # the task is itself in the thread of its hybrid job's card
        (False, False, "", "metadata.json"),
    ],
)
def test_only_a_card_of_its_own_lists_failed_executables_in_its_thread(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, threads: bool, silent: bool, job: str, where: str
) -> None:
    notification = Notification(a_transition(a_task(**SET, job_arn=job)), "team-slack", silent)

    lines = message_of(notification, policy, "team-slack", read=lambda _: LOST, threads=threads).lines

    assert f"Failed: 6 executables = 6 DEVICE (retryable); which ones, in {where}" in lines


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        (Children(40, 38, 1, 1, 0, 912, 1000), "In thread: the failed and the partial task, with reason and link"),
        # a partial task with enough shots for the settings is counted, but is not in the thread
        (Children(40, 38, 1, 1, 0, 991, 1000), "In thread: the failed task, with reason and link"),
        (Children(40, 38, 1, 1, 0), "In thread: the failed task, with reason and link"),
        (Children(40, 37, 0, 3, 0), "In thread: 3 failed tasks, with reason and link"),
        # many tasks that failed with the same reason are counted, not listed
        (Children(40, 30, 0, 10, 0), "In thread: failed tasks, with reason and link"),
        (Children(40, 40), None),
        (None, None),
    ],
)
def test_a_job_s_card_names_exactly_the_contents_of_its_thread(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy, counts: Children | None, shown: str | None
) -> None:
    job = Notification(a_transition(a_job(children=counts)), "team-slack")

    threaded = message_of(job, policy, "team-slack", threads=True).lines
    plain = message_of(job, policy, "mail").lines

    assert [line for line in threaded if line.startswith("In thread")] == ([shown] if shown else [])
    assert [line for line in plain if line.startswith("In thread")] == []


@pytest.mark.parametrize(
    ("status", "after", "shown"),
    [
        ("RUNNING", timedelta(minutes=42), "ran 42 min of max 5 h by 10:45 CET"),
        (FAILING, timedelta(minutes=42), "ran 42 min of max 5 h by 10:45 CET"),
        ("RUNNING", timedelta(hours=14), "ran 14 h of max 5 h by 21 Nov 00:03 CET"),  # the end is not known yet
        ("RUNNING", timedelta(seconds=20), "max 5 h"),
        ("RUNNING", timedelta(seconds=-20), "max 5 h"),  # a slow clock
        ("COMPLETED", timedelta(hours=14), "ran 1 h 12 min of max 5 h"),  # the job had ended by then
        ("QUEUED", timedelta(minutes=42), "max 5 h"),
    ],
)
def test_a_running_job_shows_its_run_time_and_the_time_of_the_message(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy, status: str, after: timedelta, shown: str
) -> None:
    job = a_job("RUNNING" if status == FAILING else status)
    began = a_job("RUNNING").started_at or NOON
    notification = Notification(a_transition(job, status=status), "team-slack", as_of=began + after)

    where = message_of(notification, policy, "team-slack").lines[0]

    assert where == f"IQM Garnet · ml.m5.large · eu-north-1 · {shown}"


def test_a_time_of_another_day_than_the_message_s_has_its_day(
    a_task: ASnapshot, a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    task, job = a_transition(a_task()), a_transition(a_job())
    contents = (Notification(task, "mail"), Notification(job, "mail"), Digest("", (task,), "quiet"))

    def shown(days: int) -> list[str]:
        now = NOON + timedelta(days=days)
        return [message_of(each, policy, "mail", now=now).lines[-1].partition(" CET")[0] for each in contents]

    held = "Quiet hours or a mute held these messages"
    assert shown(0) == [
        "Submitted 09:12, done 12:53",
        "Timeline: submitted 06:58 → running 10:03 → done 11:15",
        f"{held} (12:53",
    ]
    assert shown(3) == [
        "Submitted 20 Nov 09:12, done 20 Nov 12:53",
        "Timeline: submitted 20 Nov 06:58 → running 20 Nov 10:03 → done 20 Nov 11:15",
        f"{held} (20 Nov 12:53",
    ]


def test_a_digest_of_one_past_day_has_it_once_and_one_of_two_days_has_both(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    later = replace(a_task(number=2), ended_at=NOON + timedelta(hours=13))
    one, two = a_transition(a_task(number=1)), a_transition(later)

    def shown(*transitions: Transition) -> str:
        digest = Digest("", transitions, batch="ghz", open=0)
        return message_of(digest, policy, "mail", now=NOON + timedelta(days=3)).lines[0]

    assert shown(one) == "Batch ghz is finished (20 Nov 09:12-12:53 CET, 3 h 41 min)."
    assert shown(one, two) == "Batch ghz is finished (20 Nov 09:12-21 Nov 02:00 CET, 16 h 48 min)."


def test_times_before_and_after_the_clocks_go_back_have_each_their_zone(
    a_task: ASnapshot, a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    began, ended = datetime(2026, 10, 25, 0, 50, tzinfo=UTC), datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    task = a_transition(replace(a_task(), created_at=began, ended_at=ended))
    job = a_transition(replace(a_job(), created_at=began, started_at=began + timedelta(minutes=1), ended_at=ended))
    contents = (Notification(task, "mail"), Notification(job, "mail"), Digest("", (task,), batch="night", open=0))

    lines = [each for content in contents for each in message_of(content, policy, "mail", now=ended).lines]

    assert "Submitted 02:50 CEST, done 02:10 CET (01:10 UTC) · took 20 min" in lines
    assert "Timeline: submitted 02:50 CEST → running 02:51 CEST → done 02:10 CET" in lines
    assert "Batch night is finished (02:50 CEST-02:10 CET, 20 min)." in lines


def test_the_metadata_of_a_large_digest_has_the_count_and_only_the_first_ids() -> None:
    ids = tuple(f"{number:016x}" for number in range(1000))

    metadata = metadata_of(Digest("ghz-scan", (), news=ids))

    assert metadata["event_payload"] == {"ids": list(ids[:MOST_IDS]), "count": 1000}


def test_a_list_of_executables_has_metadata_of_its_own_kind(a_task: ASnapshot, a_transition: ATransition) -> None:
    """It stands in the thread of the card, which the same notification announced."""
    notification = Notification(a_transition(a_task(**SET)), "team-slack")

    card, listed = metadata_of(notification), metadata_of(replace(notification, results=LOST))

    assert (card["event_type"], listed["event_type"]) == ("braket_status", "braket_executables")
    assert card["event_payload"] == listed["event_payload"]
