"""A hybrid job's way, out of events in which every member is optional and no order is promised."""

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
def told(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> Callable[..., str]:
    """The timeline of a job submitted at 06:58 local time that ran from 10:03 and ended at 11:15."""

    def build(*events: JobEvent, status: str = "COMPLETED", **changes: object) -> str:
        lines = render(a_transition(a_job(status, events=events, **changes)), policy).lines
        return next(line for line in lines if line.startswith("Timeline: ")).removeprefix("Timeline: ")

    return build


def test_events_are_told_in_the_order_of_their_times(told: Callable[..., str], noon: datetime) -> None:
    waiting = JobEvent("WAITING_FOR_PRIORITY", noon - timedelta(hours=6))
    running = JobEvent("RUNNING", noon - timedelta(hours=3))

    assert told(running, waiting) == "submitted 06:58 → priority queue 3 h 00 → running 10:00 → done 11:15 CET"


def test_a_wait_that_goes_on_says_since_when(told: Callable[..., str], noon: datetime) -> None:
    waiting = JobEvent("QUEUED_FOR_EXECUTION", noon - timedelta(hours=6))

    assert told(waiting, status="QUEUED", started_at=None) == "submitted 06:58 → in the queue since 07:00 CET"


def test_what_has_no_time_is_left_out(told: Callable[..., str]) -> None:
    untimed = (JobEvent("WAITING_FOR_PRIORITY", None), JobEvent("RUNNING", None))

    assert told(*untimed) == "submitted 06:58 → done 11:15 CET"


def test_the_start_that_getjob_gives_stands_in_for_its_event(told: Callable[..., str]) -> None:
    assert told() == "submitted 06:58 → running 10:03 → done 11:15 CET"


def test_an_event_that_is_new_is_told_in_its_own_words(told: Callable[..., str], noon: datetime) -> None:
    strange = JobEvent("PAUSED_FOR_\u202eCALIBRATION", noon - timedelta(hours=2))

    assert "→ paused for calibration 11:00 →" in told(strange)


def test_a_job_that_ran_over_midnight_says_the_day(told: Callable[..., str], noon: datetime) -> None:
    running = JobEvent("RUNNING", noon - timedelta(hours=20))

    assert told(running, created_at=noon - timedelta(days=1)) == (
        "submitted 19 Nov 13:00 → running 19 Nov 17:00 → done 11:15 CET"
    )


def test_nothing_known_is_nothing_told(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    unknown = a_job("RUNNING", created_at=None, started_at=None)

    assert [line for line in render(a_transition(unknown), policy).lines if line.startswith("Timeline")] == []
