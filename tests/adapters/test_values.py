"""Conversion of plain values to DynamoDB's attribute values and back."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeSerializer

from braket_notifier.adapters.dynamodb.values import from_attribute, to_attribute

VALUES = [
    None,
    True,  # a flag, although Python treats it as a number
    "",
    "ghz-12 ✅",
    0,
    -12,
    Decimal("2.5"),
    [],
    ["a", 1, None],
    {"status": "FAILED", "history": [{"at": None, "version": 2}]},
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    assert from_attribute(to_attribute(value)) == value


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_written_as_boto3_writes_it(value: object) -> None:
    assert to_attribute(value) == TypeSerializer().serialize(value)


@pytest.mark.parametrize("value", [0.1, b"bytes", {"a"}, object()])
def test_a_type_that_dynamodb_lacks_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        to_attribute(value)
