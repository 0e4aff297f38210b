"""Braket's answers about a quantum task, hybrid job or device, status by status."""

import json
from datetime import timedelta
from typing import Literal

import pytest

from local.braket.emulator import FailedExecutable, JobEvent, Script, usual
from tests.local.braket_world import RESERVATION, SV1, braket_world, program_set

TASK_LIFE = ["CREATED", "QUEUED", "RUNNING", "COMPLETED"]


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED"])
def test_an_ended_task_has_its_end_time(status: str) -> None:
    with braket_world(Script(steps=((5, status),))) as it:
        arn = it.task()
        it.push(60)
        task = it.get(arn)

        assert task["endedAt"] - task["createdAt"] == timedelta(seconds=5)


def test_a_started_job_has_its_start_time() -> None:
    with braket_world() as it:
        arn = it.job()
        waiting = it.get(arn)
        it.push(2)
        ended = it.get(arn)

        assert "startedAt" not in waiting
        assert ended["createdAt"] < ended["startedAt"] < ended["endedAt"]


@pytest.mark.parametrize("status", ["RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED"])
def test_a_task_that_does_not_wait_has_no_queue_position(status: str) -> None:
    with braket_world(Script(steps=((0, status),))) as it:
        arn = it.task()
        it.push(1)

        assert it.get(arn, queue=True)["queueInfo"] == {
            "queue": "QUANTUM_TASKS_QUEUE",
            "position": "None",
            "queuePriority": "Normal",
            "message": f"Task is in {status} status. AmazonBraket does not show queue position for this status.",
        }


@pytest.mark.parametrize(
    ("kind", "ahead", "position"),
    [
        ("task", 2, "2"),
        ("task", 2000, "2000"),  # Braket's highest position
        ("task", 2001, ">2000"),
        ("job", 15, "15"),  # likewise
        ("job", 16, ">15"),
    ],
)
def test_a_waiting_resource_has_a_position(kind: str, ahead: int, position: str) -> None:
    with braket_world(Script(queue_ahead=ahead)) as it:
        arn = it.task() if kind == "task" else it.job()

        assert it.get(arn, queue=True)["queueInfo"]["position"] == position


def test_the_queue_drains_by_its_script() -> None:
    with braket_world(Script(queue_ahead=30, drains=8.0, steps=())) as it:
        arn = it.task()
        positions = []
        for _ in range(6):
            positions.append(it.get(arn, queue=True)["queueInfo"]["position"])
            it.push(3600)

        assert positions == ["30", "22", "14", "6", "0", "0"]


def test_a_device_has_the_windows_that_were_set() -> None:
    with braket_world() as it:
        it.braket.set_device_windows(SV1, ("Weekdays", "09:00:00", "17:00:00"))

        service = json.loads(it.client.get_device(deviceArn=SV1)["deviceCapabilities"])["service"]
        assert service["executionWindows"] == [
            {"executionDay": "Weekdays", "windowStartHour": "09:00:00", "windowEndHour": "17:00:00"}
        ]


def test_the_queue_position_counts_the_resources_that_wait_before() -> None:
    with braket_world() as it:
        arns = [it.task() for _ in range(3)]
        it.task(tags={"on": "another device"}, deviceArn="arn:aws:braket:::device/quantum-simulator/amazon/dm1")

        assert [it.get(arn, queue=True)["queueInfo"]["position"] for arn in arns] == ["0", "1", "2"]


def test_queue_info_is_given_only_when_asked_for() -> None:
    with braket_world() as it:
        assert "queueInfo" not in it.get(it.task())
        assert "queueInfo" not in it.get(it.job())


def test_a_jobs_own_task_names_the_job_and_has_priority() -> None:
    with braket_world() as it:
        job = it.job()
        child = it.get(it.task(jobToken=it.braket.job_token(job)), queue=True)

        assert (child["jobArn"], child["queueInfo"]["queuePriority"]) == (job, "Priority")


def test_a_device_counts_what_waits_on_it() -> None:
    with braket_world(Script(steps=())) as it:
        job = it.job()
        for token in ({}, {}, {"jobToken": it.braket.job_token(job)}):
            it.task(**token)

        assert it.client.get_device(deviceArn=SV1)["deviceQueueInfo"] == [
            {"queue": "QUANTUM_TASKS_QUEUE", "queueSize": "2", "queuePriority": "Normal"},
            {"queue": "QUANTUM_TASKS_QUEUE", "queueSize": "1", "queuePriority": "Priority"},
            {"queue": "JOBS_QUEUE", "queueSize": "1"},
        ]


