"""The preview of every kind of results, and results that are not as Braket documents them."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.braket.preview import preview_of
from braket_notifier.domain.results import Preview

META = {"taskMetadata": {"shots": 100}}
GOOD = {"shotStatus": "Success"}


def measured(*rows: object, shots: object = 100) -> dict[str, Any]:
    return {"taskMetadata": {"shots": shots}, "measurements": list(rows)}


def shot(pre: object, post: object, status: str = "Success") -> dict[str, Any]:
    return {"shotMetadata": {"shotStatus": status}, "shotResult": {"preSequence": pre, "postSequence": post}}


def program_set(*executables: object, shots: object = 100) -> dict[str, Any]:
    return {"taskMetadata": {"requestedShots": shots}, "programResults": [{"executableResults": list(executables)}]}


@pytest.mark.parametrize(
    ("results", "preview"),
    [
        (measured([0, 1], [1, 1], [0, 1]), Preview((("01", 2), ("11", 1)), 3, 2)),
        (measured(*[[n >> 2 & 1, n >> 1 & 1, n & 1] for n in range(7)]), 7),  # the first five of equal ones
        (META | {"measurementProbabilities": {"0": 0.5, "1": 0.494}}, Preview((("0", 50), ("1", 49)), 99, 2)),
        (META | {"measurementProbabilities": {"0": 1, "1": 0.004}}, Preview((("0", 100),), 100, 1)),
        (META | {"measurementProbabilities": {"1": 1.0000000000000002}}, Preview((("1", 100),), 100, 1)),  # added up
        (META | {"measurements": [], "measurementProbabilities": {"0": 1}}, Preview((("0", 100),), 100, 1)),
        (measured(shot([1, 1, 0], [1, 0, 0]), shot([1, 1, 1], [0, 1, 1])), Preview((("gre", 1), ("rgg", 1)), 2, 2)),
        (measured(shot([1], [0]), shot([], [], "Partial Success")), Preview((("r", 1),), 1, 1)),
        (
            program_set({"measurements": [[0], [1]]}, {"failureMetadata": {}}, {"measurementProbabilities": {"0": 1}}),
            Preview((("0", 34), ("1", 1)), 35, 2, executables=2),
        ),
    ],
)  # fmt: skip
def test_outcomes_are_counted(results: dict[str, Any], preview: Preview | int) -> None:
    found = preview_of(results)

    if isinstance(preview, int):
        assert found
        assert (len(found.outcomes), found.total, found.different) == (5, preview, preview)
        assert [outcome for outcome, _ in found.outcomes] == ["000", "001", "010", "011", "100"]
    else:
        assert found == preview


@pytest.mark.parametrize(
    "results",
    [
        *(None, [], "x", 7, {}, META, {"taskMetadata": []}, {"taskMetadata": {}, "measurements": [[0]]}),
        *(measured([0], shots=number) for number in (0, -1, 0.5, 10**9)),
        measured([0], shots="100"),
        measured([0], shots=None),
        measured(),
        measured([0], [1], shots=1),  # more than the task has
        measured([]),
        measured([0], [0, 1]),
        measured([2]),
        measured([0.0]),
        measured(["0"]),
        measured([[0]]),
        measured([256]),
        measured([-1]),
        measured([10**400]),
        measured(7),
        measured(10**9, 10**9),  # bytes() would make a gigabyte of it
        measured("01"),
        measured([0] * 1001),
        measured([0], {}),
        META | {"measurements": "01"},
        META | {"measurements": {"0": 1}},
        META | {"measurementProbabilities": {"": 1}},
        META | {"measurementProbabilities": {"0": 1.0, "1": 1.0}},  # more than all shots
        META | {"measurementProbabilities": {"0": 0.5}},  # half of them would be shown as all
        META | {"measurementProbabilities": {"0": 0.5, "111": 0.5}},
        META | {"measurementProbabilities": {"02": 1}},
        META | {"measurementProbabilities": {"\u0660": 1}},  # a digit of another script
        META | {"measurementProbabilities": {"0\n": 1}},
        META | {"measurementProbabilities": {"0": 1.5}},
        META | {"measurementProbabilities": {"0": -0.5}},
        META | {"measurementProbabilities": {"0": float("nan")}},
        META | {"measurementProbabilities": {"0": float("inf")}},
        META | {"measurementProbabilities": {"0": "1"}},
        META | {"measurementProbabilities": {"0": None}},
        META | {"measurementProbabilities": {"0": 0}},
        META | {"measurementProbabilities": ["0"]},
        META | {"resultTypes": [{"value": 0.5}]},
        measured(shot([1, 1], [1])),
        measured(shot([1], [2])),
        measured(shot(["1"], ["1"])),
        measured(shot([[1]], [[1]])),
        measured(shot(None, None)),
        measured(shot([], [])),
        measured(shot([1], [1], "Failure")),
        measured({"shotMetadata": GOOD, "shotResult": {}}),
        measured({"shotMetadata": "Success"}),
        measured(shot([1], [1]), [1]),
        {"taskMetadata": "metadata.json", "programResults": ["programs/0/results.json"]},  # spread over files
        {"taskMetadata": {"requestedShots": 10}, "programResults": ["programs/0/results.json"]},
        {"taskMetadata": {"requestedShots": 10}, "programResults": {}},
        program_set(),
        program_set("executables/0.json"),
        program_set({"failureMetadata": {}}),
        program_set({"measurements": [[0]]}, 7),
        program_set({"measurements": [[0]] * 101}),
        program_set({"measurements": [[0]]}, shots=None),
    ],
)
def test_anything_odd_gives_no_preview(results: object) -> None:
    assert preview_of(results) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["taskMetadata", "shots", "requestedShots", "measurements", "measurementProbabilities", "programResults",
         "executableResults", "failureMetadata", "shotMetadata", "shotStatus", "shotResult", "preSequence", "0", "1"]
    ), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(JSON)
def test_no_json_raises(document: object) -> None:
    preview_of(document)


@given(st.lists(st.lists(st.sampled_from([0, 1]), min_size=3, max_size=3), min_size=1, max_size=60))
def test_the_most_frequent_bitstrings_are_those_of_a_plain_count(rows: list[list[int]]) -> None:
    counts = Counter("".join(map(str, row)) for row in rows)

    found = preview_of(json.loads(json.dumps(measured(*rows))))

    assert found == Preview(tuple(counts.most_common(5)), len(rows), len(counts))
