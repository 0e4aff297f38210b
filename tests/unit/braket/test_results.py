"""What results.json says about failed executables, and when it is not believed."""

import json
from typing import Any

import pytest

from braket_notifier.braket.results import parse_results
from braket_notifier.domain.program_set import Failures

OK: dict[str, Any] = {}
COMPILATION = {"failureReason": "no such qubit", "retryable": False, "category": "COMPILATION"}
DEVICE = {"failureReason": "lost", "retryable": True, "category": "DEVICE"}


def results(*programs: list[dict[str, Any]], failed: object) -> dict[str, Any]:
    """As braket.task_result.program_set_task_result lays it out."""
    metadata = {"programMetadata": [{"executables": each} for each in programs], "totalFailedExecutables": failed}
    return {"programResults": [], "taskMetadata": metadata}


def test_failed_executables_are_counted_by_category_and_whether_they_may_be_retried() -> None:
    told = results([OK, COMPILATION, DEVICE], [COMPILATION, OK, {"status": "CANCELLED"}], failed=3)

    assert parse_results(json.dumps(told)) == (
        Failures("COMPILATION", 2, retryable=False, reasons=(("no such qubit", ("[0][1]", "[1][0]")),)),
        Failures("DEVICE", 1, retryable=True, reasons=(("lost", ("[0][2]",)),)),
    )


def test_nothing_failed_is_an_answer_too() -> None:
    assert parse_results(json.dumps(results([OK], failed=0))) == ()


def test_whether_it_may_be_retried_need_not_be_said() -> None:
    told = results([{"category": "SERVICE"}], failed=1)

    assert parse_results(json.dumps(told)) == (Failures("SERVICE", 1, None, (("", ("[0][0]",)),)),)


def test_equal_reasons_are_one_and_the_most_frequent_is_the_first() -> None:
    other = {**COMPILATION, "failureReason": "no such gate"}

    (told,) = parse_results(json.dumps(results([COMPILATION, other], [other], failed=3))) or ()

    assert told.reasons == (("no such gate", ("[0][1]", "[1][0]")), ("no such qubit", ("[0][0]",)))


@pytest.mark.parametrize(
    ("reason", "read"), [("x" * 10_000, "x" * 1000), ("\ud800", "?"), (7, ""), ({"a": "b"}, ""), (None, "")]
)
def test_an_odd_reason_is_cut_or_none(reason: object, read: str) -> None:
    (told,) = parse_results(json.dumps(results([{**DEVICE, "failureReason": reason}], failed=1))) or ()

    assert told.reasons == ((read, ("[0][0]",)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "[" * 100_000,
        json.dumps({"taskMetadata": "metadata.json"}),  # the schema allows a file of its own
        json.dumps({"measurements": [[0, 1]]}),  # no program set
        json.dumps(results([COMPILATION], failed=2)),  # it contradicts itself
        json.dumps(results([COMPILATION], failed=None)),
        json.dumps(results([{"category": "<!channel>"}], failed=1)),
        json.dumps(results([{"category": ["DEVICE"]}], failed=1)),
        json.dumps({"taskMetadata": {"programMetadata": [None], "totalFailedExecutables": 0}}),
        json.dumps({"taskMetadata": {"programMetadata": [{"executables": [7]}], "totalFailedExecutables": 0}}),
    ],
)
def test_what_is_odd_is_not_believed(text: str) -> None:
    assert parse_results(text) is None
