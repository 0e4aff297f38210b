"""Braket's refusals, and the resources that a client may see."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import CreateRequest, Script
from tests.local.braket_world import (
    ANALOG,
    AQUILA,
    ARIA,
    CEPHEUS,
    FORTE,
    GARNET,
    OPENQASM,
    RESERVATION,
    SV1,
    BraketWorld,
    action,
    braket_world,
    client_of,
    program_set,
)

UNEQUAL_INPUTS = action("openqasm.program_set", programs=[{"source": "", "inputs": {"a": [1], "b": [1, 2]}}])


@pytest.fixture(scope="module")
def us_east_1() -> Iterator[BraketWorld]:
    with braket_world() as world:
        yield world


def refusal(ask: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(ClientError) as caught:
        ask(*args, **more)
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"deviceArn": "arn:aws:braket:::device/quantum-simulator/amazon/sv9"}, "ValidationException"),
        ({"deviceArn": GARNET}, "ValidationException"),  # the device is in eu-north-1
        ({"deviceArn": ARIA}, "DeviceRetiredException"),
        ({"shots": 0, "deviceArn": AQUILA, "action": ANALOG}, "ValidationException"),  # a QPU takes shots
        ({"shots": -1}, "ValidationException"),
        ({"shots": 50_001}, "ValidationException"),
        ({"shots": 99, "deviceArn": FORTE}, "ValidationException"),  # IonQ: at least 100 on demand
        ({"deviceArn": AQUILA}, "ValidationException"),  # Aquila runs no gates
        ({"action": ANALOG}, "ValidationException"),  # and SV1 no atoms
        ({"tags": {"aws:cloudformation:stack-name": "x"}}, "ValidationException"),  # only AWS sets such tags
        ({"action": "not JSON"}, "ValidationException"),
        ({"action": "[]"}, "ValidationException"),
        ({"action": "{}"}, "ValidationException"),
        ({"action": action("openqasm.program_set", programs=[])}, "ValidationException"),
        ({"action": action("openqasm.program_set", programs=[{"source": 1}])}, "ValidationException"),
        ({"action": UNEQUAL_INPUTS}, "ValidationException"),
        ({"action": program_set(60, 41), "shots": 20_200}, "ValidationException"),  # 100 executables at most
        ({"action": program_set(10), "shots": 9}, "ValidationException"),  # fewer shots than executables
        ({"deviceParameters": "nothing"}, "ValidationException"),
        ({"outputS3Bucket": "no"}, "ValidationException"),  # too short
        ({"jobToken": "unknown"}, "ValidationException"),
        ({"associations": [{"arn": RESERVATION, "type": "OTHER"}]}, "ValidationException"),
        ({"associations": [{"arn": "reservation", "type": "RESERVATION_TIME_WINDOW_ARN"}]}, "ValidationException"),
        ({"tags": {"k": "\ud800"}}, "ValidationException"),  # no Unicode text
    ],
)
def test_a_task_is_refused(us_east_1: BraketWorld, asked: dict[str, Any], code: str) -> None:
    before = us_east_1.braket.changes

    assert refusal(us_east_1.task, **asked) == code
    assert us_east_1.braket.changes == before


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"shots": 0}, "a simulator's exact run"),
        ({"shots": 100, "deviceArn": FORTE}, "the least on demand"),
        (
            {
                "shots": 1,
                "deviceArn": FORTE,
                "associations": [{"arn": RESERVATION, "type": "RESERVATION_TIME_WINDOW_ARN"}],
            },
            "a reservation has no such minimum",
        ),
        ({"shots": 200_000, "action": program_set(100)}, "the most for a program set"),
    ],
)
def test_a_task_is_accepted(us_east_1: BraketWorld, asked: dict[str, Any], why: str) -> None:
    assert us_east_1.get(us_east_1.task(**asked))["status"] == "CREATED", why


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"jobName": "under_scored"}, "ValidationException"),
        ({"roleArn": "admin"}, "ValidationException"),
        ({"instanceConfig": {"instanceType": "ml.huge", "volumeSizeInGb": 30}}, "ValidationException"),
        ({"stoppingCondition": {"maxRuntimeInSeconds": 432_001}}, "ValidationException"),
        ({"algorithmSpecification": {}}, "ValidationException"),
        ({"deviceConfig": {"device": "sv1"}}, "ValidationException"),
        ({"deviceConfig": {"device": ARIA}}, "DeviceRetiredException"),
    ],
)
def test_a_job_is_refused(us_east_1: BraketWorld, asked: dict[str, Any], code: str) -> None:
    assert refusal(us_east_1.job, **asked) == code


def test_a_job_may_run_on_its_own_simulator() -> None:
    with braket_world() as it:
        arn = it.job(deviceConfig={"device": "local:braket/default"})

        assert it.get(arn)["deviceConfig"] == {"device": "local:braket/default"}


def test_an_offline_device_takes_nothing_until_it_is_back() -> None:
    with braket_world() as it:
        it.braket.set_device_status(SV1, "OFFLINE")
        refused = refusal(it.task), refusal(it.job)
        it.braket.set_device_status(SV1, "ONLINE")

        assert refused == ("DeviceOfflineException", "DeviceOfflineException")
        assert it.get(it.task())["status"] == "CREATED"


def test_a_task_whose_bucket_is_missing_is_refused_in_brakets_words() -> None:
    with braket_world(has_bucket="amazon-braket-results".__eq__) as it:
        it.task()

        with pytest.raises(ClientError, match="Caller doesn't have access to amazon-braket-none or it doesn't exist"):
            it.task(outputS3Bucket="amazon-braket-none")
        assert len(it.braket.changes) == 1


def test_the_same_client_token_names_the_same_task() -> None:
    with braket_world() as it:
        first, second = (it.task(clientToken="once") for _ in range(2))

        assert first == second
        assert it.statuses(first) == it.sent(first) == ["CREATED"]


def test_concurrent_repeats_make_one_task() -> None:
    def slowly(_: CreateRequest) -> Script:
        time.sleep(0.02)  # long enough for the others to come in between, if they can
        return Script()

    with braket_world(choose=slowly) as it, ThreadPoolExecutor(10) as pool:
        arns = set(pool.map(lambda _: it.task(clientToken="once"), range(20)))

        assert len(arns) == len(it.braket.changes) == 1


def test_a_client_token_is_for_one_request() -> None:
    with braket_world() as it:
        it.task(clientToken="once")
        it.job(clientToken="once")

        assert refusal(it.task, clientToken="once", shots=7) == "ValidationException"
        assert refusal(it.job, clientToken="once", jobName="other") == "ConflictException"


def test_a_resource_is_known_in_its_own_region_only() -> None:
    with braket_world() as it:
        task, job = it.task(), it.job()
        elsewhere = client_of(it.braket, "us-west-2")

        assert refusal(elsewhere.get_quantum_task, quantumTaskArn=task) == "ResourceNotFoundException"
        assert refusal(elsewhere.get_job, jobArn=job) == "ResourceNotFoundException"
        assert refusal(elsewhere.list_tags_for_resource, resourceArn=task) == "ResourceNotFoundException"
        assert elsewhere.search_quantum_tasks(filters=[])["quantumTasks"] == []
        elsewhere.close()


@pytest.mark.parametrize(
    ("device", "region", "known"),
    [
        (SV1, "us-west-2", True),
        (SV1, "eu-north-1", False),  # no on-demand simulators there
        (GARNET, "eu-north-1", True),
        (GARNET, "us-east-1", False),
        (CEPHEUS, "us-west-1", True),
    ],
)
def test_a_device_is_known_where_it_is(device: str, region: str, *, known: bool) -> None:
    with braket_world(region=region) as it:
        if known:
            assert it.client.get_device(deviceArn=device)["deviceStatus"] == "ONLINE"
        else:
            assert refusal(it.client.get_device, deviceArn=device) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("not-an-arn", "ValidationException"),
        ("arn:aws:braket:us-east-1:000000000000:job/a-job", "ValidationException"),
        ("arn:aws:braket:us-east-1:000000000000:quantum-task/unknown", "ResourceNotFoundException"),
        ("arn:aws:braket:us-east-1:000000000000:quantum-task/\N{SNOWMAN}/..", "ResourceNotFoundException"),
    ],
)
def test_an_arn_that_names_no_task_is_refused(us_east_1: BraketWorld, arn: str, code: str) -> None:
    assert refusal(us_east_1.client.get_quantum_task, quantumTaskArn=arn) == code


def test_tags_are_listed() -> None:
    with braket_world() as it:
        tags = {"Name": "ghz-12", "owner": "anna"}

        assert it.client.list_tags_for_resource(resourceArn=it.task(tags=tags))["tags"] == tags
        assert it.client.list_tags_for_resource(resourceArn=it.job())["tags"] == {}


@pytest.mark.parametrize("made", [BraketWorld.task, BraketWorld.job])
def test_tags_are_added_replaced_and_removed_until_after_the_end(made: Callable[..., str]) -> None:
    with braket_world() as it:
        arn = made(it, tags={"Name": "ghz", "owner": "anna"})

        it.client.tag_resource(resourceArn=arn, tags={"owner": "ben", "notify": "mail"})
        it.push(60)
        it.client.untag_resource(resourceArn=arn, tagKeys=["Name", "unknown"])

        assert it.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"owner": "ben", "notify": "mail"}
        assert it.get(arn)["tags"] == {"owner": "ben", "notify": "mail"}
        assert it.get(arn)["status"] == "COMPLETED"


def test_tags_of_a_resource_that_does_not_exist_are_refused(us_east_1: BraketWorld) -> None:
    unknown = "arn:aws:braket:us-east-1:000000000000:quantum-task/unknown"

    assert refusal(us_east_1.client.tag_resource, resourceArn=unknown, tags={"a": "b"}) == "ResourceNotFoundException"
    assert refusal(us_east_1.client.untag_resource, resourceArn=unknown, tagKeys=["a"]) == "ResourceNotFoundException"


def test_the_fifty_first_tag_is_refused_and_changes_nothing() -> None:
    with braket_world() as it:
        tags = {f"key-{n}": "value" for n in range(50)}
        arn = it.task(tags=tags)

        assert refusal(it.client.tag_resource, resourceArn=arn, tags={"one": "more"}) == "ValidationException"
        assert it.client.list_tags_for_resource(resourceArn=arn)["tags"] == tags


def test_the_account_is_in_the_arn() -> None:
    with braket_world(account="123456789012") as it:
        assert it.task().startswith("arn:aws:braket:us-east-1:123456789012:quantum-task/")


def test_the_action_is_any_that_the_device_supports() -> None:
    with braket_world() as it:
        kinds = [it.get(it.task(action=each))["actionMetadata"] for each in (OPENQASM, program_set(2))]

        assert [kind["actionType"].rsplit(".", 1)[-1] for kind in kinds] == ["program", "program_set"]
