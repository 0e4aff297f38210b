"""Decisions about a resource's status, its pending transitions and their announcement."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow
from braket_notifier.errors import DeferError
from braket_notifier.tracking.detect import WAITS, believe, is_old, pending, step

ASnapshot = Callable[..., Snapshot]
ORDER = ["CREATED", "QUEUED", "RUNNING", "CANCELLING", "COMPLETED"]


@pytest.mark.parametrize(("was", "now"), list(product(ORDER, ORDER)))
def test_a_task_only_moves_forward(a_task: ASnapshot, was: str, now: str) -> None:
    """Braket delivers events at least once and possibly out of order. A late event changes nothing."""
    assert a_task(now).supersedes(a_task(was)) == (ORDER.index(now) > ORDER.index(was))


@pytest.mark.parametrize(("was", "now"), list(product(["COMPLETED", "FAILED", "CANCELLED", "GONE"], repeat=2)))
def test_one_end_never_supersedes_another_but_may_correct_it(a_task: ASnapshot, was: str, now: str) -> None:
    assert not a_task(now).supersedes(a_task(was))
    assert a_task(now).corrects(a_task(was)) == (was != now)


def test_a_correction_needs_braket_s_own_answer(a_task: ASnapshot) -> None:
    assert not a_task("FAILED", degraded=True).corrects(a_task("COMPLETED"))


@pytest.mark.parametrize(
    ("ended", "after", "before"),
    [
        (False, "RUNNING", "CANCELLING"),  # between the two, because its order is unknown
        (True, "CANCELLING", None),  # Braket gives its end
    ],
)
def test_an_unknown_status_has_a_place(
    a_task: ASnapshot, noon: datetime, ended: bool, after: str, before: str | None
) -> None:
    unknown = a_task("PAUSED", ended_at=noon if ended else None)

    assert unknown.supersedes(a_task(after))
    assert unknown.terminal == ended
    assert before is None or a_task(before).supersedes(unknown)


@pytest.mark.parametrize(
    ("statuses", "dispatched", "expected"),
    [
        (["QUEUED"], 0, ["QUEUED"]),
        (["QUEUED"], 1, []),
        (["QUEUED", "RUNNING", "COMPLETED"], 1, ["RUNNING", "COMPLETED"]),  # in order and complete
        (["COMPLETED"], 1, []),  # recorded without announcement
    ],
)
def test_transitions_above_the_marker_are_pending(
    a_row: Callable[..., SnapshotRow], statuses: list[str], dispatched: int, expected: list[str]
) -> None:
    assert [each.status for each in pending(a_row(*statuses, dispatched=dispatched))] == expected


def test_a_transition_has_its_former_status_and_its_running_time(
    a_row: Callable[..., SnapshotRow], noon: datetime
) -> None:
    first, _, last = pending(a_row("QUEUED", "RUNNING", "COMPLETED"))

    assert (first.was, first.running_at, first.version) == (None, None, 1)
    assert (last.was, last.running_at, last.version) == ("RUNNING", noon, 3)


def test_an_earlier_status_shown_late_has_no_outcome_of_the_end(a_row: Callable[..., SnapshotRow]) -> None:
    row = a_row("RUNNING", "FAILED")
    row = replace(row, snapshot=replace(row.snapshot, failure_reason="x", successful_shots=0))

    running, failed = pending(row)

    assert (running.snapshot.status, running.snapshot.ended_at, running.snapshot.failure_reason) == (
        "RUNNING",
        None,
        "",
    )
    assert failed.snapshot == row.snapshot


def test_only_the_correcting_transition_is_marked(a_row: Callable[..., SnapshotRow]) -> None:
    assert [each.correction for each in pending(a_row("FAILED", "COMPLETED", corrected=True))] == [False, True]


@pytest.mark.parametrize(
    ("reported", "answer", "believed"),
    [
        ("RUNNING", "RUNNING", "RUNNING"),
        ("RUNNING", "COMPLETED", "COMPLETED"),  # the event is behind Braket's answer
        ("COMPLETED", "FAILED", "FAILED"),  # Braket's answer wins between two ends
        ("", "RUNNING", "RUNNING"),  # Braket documents an event's status as optional
    ],
)
def test_braket_s_answer_is_believed(a_task: ASnapshot, reported: str, answer: str, believed: str) -> None:
    assert believe(ReportedStatus(a_task(reported), None), a_task(answer), receives=1).status == believed


@pytest.mark.parametrize("status", ["RUNNING", None])
def test_an_answer_behind_the_event_is_read_again_before_the_event_is_believed(
    a_task: ASnapshot, status: str | None
) -> None:
    """Braket's answers may lag behind its events, and the announcement must not be lost."""
    event = ReportedStatus(a_task("COMPLETED", degraded=True), None)
    answer = a_task(status, tags={"Name": "kept"}) if status else None
    waits = []
    for receives in range(1, len(WAITS) + 1):
        with pytest.raises(DeferError) as deferred:
            believe(event, answer, receives)
        waits.append(deferred.value.seconds)

    believed = believe(event, answer, len(WAITS) + 1)

    assert waits == [2, 5, 15]
    assert (believed.status, believed.degraded) == ("COMPLETED", True)
    assert believed.ended_at == event.snapshot.ended_at
    assert believed.tags == ({"Name": "kept"} if answer else {"Name": "ghz-12"})


def test_times_of_steps_are_braket_s_own(a_task: ASnapshot, a_job: ASnapshot, noon: datetime) -> None:
    ended, running, queued, created = a_task("COMPLETED"), a_job("RUNNING"), a_task("QUEUED"), a_task("CREATED")

    for snapshot, at in ((ended, ended.ended_at), (running, running.started_at), (created, created.created_at)):
        assert step(snapshot, "sweep").at == at
        assert step(snapshot, "event", ReportedStatus(snapshot, noon)).at == at  # the time at which the event was sent
    assert step(queued, "sweep").at is None  # no event gave the time
    assert step(queued, "event", ReportedStatus(queued, noon)).at == noon
    assert step(queued, "event", ReportedStatus(a_task("CREATED"), noon)).at is None  # the event reports another status


@pytest.mark.parametrize(
    ("status", "ended_ago", "since_ago", "old"),
    [
        ("COMPLETED", timedelta(hours=2), timedelta(hours=1), True),  # ended before the region was watched
        ("COMPLETED", timedelta(hours=1), timedelta(hours=2), False),
        ("COMPLETED", timedelta(days=31), timedelta(days=400), True),  # an expired row is not announced again
        ("RUNNING", timedelta(hours=2), timedelta(hours=1), False),
    ],
)
def test_old_ends_are_not_announced(
    a_task: ASnapshot, noon: datetime, status: str, ended_ago: timedelta, since_ago: timedelta, old: bool
) -> None:
    snapshot = a_task(status, ended_at=noon - ended_ago if status == "COMPLETED" else None)

    assert is_old(snapshot, noon - since_ago, noon) == old


def test_an_unknown_status_on_the_way_is_no_end_even_if_the_row_has_ended(a_row: Callable[..., SnapshotRow]) -> None:
    """Both notifications are pending. With equal ranks neither would supersede the other."""
    notifications = [
        Notification(each, "team-slack") for each in pending(a_row("RUNNING", "PAUSED", "COMPLETED", dispatched=1))
    ]
    corrected = a_row("PAUSED", "EXPIRED", "COMPLETED", corrected=True)

    assert [each.order for each in notifications] == [2.5, 4.0]
    assert [Notification(each, "team-slack").order for each in pending(corrected)] == [2.5, 4.0, 4.5]
