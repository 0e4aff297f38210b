"""The way of quantum tasks and hybrid jobs through their statuses."""

import threading
from datetime import datetime, timedelta

import pytest

from local.braket.emulator import Clock, CreateRequest, Event, Script
from tests.local.braket_world import GARNET, braket_world

TASK_LIFE = ["CREATED", "QUEUED", "RUNNING", "COMPLETED"]


def test_a_task_lives_through_all_its_statuses_in_under_two_seconds() -> None:
    with braket_world() as it:
        arn = it.task()
        it.push(2)

        assert it.statuses(arn) == TASK_LIFE


def test_a_job_has_no_created() -> None:
    with braket_world() as it:
        arn = it.job()
        it.push(2)

        assert it.statuses(arn) == ["QUEUED", "RUNNING", "COMPLETED"]


def test_nothing_changes_on_a_held_clock() -> None:
    with braket_world() as it:
        arn = it.task()

        assert [it.get(arn)["status"] for _ in range(3)] == ["CREATED"] * 3


def test_a_released_clock_follows_the_wall() -> None:
    ended = threading.Event()

    def watch(event: Event) -> None:
        if event["detail"]["status"] == "COMPLETED":
            ended.set()

    quick = Script(steps=((0.01, "QUEUED"), (0.01, "RUNNING"), (0.01, "COMPLETED")))
    with braket_world(quick, clock=Clock(), events=watch) as it:
        arn = it.task()

        assert ended.wait(60)
        assert it.statuses(arn) == TASK_LIFE


def test_each_change_has_the_moment_it_was_due() -> None:
    with braket_world(Script(steps=((1, "QUEUED"), (10, "FAILED")))) as it:
        arn = it.task()
        it.push(60)
        created, queued, failed = (change.at for change in it.braket.changes if change.arn == arn)

        assert (queued - created, failed - queued) == (timedelta(seconds=1), timedelta(seconds=10))


@pytest.mark.parametrize("status", ["CREATED", "QUEUED", "RUNNING"])
def test_only_an_ended_task_has_an_end(status: str) -> None:
    with braket_world(Script(steps=((0, status),))) as it:
        arn = it.task()
        it.push(1)

        assert "endedAt" not in it.get(arn)


def test_a_backdated_task_waited_all_that_time() -> None:
    with braket_world(Script(aged=timedelta(hours=3, minutes=40), steps=((0, "RUNNING"),))) as it:
        arn = it.task()
        it.push(0)
        running = it.braket.changes[-1]

        assert running.at - it.get(arn)["createdAt"] == timedelta(hours=3, minutes=40)


def test_a_late_resource_has_ended_in_the_past() -> None:
    with braket_world(Script(late=timedelta(minutes=40), steps=((1, "COMPLETED"),))) as it:
        arn = it.task()
        it.push(1)
        [*_, ended] = it.braket.changes

        assert ended.at - it.get(arn)["endedAt"] == timedelta(minutes=40)
        assert (
            timedelta(0)
            <= it.get(arn)["endedAt"] - datetime.fromisoformat(it.events[-1]["time"])
            < timedelta(seconds=1)
        )


@pytest.mark.parametrize("kind", ["task", "job"])
def test_a_cancelled_resource_ends_cancelled_and_its_script_is_over(kind: str) -> None:
    with braket_world() as it:
        arn = it.task() if kind == "task" else it.job()
        said = it.client.cancel_quantum_task(quantumTaskArn=arn) if kind == "task" else it.client.cancel_job(jobArn=arn)
        it.push(60)

        assert said["cancellationStatus"] == "CANCELLING"
        assert it.statuses(arn)[-2:] == ["CANCELLING", "CANCELLED"]
        assert "COMPLETED" not in it.statuses(arn)


def test_a_cancel_may_come_too_late() -> None:
    """Braket's transition table has Any -> RUNNING, which includes CANCELLING."""
    with braket_world(Script(when_cancelled=((0.1, "RUNNING"), (0.1, "COMPLETED")))) as it:
        arn = it.task()
        it.client.cancel_quantum_task(quantumTaskArn=arn)
        it.push(60)

        assert it.statuses(arn) == ["CREATED", "CANCELLING", "RUNNING", "COMPLETED"]


def test_a_cancel_while_the_result_is_written_still_counts() -> None:
    cancels: list[str] = []

    def cancel(_: str, key: str, __: bytes) -> None:
        cancels.append(key)
        it.client.cancel_quantum_task(quantumTaskArn=arn)

    with braket_world(put_result=cancel) as it:
        arn = it.task()
        it.push(60)

        assert len(cancels) == 1
        assert it.statuses(arn) == ["CREATED", "QUEUED", "RUNNING", "CANCELLING", "CANCELLED"]


def test_a_second_cancel_changes_nothing() -> None:
    with braket_world() as it:
        arn = it.task()
        for _ in range(2):
            it.client.cancel_quantum_task(quantumTaskArn=arn)
        it.push(60)

        assert it.statuses(arn) == ["CREATED", "CANCELLING", "CANCELLED"]


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED"])
def test_a_finished_task_cannot_be_cancelled(status: str) -> None:
    with braket_world(Script(steps=((0, status),))) as it:
        arn = it.task()
        it.push(1)

        with pytest.raises(it.client.exceptions.ConflictException, match=f"in the {status} status"):
            it.client.cancel_quantum_task(quantumTaskArn=arn)


def test_braket_forgets_a_task_ninety_days_after_its_end() -> None:
    with braket_world() as it:
        arn = it.task()
        it.push(89 * 86_400)
        remembered = it.get(arn)["status"]
        it.push(2 * 86_400)

        assert remembered == "COMPLETED"
        with pytest.raises(it.client.exceptions.ResourceNotFoundException):
            it.get(arn)


def test_an_open_task_is_never_forgotten() -> None:
    with braket_world(Script(steps=((0, "QUEUED"),))) as it:
        arn = it.task()
        it.push(200 * 86_400)

        assert it.get(arn)["status"] == "QUEUED"


def test_the_script_is_chosen_by_what_was_asked() -> None:
    seen: list[CreateRequest] = []

    def choose(asked: CreateRequest) -> Script:
        seen.append(asked)
        return Script()

    with braket_world(choose=choose, region="eu-north-1") as it:
        it.task(deviceArn=GARNET, shots=7, tags={"Name": "ghz-12", "batch": "ghz"})
        it.job(deviceConfig={"device": GARNET})
    task, job = seen

    assert (task.kind, task.device, task.shots, task.name, task.region, task.action_type) == (
        "task",
        GARNET,
        7,
        "ghz-12",
        "eu-north-1",
        "braket.ir.openqasm.program",
    )
    assert (job.kind, job.device, job.name) == ("job", GARNET, "vqe-h2-17")


def test_a_failure_behind_the_answers_is_raised_when_the_block_ends() -> None:
    """A lost event would otherwise look like Braket's own loss."""

    def no_bus(_: object) -> None:
        raise RuntimeError("the bus is away")

    def story() -> None:
        with braket_world(events=no_bus) as it:
            arn = it.task()
            it.push(2)
            assert it.get(arn)["status"] == "COMPLETED"

    with pytest.raises(ExceptionGroup) as caught:
        story()

    assert [str(error) for error in caught.value.exceptions] == ["the bus is away"] * 4
