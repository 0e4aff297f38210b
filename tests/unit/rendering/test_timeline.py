"""The timeline of a hybrid job, from events without order whose members are all optional."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import JobEvent, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.transition import render

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]


@pytest.fixture
def shown(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> Callable[..., str]:
    """Timeline of a job submitted at 06:58 local time that ran from 10:03 and ended at 11:15."""

    def build(*events: JobEvent, status: str = "COMPLETED", **changes: object) -> str:
        lines = render(a_transition(a_job(status, events=events, **changes)), policy).lines
        return next(line for line in lines if line.startswith("Timeline: ")).removeprefix("Timeline: ")

    return build


def test_events_are_shown_in_the_order_of_their_times(shown: Callable[..., str], noon: datetime) -> None:
    waiting = JobEvent("WAITING_FOR_PRIORITY", noon - timedelta(hours=6))
    running = JobEvent("RUNNING", noon - timedelta(hours=3))

    assert shown(running, waiting) == "submitted 06:58 → priority queue 3 h 00 → running 10:00 → done 11:15 CET"


def test_an_unfinished_wait_shows_its_start(shown: Callable[..., str], noon: datetime) -> None:
    waiting = JobEvent("QUEUED_FOR_EXECUTION", noon - timedelta(hours=6))

    assert shown(waiting, status="QUEUED", started_at=None) == "submitted 06:58 → in the queue since 07:00 CET"


def test_an_event_without_a_time_is_left_out(shown: Callable[..., str]) -> None:
    untimed = (JobEvent("WAITING_FOR_PRIORITY", None), JobEvent("RUNNING", None))

    assert shown(*untimed) == "submitted 06:58 → done 11:15 CET"


def test_the_start_time_of_getjob_replaces_a_missing_event(shown: Callable[..., str]) -> None:
    assert shown() == "submitted 06:58 → running 10:03 → done 11:15 CET"


def test_an_unknown_event_is_shown_by_its_own_name(shown: Callable[..., str], noon: datetime) -> None:
    strange = JobEvent("PAUSED_FOR_\u202eCALIBRATION", noon - timedelta(hours=2))

    assert "→ paused for calibration 11:00 →" in shown(strange)


def test_a_job_that_ran_over_midnight_shows_the_day(shown: Callable[..., str], noon: datetime) -> None:
    running = JobEvent("RUNNING", noon - timedelta(hours=20))

    assert shown(running, created_at=noon - timedelta(days=1)) == (
        "submitted 19 Nov 13:00 → running 19 Nov 17:00 → done 11:15 CET"
    )


def test_a_job_without_times_has_no_timeline(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    unknown = a_job("RUNNING", created_at=None, started_at=None)

    assert [line for line in render(a_transition(unknown), policy).lines if line.startswith("Timeline")] == []