def test_a_device_shows_that_a_job_runs_with_priority() -> None:
    with braket_world(Script(steps=((0, "RUNNING"),))) as it:
        it.job()
        it.push(0)

        assert it.client.get_device(deviceArn=SV1)["deviceQueueInfo"][-1]["queueSize"] == (
            "0 (1 prioritized job(s) running)"
        )


def test_a_failure_has_the_scripts_reason() -> None:
    with braket_world(Script(steps=usual("task", "FAILED"), failure_reason="Internal device error")) as it:
        arn = it.task()
        queued = it.get(arn)
        it.push(2)

        assert "failureReason" not in queued
        assert it.get(arn)["failureReason"] == "Internal device error"


@pytest.mark.parametrize(
    ("end", "scripted", "seen"),
    [
        ("COMPLETED", "all", 100),  # Braket's default
        ("COMPLETED", 91, 91),  # fewer than asked
        ("COMPLETED", None, None),  # an older region, say
        ("FAILED", "all", None),  # "available after a successfully completed quantum task"
        ("FAILED", 40, 40),  # a program set with part of its results
    ],
)
def test_successful_shots_are_given_where_the_script_says(
    end: str, scripted: int | Literal["all"] | None, seen: int | None
) -> None:
    with braket_world(Script(steps=usual("task", end), successful_shots=scripted)) as it:
        arn = it.task()
        open_task = it.get(arn)
        it.push(2)

        assert "numSuccessfulShots" not in open_task
        assert it.get(arn).get("numSuccessfulShots") == seen


def test_a_reservation_is_an_association() -> None:
    with braket_world(Script(association=RESERVATION)) as it:
        assert it.get(it.task())["associations"] == [{"arn": RESERVATION, "type": "RESERVATION_TIME_WINDOW_ARN"}]


def test_a_job_lists_its_events_as_they_come() -> None:
    events = (
        JobEvent(-60, "WAITING_FOR_PRIORITY", "3 jobs ahead"),
        JobEvent(0.1, "STARTING_INSTANCE"),
        JobEvent(50, "UPLOADING_RESULTS"),
    )
    with braket_world(Script(job_events=events, steps=((0.3, "RUNNING"), (100, "COMPLETED")))) as it:
        arn = it.job()
        seen = []
        for seconds in (0, 1, 60, 60):
            it.push(seconds)
            seen.append([event["eventType"] for event in it.get(arn)["events"]])

        assert seen == [
            ["WAITING_FOR_PRIORITY"],
            ["WAITING_FOR_PRIORITY", "STARTING_INSTANCE"],
            ["WAITING_FOR_PRIORITY", "STARTING_INSTANCE", "UPLOADING_RESULTS"],
            ["WAITING_FOR_PRIORITY", "STARTING_INSTANCE", "UPLOADING_RESULTS", "COMPLETED"],
        ]


def test_a_cancelled_job_goes_through_no_more_of_its_events() -> None:
    with braket_world(Script(job_events=(JobEvent(0, "QUEUED_FOR_EXECUTION"), JobEvent(50, "RUNNING")))) as it:
        arn = it.job()
        it.push(0.1)
        it.client.cancel_job(jobArn=arn)
        it.push(60)

        assert [event["eventType"] for event in it.get(arn)["events"]] == ["QUEUED_FOR_EXECUTION", "CANCELLED"]


def test_a_job_has_at_most_twenty_events() -> None:
    with braket_world(Script(job_events=tuple(JobEvent(0, "RUNNING", str(n)) for n in range(30)))) as it:
        assert len(it.get(it.job())["events"]) == 20


def test_failed_executables_cost_shots_in_a_program_set_only() -> None:
    failed = FailedExecutable(program=0, inputs_index=0, reason="No such gate", category="COMPILATION")
    with braket_world(Script(failed_executables=(failed,))) as it:
        plain, whole = it.task(shots=100), it.task(shots=100, action=program_set(4))
        it.push(2)

        assert [it.get(arn)["numSuccessfulShots"] for arn in (plain, whole)] == [100, 75]
