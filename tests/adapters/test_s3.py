"""Results in S3 are read within a limit, and no error keeps a message from being sent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from braket_notifier.adapters.aws.s3 import S3Results
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.results import MOST, Failures, TaskResults
from local.braket.serving import Response, serving

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

    assert results.read(a_task()) == TaskResults(FOUND, "results.json")


def test_results_of_a_qpu_are_read_in_the_file_that_results_json_names(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot
) -> None:
    put(json.dumps({"taskMetadata": "metadata.json", "programResults": ["programs/0/results.json"]}))
    before = results.read(a_task())
    put(json.dumps(FILE["taskMetadata"] | {"successfulShots": 200}), "metadata.json")

    assert before is None
    assert results.read(a_task()) == TaskResults(FOUND, "metadata.json", 200)


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


def test_a_slow_answer_is_left_out(put: Callable[..., None], a_task: ASnapshot) -> None:
    """Each chunk comes in time, so that no timeout of the client ends it."""
    put(json.dumps(FILE))
    client = boto3.client("s3")
    times = iter([0.0, 5.1])

    assert S3Results(lambda _: client, lambda: next(times)).read(a_task()) is None
    assert S3Results(lambda _: client, lambda: 0.0).read(a_task()) is not None


@pytest.mark.parametrize("size", [100 * 1024 * 1024, MOST + 1])
def test_a_file_that_is_too_large_is_not_read(a_task: ASnapshot, size: int) -> None:
    """S3 is asked for the part that is read at most, and answers how much there is."""
    with serving(lambda _: Response(b"{", 206, {"Content-Range": f"bytes 0-{MOST - 1}/{size}"})) as url:
        client = boto3.client("s3", endpoint_url=url)

        assert S3Results(lambda _: client).read(a_task()) is None


@pytest.mark.parametrize("status", [403, 404, 416, 500, 503])
def test_a_refusal_of_s3_gives_no_results(a_task: ASnapshot, status: int) -> None:
    with serving(lambda _: Response(b"<Error><Code>No</Code></Error>", status)) as url:
        client = boto3.client("s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))

        assert S3Results(lambda _: client).read(a_task()) is None


def test_a_truncated_answer_gives_no_results(a_task: ASnapshot, put: Callable[..., None]) -> None:
    put(json.dumps(FILE)[:-1])

    assert S3Results(lambda _: boto3.client("s3")).read(a_task()) is None


@pytest.mark.parametrize(
    "changes",
    [{"directory": "elsewhere"}, {"bucket": "no-such-bucket"}, {"bucket": ""}, {"bucket": "not a bucket/at all"}],
)
def test_a_missing_file_gives_no_results(
    put: Callable[..., None], results: S3Results, a_task: ASnapshot, changes: dict[str, str]
) -> None:
    put(json.dumps(FILE))

    assert results.read(a_task(**changes)) is None
