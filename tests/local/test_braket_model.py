"""Every answer matches botocore's model of Braket: members, types, required members, enums."""

import http.client
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from local.braket.emulator import FailedExecutable, JobEvent, Script
from local.braket.errors import STATUS
from local.braket.operations import OPERATIONS
from tests.local.braket_world import (
    ANALOG,
    AQUILA,
    CEPHEUS,
    RESERVATION,
    SV1,
    BraketWorld,
    braket_world,
    program_set,
)

MODEL = botocore.session.get_session().get_service_model("braket")
TASK_STATUSES = MODEL.shape_for("QuantumTaskStatus").enum  # type: ignore[attr-defined]  # a StringShape
JOB_STATUSES = MODEL.shape_for("JobPrimaryStatus").enum  # type: ignore[attr-defined]  # likewise
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
EPOCH = re.compile(r"\d{10}")
EVERYTHING = Script(
    failure_reason="Internal device error",
    successful_shots=90,
    association=RESERVATION,
    aged=timedelta(hours=3),
    job_events=tuple(JobEvent(0, name, "words") for name in MODEL.shape_for("JobEventType").enum),  # type: ignore[attr-defined]  # likewise
)


def ask(
    it: BraketWorld, method: str, path: str, body: object = None, *, region: str = "us-east-1"
) -> tuple[int, Any, Any]:
    """The answer on the wire, before any client has interpreted it."""
    connection = http.client.HTTPConnection(urlsplit(it.braket.url).netloc, timeout=60)
    scope = f"AWS4-HMAC-SHA256 Credential=made-up/20260101/{region}/braket/aws4_request, Signature=0"
    connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": scope})
    answer = connection.getresponse()
    content, headers = answer.read(), dict(answer.getheaders())
    connection.close()
    return answer.status, content, headers


def check(operation: str, status: int, content: bytes, headers: dict[str, str]) -> None:
    model = MODEL.operation_model(operation)
    assert model.output_shape
    assert status == model.http["responseCode"]
    assert list(strange(model.output_shape, json.loads(content), operation)) == []

    raw = {"status_code": status, "headers": headers, "body": content}
    parsed = create_parser("rest-json").parse(raw, model.output_shape)
    del parsed["ResponseMetadata"]
    assert ParamValidator().validate(parsed, model.output_shape).generate_report() == ""


