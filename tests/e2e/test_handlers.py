"""The handlers and the settings of docs/handlers.md in a running notifier."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from local.braket.emulator import Script, usual
from local.braket.serving import Request, Response, serving
from local.story import story
from local.story.stage import Stage
from tests import canary
from tests.e2e.at_work import eventually, is_delivered, printed

Submit = Callable[..., str]

FAILED = Script(steps=usual("task", "FAILED"), failure_reason="Internal device error")
SINCE_EVER = [{"name": "createdAt", "operator": "GTE", "values": ["2020-01-01T00:00:00Z"]}]
#: Members that a resubmitted hybrid job shares with the first.
SAME = {"algorithmSpecification", "deviceConfig", "instanceConfig", "outputDataConfig", "roleArn", "stoppingCondition"}


@pytest.fixture
def braket(workshop: Stage) -> Iterator[Any]:
    client: Any = boto3.client(
        "braket", "us-east-1", endpoint_url=workshop.braket.url, aws_access_key_id="made-up", aws_secret_access_key="-"
    )
    yield client
    client.close()


def test_the_first_handler_prints_the_transition(workshop: Stage, submit_there: Submit) -> None:
    arn = submit_there("hello", FAILED)

    eventually(lambda: is_delivered(workshop, arn, "hello", "FAILED"))

    assert f"task {arn.rpartition('/')[2][:8]} " in printed(workshop, "hello")
    assert "→ FAILED" in printed(workshop, "hello")


def test_results_of_a_completed_task_are_copied(workshop: Stage, submit_there: Submit) -> None:
    s3 = workshop.cloud.client("s3")
    s3.create_bucket(Bucket="quantum-group-archive")

    arn = submit_there("copied", Script())
    eventually(lambda: is_delivered(workshop, arn, "copy-results", "COMPLETED"))

    [copy] = s3.list_objects_v2(Bucket="quantum-group-archive")["Contents"]
    there, here = (
        s3.get_object(Bucket=name, Key=copy["Key"])["Body"].read() for name in (story.BUCKET, "quantum-group-archive")
    )
    assert copy["Key"] == f"tasks/copied/{arn.rpartition('/')[2]}/results.json"
    assert there == here


def jobs(braket: Any, name: str) -> list[Any]:
    pages = braket.get_paginator("search_jobs").paginate(filters=SINCE_EVER)
    return [each for page in pages for each in page["jobs"] if each["jobName"].startswith(name)]


def test_a_failed_hybrid_job_is_submitted_once_more_and_not_a_third_time(
    workshop: Stage, submit_there: Submit, scripts: dict[str, Script], braket: Any
) -> None:
    script = Script(steps=((0.3, "RUNNING"), (0.3, "FAILED")), failure_reason="AlgorithmError: out of memory")
    scripts["vqe-again"] = script  # the second job fails too

    first = submit_there("vqe", script, kind="job")
    [second] = eventually(lambda: [each["jobArn"] for each in jobs(braket, "vqe") if each["jobName"] == "vqe-again"])
    eventually(lambda: is_delivered(workshop, second, "resubmit-failed", "FAILED"))

    old, new = (braket.get_job(jobArn=arn) for arn in (first, second))
    assert len(jobs(braket, "vqe")) == 2
    assert {member: new[member] for member in SAME} == {member: old[member] for member in SAME}
    assert new["tags"] == {"resubmits": first.rpartition("/")[2]}


def test_a_failed_task_is_submitted_once_more_if_its_program_lies_in_s3(
    workshop: Stage, submit_there: Submit, braket: Any
) -> None:
    s3 = workshop.cloud.client("s3")
    s3.create_bucket(Bucket="amazon-braket-programs")
    circuit = {"braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"}, "source": "OPENQASM 3.0;"}
    s3.put_object(Bucket="amazon-braket-programs", Key="ghz/1.json", Body=json.dumps(circuit))
    known = set(braket_tasks(braket))

    with_program = submit_there("with", FAILED, tags={"program": "s3://amazon-braket-programs/ghz/1.json"})
    without = submit_there("without", FAILED)
    eventually(lambda: all(is_delivered(workshop, arn, "resubmit-failed", "FAILED") for arn in (with_program, without)))

    [again] = set(braket_tasks(braket)) - known - {with_program, without}
    answer = braket.get_quantum_task(quantumTaskArn=again)
    assert answer["tags"]["resubmits"] == with_program.rpartition("/")[2]
    assert answer["outputS3Directory"] == f"tasks/with/{again.rpartition('/')[2]}"


def braket_tasks(braket: Any) -> list[str]:
    pages = braket.get_paginator("search_quantum_tasks").paginate(filters=SINCE_EVER)
    return [each["quantumTaskArn"] for page in pages for each in page["quantumTasks"]]


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[Any]]]:
    """A service that accepts JSON, as Apprise's `json://` posts it."""
    taken: list[Any] = []

    def take(request: Request) -> Response:
        taken.append(json.loads(request.body))
        return Response()

    with serving(take) as url:
        yield f"{url.replace('http', 'json', 1)}/{canary.CANARY}", taken


def test_a_handler_notifies_any_service_that_apprise_knows(workshop: Stage, submit_there: Submit) -> None:
    """Its URL stays a secret: it is in no template, environment, queue or log."""
    with elsewhere() as (url, taken):
        workshop.cloud.client("ssm").put_parameter(Name="/braket-notifier/elsewhere", Value=url, Type="SecureString")
        arn = submit_there("sent-elsewhere", FAILED)

        eventually(lambda: is_delivered(workshop, arn, "notify-elsewhere", "FAILED"))

    [post] = [each for each in taken if "sent-elsewhere" in each["title"]]
    assert post["title"].startswith("❌ sent-elsewhere FAILED · ")
    assert "Braket says:\n> Internal device error\n" in post["message"]
    assert post["type"] == "failure"
    assert not canary.found_in(workshop.cloud.logs())
