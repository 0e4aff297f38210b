"""Results in S3 are read within a limit, and no error keeps a message from being sent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.s3 import S3Results
from braket_notifier.domain.program_set import MOST, Failures, ProgramSetResults
from braket_notifier.domain.resource import Snapshot

ASnapshot = Callable[..., Snapshot]
BUCKET, FOLDER = "amazon-braket-results", "ghz/834b21ed"
FOUND = (Failures("DEVICE", 1, retryable=True, reasons=(("", ("[0][0]",)),)),)
FILE: dict[str, dict[str, Any]] = {
    "taskMetadata": {
        "programMetadata": [{"executables": [{"category": "DEVICE", "retryable": True}]}],
        "totalFailedExecutables": 1,
    }
}


@pytest.fixture
def put(aws: None) -> Iterator[Callable[..., None]]:  # noqa: ARG001 - inside the mock
    client: Any = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    yield lambda text, file="results.json": client.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{file}", Body=text.encode())
    client.close()


@pytest.fixture
def results() -> S3Results:
    return S3Results(lambda region: boto3.client("s3", region_name=region))


def test_failed_executables_are_read(put: Callable[..., None], results: S3Results, a_task: ASnapshot) -> None:
    put(json.dumps(FILE))

    assert results.read(a_task()) == ProgramSetResults(FOUND, "results.json")


def test_results_of_a_qpu_are_read_in_the_file_that_results_json_names(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot
) -> None:
    put(json.dumps({"taskMetadata": "metadata.json", "programResults": ["programs/0/results.json"]}))
    before = results.read(a_task())
    put(json.dumps(FILE["taskMetadata"] | {"successfulShots": 200}), "metadata.json")

    assert before is None
    assert results.read(a_task()) == ProgramSetResults(FOUND, "metadata.json", 200)


def test_no_file_outside_the_task_s_folder_is_read(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot
) -> None:
    put(json.dumps({"taskMetadata": "../another/metadata.json"}))
    put(json.dumps(FILE["taskMetadata"]), "../another/metadata.json")  # a key of S3 may contain dots

    assert results.read(a_task()) is None


def test_results_are_read_once_for_the_message_its_edit_and_its_thread(
    put: Callable[..., None], a_task: ASnapshot
) -> None:
    regions: list[str] = []
    results = S3Results(lambda region: regions.append(region) or boto3.client("s3", region_name=region))  # type: ignore[func-returns-value]  # counts
    before = results.read(a_task())
    put(json.dumps(FILE))

    found = [results.read(a_task()) for _ in range(3)]
    results.read(a_task(number=2))

    assert (before, len({*found})) == (None, 1)  # a missing file is read again
    assert len(regions) == 3


@pytest.mark.parametrize(
    "text",
    ["", "no json", json.dumps(FILE) + " " * MOST],  # empty, no JSON, more than is read
    ids=["empty", "no json", "too long"],
)
def test_an_unreadable_file_gives_no_results(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot, text: str
) -> None:
    put(text)

    assert results.read(a_task()) is None


@pytest.mark.parametrize(
    "changes",
    [{"directory": "elsewhere"}, {"bucket": "no-such-bucket"}, {"bucket": ""}, {"bucket": "not a bucket/at all"}],
)
def test_a_missing_file_gives_no_results(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot, changes: dict[str, str]
) -> None:
    put(json.dumps(FILE))

    assert results.read(a_task(**changes)) is None
