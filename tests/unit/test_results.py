"""What results.json says about failed executables, and when it is not believed."""

import json
from typing import Any

import pytest

from notifier.results import Failures, parse_results

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
        Failures("COMPILATION", 2, retryable=False),
        Failures("DEVICE", 1, retryable=True),
    )


def test_nothing_failed_is_an_answer_too() -> None:
    assert parse_results(json.dumps(results([OK], failed=0))) == ()


def test_whether_it_may_be_retried_need_not_be_said() -> None:
    assert parse_results(json.dumps(results([{"category": "SERVICE"}], failed=1))) == (Failures("SERVICE", 1, None),)


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