def strange(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    """Faults that botocore accepts: unknown members, unknown enum values, other time forms, null."""
    if value is None or shape is None:
        yield f"{path} is null, or not in the model"
    elif isinstance(shape, StructureShape):
        for name, inner in value.items():
            yield from strange(shape.members.get(name), inner, f"{path}.{name}")
    elif isinstance(shape, ListShape | MapShape):
        inner_shape, all_inner = (
            (shape.member, value) if isinstance(shape, ListShape) else (shape.value, value.values())
        )
        for inner in all_inner:
            yield from strange(inner_shape, inner, f"{path}[]")
    elif not (allowed := form_of(shape)).fullmatch(str(value)):
        yield f"{path} is {value}, not {allowed.pattern}"


def form_of(shape: Shape) -> re.Pattern[str]:
    if isinstance(shape, StringShape) and shape.enum:
        return re.compile("|".join(map(re.escape, shape.enum)))
    if shape.type_name == "timestamp":
        return EPOCH if shape.serialization.get("timestampFormat") == "unixTimestamp" else MILLIS
    return re.compile(shape.metadata.get("pattern", ".*"), re.DOTALL)


def in_status(status: str) -> Script:
    return Script(**(vars(EVERYTHING) | {"steps": ((1, status),)}))


def path(arn: str, kind: str, rest: str = "") -> str:
    return f"/{kind}/{quote(arn, safe='')}{rest}"


@pytest.mark.parametrize("status", TASK_STATUSES)
def test_a_task_in_any_status_matches_the_model(status: str) -> None:
    with braket_world(in_status(status)) as it:
        child = {"jobToken": it.braket.job_token(it.job())}
        arn = it.task(tags={"Name": "ghz"}, experimentalCapabilities={"enabled": "ALL"}, **child)
        it.push(2)

        check("GetQuantumTask", *ask(it, "GET", path(arn, "quantum-task", "?additionalAttributeNames=QueueInfo")))
        check("SearchQuantumTasks", *ask(it, "POST", "/quantum-tasks", {"filters": []}))
        check("TagResource", *ask(it, "POST", path(arn, "tags"), {"tags": {"owner": "anna"}}))
        check("UntagResource", *ask(it, "DELETE", path(arn, "tags", "?tagKeys=owner&tagKeys=unknown")))
        check("ListTagsForResource", *ask(it, "GET", path(arn, "tags")))
        check("GetDevice", *ask(it, "GET", path(SV1, "device")))


@pytest.mark.parametrize("status", JOB_STATUSES)
def test_a_job_in_any_status_matches_the_model(status: str) -> None:
    with braket_world(in_status(status)) as it:
        arn = it.job(
            tags={"Name": "vqe"},
            hyperParameters={"p": "1"},
            stoppingCondition={"maxRuntimeInSeconds": 3600},
            checkpointConfig={"s3Uri": "s3://bucket/checkpoints"},
            inputDataConfig=[{"channelName": "in", "dataSource": {"s3DataSource": {"s3Uri": "s3://bucket/in"}}}],
        )
        it.push(2)

        check("GetJob", *ask(it, "GET", path(arn, "job", "?additionalAttributeNames=QueueInfo")))
        check("SearchJobs", *ask(it, "POST", "/jobs", {"filters": []}))
        check("ListTagsForResource", *ask(it, "GET", path(arn, "tags")))


def test_the_answers_to_creating_and_cancelling_match_the_model() -> None:
    with braket_world() as it:
        task = it.client.meta.service_model  # the client usually fills these inputs
        assert set(OPERATIONS) <= set(task.operation_names)
        asked = {
            "clientToken": "one",
            "deviceArn": AQUILA,
            "shots": 10,
            "outputS3Bucket": "bucket",
            "outputS3KeyPrefix": "ahs",
            "action": ANALOG,
        }
        created = ask(it, "POST", "/quantum-task", asked)
        check("CreateQuantumTask", *created)
        arn = json.loads(created[1])["quantumTaskArn"]
        check(
            "CancelQuantumTask",
            *ask(it, "PUT", path(arn, "quantum-task", "/cancel"), {"clientToken": "two"}),
        )
        check("CancelJob", *ask(it, "PUT", path(it.job(), "job", "/cancel")))


@pytest.mark.parametrize("region", ["us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"])
def test_every_device_of_every_region_matches_the_model(region: str) -> None:
    with braket_world(region=region) as it:
        found = ask(it, "POST", "/devices", {"filters": []}, region=region)
        check("SearchDevices", *found)
        for device in json.loads(found[1])["devices"]:
            check("GetDevice", *ask(it, "GET", path(device["deviceArn"], "device"), region=region))


def test_the_answers_about_spending_limits_match_the_model() -> None:
    with braket_world() as it:
        asked = {"clientToken": "one", "deviceArn": AQUILA, "spendingLimit": "12.50", "tags": {"group": "atoms"}}
        created = ask(it, "POST", "/spending-limit", asked)
        check("CreateSpendingLimit", *created)
        arn = json.loads(created[1])["spendingLimitArn"]
        changed = {"clientToken": "two", "timePeriod": {"startAt": 1767225600, "endAt": 1798761600}}
        check("UpdateSpendingLimit", *ask(it, "PATCH", path(arn, "spending-limit", "/update"), changed))
        found = ask(it, "POST", "/spending-limits", {"filters": []})
        check("SearchSpendingLimits", *found)
        assert json.loads(found[1])["spendingLimits"][0]["timePeriod"] == changed["timePeriod"]
        check("SearchSpendingLimits", *ask(it, "POST", "/spending-limits", {}))
        check("DeleteSpendingLimit", *ask(it, "DELETE", path(arn, "spending-limit", "/delete")))


def test_a_program_set_counts_its_programs_and_executables() -> None:
    failed = FailedExecutable(program=0, inputs_index=1, reason="No such gate", category="COMPILATION")
    with braket_world(Script(failed_executables=(failed,)), region="us-west-1") as it:
        arn = it.task(deviceArn=CEPHEUS, action=program_set(3, 5), shots=800)
        it.push(2)
        task = it.get(arn)

        assert task["actionMetadata"] == {
            "actionType": "braket.ir.openqasm.program_set",
            "programCount": 2,
            "executableCount": 8,
        }
        assert task["numSuccessfulShots"] == 700


def test_the_errors_have_the_models_http_statuses() -> None:
    shapes = {name: MODEL.shape_for(name) for name in STATUS if name != "UnknownOperationException"}

    assert {name: shape.metadata["error"]["httpStatusCode"] for name, shape in shapes.items()} == {
        name: STATUS[name] for name in shapes
    }


@pytest.mark.parametrize("code", [code for code in STATUS if code != "UnknownOperationException"])
def test_an_error_reaches_the_client_under_its_own_name(code: str) -> None:
    with braket_world() as it:
        arn = it.task()
        it.braket.fail("GetQuantumTask", code, message="because")

        with pytest.raises(getattr(it.client.exceptions, code), match="because"):
            it.get(arn)
