"""The failed executables that results.json names, and files that are not accepted."""

import json
from typing import Any

import pytest

from braket_notifier.braket.results import parse_results
from braket_notifier.domain.program_set import Failures

OK: dict[str, Any] = {}
COMPILATION = {"failureReason": "no such qubit", "retryable": False, "category": "COMPILATION"}
DEVICE = {"failureReason": "lost", "retryable": True, "category": "DEVICE"}


def results(*programs: list[dict[str, Any]], failed: object) -> dict[str, Any]:
    """Lay the programs out as braket.task_result.program_set_task_result does."""
    metadata = {"programMetadata": [{"executables": each} for each in programs], "totalFailedExecutables": failed}
    return {"programResults": [], "taskMetadata": metadata}


def test_failed_executables_are_counted_by_category_and_retryable() -> None:
    document = results([OK, COMPILATION, DEVICE], [COMPILATION, OK, {"status": "CANCELLED"}], failed=3)

    assert parse_results(json.dumps(document)) == (
        Failures("COMPILATION", 2, retryable=False, reasons=(("no such qubit", ("[0][1]", "[1][0]")),)),
        Failures("DEVICE", 1, retryable=True, reasons=(("lost", ("[0][2]",)),)),
    )


def test_a_file_without_failures_is_an_empty_answer() -> None:
    assert parse_results(json.dumps(results([OK], failed=0))) == ()


def test_a_failure_may_lack_retryable_and_reason() -> None:
    document = results([{"category": "SERVICE"}], failed=1)

    assert parse_results(json.dumps(document)) == (Failures("SERVICE", 1, None, (("", ("[0][0]",)),)),)


def test_equal_reasons_are_grouped_and_the_most_frequent_comes_first() -> None:
    other = {**COMPILATION, "failureReason": "no such gate"}

    (failures,) = parse_results(json.dumps(results([COMPILATION, other], [other], failed=3))) or ()

    assert failures.reasons == (("no such gate", ("[0][1]", "[1][0]")), ("no such qubit", ("[0][0]",)))


@pytest.mark.parametrize(
    ("reason", "read"), [("x" * 10_000, "x" * 1000), ("\ud800", "?"), (7, ""), ({"a": "b"}, ""), (None, "")]
)
def test_a_reason_is_cut_and_empty_if_it_is_no_text(reason: object, read: str) -> None:
    (failures,) = parse_results(json.dumps(results([{**DEVICE, "failureReason": reason}], failed=1))) or ()

    assert failures.reasons == ((read, ("[0][0]",)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "[" * 100_000,
        json.dumps({"taskMetadata": "metadata.json"}),  # the schema allows a separate file
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
    assert parse_results(text) is None
