"""One DynamoDB table: what DynamoDB may leave out of an answer, and what it refuses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.table import Table


@pytest.fixture
def rows(table: Callable[[str], Table]) -> Table:
    """Three rows under one value of the index."""
    made = table("snapshots")
    for arn in "abc":
        made.update({"arn": arn}, {"work": ":w", "rank": ":r"}, {":w": "eu-north-1", ":r": 1})
    return made


class Reluctant:
    """A client of DynamoDB that answers one row at a time."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        [(name, asked)] = RequestItems.items()
        first, *left = asked["Keys"]
        answer = self._client.batch_get_item(RequestItems={name: {**asked, "Keys": [first]}})
        return {**answer, "UnprocessedKeys": {name: {**asked, "Keys": left}} if left else {}}

    def get_paginator(self, operation: str) -> "Reluctant":
        return Reluctant(self._client.get_paginator(operation))

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        yield from self._client.paginate(**asked, PaginationConfig={"PageSize": 1})


@pytest.fixture
def reluctant(rows: Table) -> Table:
    client: Any = Reluctant(rows.client)
    return Table(client, rows.name)


def test_keys_that_are_left_unprocessed_are_asked_for_again(reluctant: Table) -> None:
    assert sorted(str(row["arn"]) for row in reluctant.many([{"arn": arn} for arn in "abcd"], ["arn"])) == [
        "a",
        "b",
        "c",
    ]


def test_an_index_is_read_to_its_last_page(reluctant: Table) -> None:
    assert sorted(str(row["arn"]) for row in reluctant.index("work", "eu-north-1")) == ["a", "b", "c"]


def test_an_error_of_dynamodb_is_no_refused_condition(rows: Table) -> None:
    """Taken for one, it would look like a row that somebody else moved."""
    missing = Table(rows.client, "no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        missing.update({"arn": "a"}, {"rank": ":r"}, {":r": 1}, condition="attribute_not_exists(#arn)")
