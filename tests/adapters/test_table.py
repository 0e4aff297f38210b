"""A DynamoDB table with partial answers and refused writes."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.table import Table, UnprocessedError


@pytest.fixture
def rows(table: Callable[[str], Table]) -> Table:
    """A table with three rows under one value of the index."""
    made = table("snapshots")
    for arn in "abc":
        made.update({"arn": arn}, {"work": ":w", "rank": ":r"}, {":w": "eu-north-1", ":r": 1})
    return made


class OneRowClient:
    """A client of DynamoDB that returns one row at a time."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        [(name, wanted)] = RequestItems.items()
        first, *left = wanted["Keys"]
        answer = self._client.batch_get_item(RequestItems={name: {**wanted, "Keys": [first]}})
        return {**answer, "UnprocessedKeys": {name: {**wanted, "Keys": left}} if left else {}}

    def get_paginator(self, operation: str) -> "OneRowClient":
        return OneRowClient(self._client.get_paginator(operation))

    def paginate(self, **wanted: Any) -> Iterator[dict[str, Any]]:
        yield from self._client.paginate(**wanted, PaginationConfig={"PageSize": 1})


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def one_row_table(rows: Table, slept: list[float]) -> Table:
    client: Any = OneRowClient(rows.client)
    return Table(client, rows.name, slept.append)


def test_unprocessed_keys_are_read_again_after_growing_pauses(one_row_table: Table, slept: list[float]) -> None:
    list(one_row_table.many([{"arn": f"{number}"} for number in range(9)]))

    assert slept == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_read_ends_although_dynamodb_never_processes_a_key(slept: list[float]) -> None:
    class Busy:
        def batch_get_item(self, **asked: Any) -> Any:
            return {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]}

    with pytest.raises(UnprocessedError, match="1 keys of snapshots"):
        list(Table(cast("Any", Busy()), "snapshots", slept.append).many([{"arn": "a"}]))

    assert 5 < sum(slept) < 15


def test_unprocessed_keys_are_read_again(one_row_table: Table) -> None:
    assert sorted(str(row["arn"]) for row in one_row_table.many([{"arn": arn} for arn in "abcd"], ["arn"])) == [
        "a",
        "b",
        "c",
    ]


def test_an_index_is_read_to_its_last_page(one_row_table: Table) -> None:
    assert sorted(str(row["arn"]) for row in one_row_table.index("work", "eu-north-1")) == ["a", "b", "c"]


def test_another_error_of_dynamodb_is_no_refused_condition(dynamodb_table: Callable[[str], Table]) -> None:
    """Otherwise the error would look like a row that another function moved."""
    missing = Table(dynamodb_table("snapshots").client, "no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        missing.update({"arn": "a"}, {"rank": ":r"}, {":r": 1}, condition="attribute_not_exists(#arn)")
