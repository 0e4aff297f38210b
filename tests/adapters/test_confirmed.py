"""The row of the confirmed e-mail addresses, which the sweep writes and e-mail channels read."""

from collections.abc import Callable, Sequence
from unittest.mock import patch

import pytest

from braket_notifier.adapters.dynamodb.confirmed import KEY, DynamoConfirmed
from braket_notifier.adapters.dynamodb.table import Table

TOPIC = "arn:aws:sns:eu-north-1:012345678901:mail"


@pytest.fixture
def rows(table: Callable[[str], Table]) -> Table:
    return table("snapshots")


@pytest.mark.parametrize(
    ("addresses", "has_any"),
    [
        ({}, True),  # no sweep has listed the topic yet
        ({TOPIC: ()}, False),
        ({TOPIC: ("anna@example.org",)}, True),
        ({"another": ()}, True),
    ],
)
def test_a_topic_that_no_sweep_listed_counts_as_confirmed(
    rows: Table, addresses: dict[str, Sequence[str]], has_any: bool
) -> None:
    DynamoConfirmed(rows).save(addresses)

    assert DynamoConfirmed(rows).has_any(TOPIC) is has_any


def test_unchanged_addresses_write_nothing(rows: Table) -> None:
    DynamoConfirmed(rows).save({TOPIC: ("anna@example.org",)})

    with patch.object(rows, "update", side_effect=AssertionError("a write")):
        DynamoConfirmed(rows).save({TOPIC: ("anna@example.org",)})


def test_addresses_that_only_a_newer_version_can_read_stop_no_mail(rows: Table) -> None:
    rows.update({"arn": KEY}, {"addresses": ":a", "format": ":f"}, {":a": "{}", ":f": 2})

    assert DynamoConfirmed(rows).has_any(TOPIC)
