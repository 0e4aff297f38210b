"""A foreign value in a sentence about it."""

import json
import sys

import pytest

from braket_notifier.text.json_fields import shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("FAILED", "'FAILED'"),
        ({"at": [1, None]}, '{"at": [1, null]}'),
        ("two\nlines", "'two lines'"),
        ({(1, 2): 3}, "a value"),  # as no JSON has it
    ],
)
def test_a_foreign_value_is_shown_as_json_has_it(value: object, words: str) -> None:
    assert shown(value) == words


def test_a_value_of_any_depth_that_json_reads_can_be_shown() -> None:
    """The encoder is called deeper than the decoder was, so it fails first."""
    for depth in range(1, sys.getrecursionlimit()):
        try:
            value = json.loads("[" * depth + "]" * depth)
        except RecursionError:
            return
        assert shown(value)
