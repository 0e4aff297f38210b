"""The failed executables that the files of a program set name, the preview, and files that are not accepted."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.braket.results import parse_results
from braket_notifier.domain.results import Failures, Preview, TaskResults

OK: dict[str, Any] = {}
COMPILATION = {"failureReason": "no such qubit", "retryable": False, "category": "COMPILATION"}
DEVICE = {"failureReason": "lost", "retryable": True, "category": "DEVICE"}

MEASURED: dict[str, Any] = {"taskMetadata": {"shots": 1}, "measurements": [[0, 1]]}
PREVIEW = Preview((("01", 1),), 1, 1)
LOST = (Failures("COMPILATION", 1, retryable=False, reasons=(("no such qubit", ("[0][0]",)),)),)


def results(*programs: list[dict[str, Any]], failed: object) -> dict[str, Any]:
    """Lay the programs out as braket.task_result.program_set_task_result does."""
    metadata = {"programMetadata": [{"executables": each} for each in programs], "totalFailedExecutables": failed}
    return {"programResults": [], "taskMetadata": metadata}


def test_failed_executables_are_counted_by_category_and_retryable() -> None:
    document = results([OK, COMPILATION, DEVICE], [COMPILATION, OK, {"status": "CANCELLED"}], failed=3)

    assert failures(document) == (
        Failures("COMPILATION", 2, retryable=False, reasons=(("no such qubit", ("[0][1]", "[1][0]")),)),
        Failures("DEVICE", 1, retryable=True, reasons=(("lost", ("[0][2]",)),)),
    )


def test_a_file_without_failures_is_an_empty_answer() -> None:
    assert failures(results([OK], failed=0)) == ()


def test_a_failure_may_lack_retryable_and_reason() -> None:
    document = results([{"category": "SERVICE"}], failed=1)

    assert failures(document) == (Failures("SERVICE", 1, None, (("", ("[0][0]",)),)),)


def test_equal_reasons_are_grouped_and_the_most_frequent_comes_first() -> None:
    other = {**COMPILATION, "failureReason": "no such gate"}

    (found,) = failures(results([COMPILATION, other], [other], failed=3))

    assert found.reasons == (("no such gate", ("[0][1]", "[1][0]")), ("no such qubit", ("[0][0]",)))


@pytest.mark.parametrize(
    ("reason", "read"), [("x" * 10_000, "x" * 1000), ("\ud800", "?"), (7, ""), ({"a": "b"}, ""), (None, "")]
)
def test_a_reason_is_cut_and_empty_if_it_is_no_text(reason: object, read: str) -> None:
    (found,) = failures(results([{**DEVICE, "failureReason": reason}], failed=1))

    assert found.reasons == ((read, ("[0][0]",)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "[" * 100_000,
        json.dumps({"taskMetadata": "metadata.json"}),  # which is missing
        json.dumps({"taskMetadata": "results.json"}),  # a circle
        json.dumps(results([COMPILATION, {"status": "CANCELLED"}], failed=3)),  # a cancellation explains only one
        json.dumps({"taskMetadata": {**results([], failed=0)["taskMetadata"], "successfulShots": -1}}),
        json.dumps({"measurements": [[0, 1]]}),  # not the results of a program set
        json.dumps(results([COMPILATION], failed=2)),  # two counts that contradict each other
        json.dumps(results([COMPILATION], failed=None)),
        json.dumps(results([{"category": "<!channel>"}], failed=1)),
        json.dumps(results([{"category": ["DEVICE"]}], failed=1)),
        json.dumps({"taskMetadata": {"programMetadata": [None], "totalFailedExecutables": 0}}),
        json.dumps({"taskMetadata": {"programMetadata": [{"executables": [7]}], "totalFailedExecutables": 0}}),
    ],
)
def test_a_file_that_breaks_the_schema_is_not_accepted(text: str) -> None:
    assert read({"results.json": text}) is None


#: The files of a program set that ran on IonQ Forte-1 in August 2026; ids are made up.
SPREAD = {
    "results.json": {
        "braketSchemaHeader": {"name": "braket.task_result.program_set_task_result", "version": "1"},
        "taskMetadata": "metadata.json",
        "programResults": ["programs/0/results.json"],
        "s3Location": ["amazon-braket-demo", "ionq/05c73894-77c9-4dab-8f83-000000000001"],
    },
    "metadata.json": {
        "braketSchemaHeader": {"name": "braket.task_result.program_set_task_metadata", "version": "1"},
        "id": "arn:aws:braket:us-east-1:012345678901:quantum-task/05c73894-77c9-4dab-8f83-000000000001",
        "deviceId": "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1",
        "requestedShots": 300,
        "successfulShots": 200,
        "programMetadata": [
            {"executables": [{}, {"failureReason": "qubit lost", "retryable": True, "category": "DEVICE"}, {}]}
        ],
        "createdAt": "2026-08-10T09:39:58.339Z",
        "endedAt": "2026-08-10T09:44:03.179Z",
        "status": "COMPLETED",
        "totalFailedExecutables": 1,
    },
}


def test_spread_results_are_followed_to_the_file_that_lists_the_failures() -> None:
    files = {path: json.dumps(content) for path, content in SPREAD.items()}

    assert read(files) == TaskResults(
        (Failures("DEVICE", 1, retryable=True, reasons=(("qubit lost", ("[0][1]",)),)),), "metadata.json", 200
    )


@pytest.mark.parametrize("failed", [1, 2])  # Braket does not document whether a cancelled executable counts
def test_a_cancelled_executable_leaves_the_failures_readable(failed: int) -> None:
    assert [each.count for each in failures(results([DEVICE, {"status": "CANCELLED"}, OK], failed=failed))] == [1]


@pytest.mark.parametrize(
    ("path", "is_inside"),
    [
        ("metadata.json", True),
        ("parts/0/metadata.json", True),
        ("/metadata.json", False),  # absolute
        ("../metadata.json", False),
        ("parts/../../metadata.json", False),
        ("./metadata.json", False),
        ("parts//metadata.json", False),
        ("parts/", False),
        ("s3://another-bucket/metadata.json", False),
        ("https://example.org/metadata.json", False),
        ("..%2fmetadata.json", False),
        ("parts\\..\\metadata.json", False),
        ("metadata.json\n", False),
        ("", False),
        ("a/" * 500 + "metadata.json", False),
    ],
)
def test_only_relative_paths_inside_the_task_s_folder_are_followed(path: str, is_inside: bool) -> None:
    asked: list[str] = []

    def read(file: str) -> str:
        asked.append(file)
        return json.dumps({"taskMetadata": path} if len(asked) == 1 else SPREAD["metadata.json"])

    found = parse_results(read)

    assert asked == ["results.json", *([path] if is_inside else [])]
    assert (found.file if found else None) == (path if is_inside else None)


@given(st.text(alphabet="./\\%a:\n\x00", max_size=12))
def test_no_path_leaves_the_task_s_folder(path: str) -> None:
    asked: list[str] = []

    def read(file: str) -> str:
        asked.append(file)
        return json.dumps({"taskMetadata": path})

    assert parse_results(read) is None
    assert all(part and not part.startswith(".") for file in asked for part in file.split("/"))


def read(files: dict[str, str]) -> TaskResults | None:
    return parse_results(files.__getitem__)


def failures(document: dict[str, Any]) -> tuple[Failures, ...]:
    found = read({"results.json": json.dumps(document)})
    assert found
    return found.failures


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (MEASURED, TaskResults((), "results.json", preview=PREVIEW)),  # not the results of a program set
        (
            MEASURED | {"taskMetadata": {"shots": 1, "programMetadata": 7}},
            TaskResults((), "results.json", preview=PREVIEW),
        ),
        (results([COMPILATION], failed=1) | {"programResults": 7}, TaskResults(LOST, "results.json")),
    ],
)
def test_odd_failures_leave_the_preview_and_an_odd_preview_leaves_the_failures(
    document: dict[str, Any], expected: TaskResults
) -> None:
    assert read({"results.json": json.dumps(document)}) == expected


@pytest.mark.parametrize(
    ("metadata", "ran"),
    [
        ({"simulatorMetadata": {"executionDuration": 61_500}}, timedelta(seconds=61.5)),
        ({"simulatorMetadata": {"executionDuration": 0}}, timedelta(0)),
        # a year is no run of a simulator
        ({"simulatorMetadata": {"executionDuration": 31_536_000_000}}, timedelta(days=7)),
        ({"simulatorMetadata": {"executionDuration": "soon"}}, None),
        ({"simulatorMetadata": {"executionDuration": -1}}, None),
        ({"simulatorMetadata": []}, None),
        ({}, None),
    ],
)
def test_the_execution_time_of_a_simulator_is_read(metadata: dict[str, object], ran: timedelta | None) -> None:
    results = {"taskMetadata": {"shots": 2}, "measurementProbabilities": {"0": 1.0}, "additionalMetadata": metadata}

    found = parse_results({"results.json": json.dumps(results)}.__getitem__)

    assert found
    assert (found.ran, found.preview is not None) == (ran, True)
