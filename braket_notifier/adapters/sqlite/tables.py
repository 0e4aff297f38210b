"""The tables in the state file, by the calls of a DynamoDB client that the adapters of `dynamodb/` make.

So every rule of a row, its conditions and its reading of older and newer rows stand once, in `dynamodb/`, and this
package has the few lines that keep items: a read, the evaluation of an expression and a write in one transaction.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import cast

from botocore.exceptions import ClientError

from braket_notifier.adapters.sqlite.expressions import Item, OperandError, is_met, updated
from braket_notifier.adapters.sqlite.state_file import INDEXES, StateFile, member

#: The keys of an item: the partition's, and the sort key where a table has one.
_PARTITIONS, _SORT = ("arn", "partition"), "sort"
_FIRST_TERM = re.compile(r"#(\w+) = (:\w+)")
Answer = dict[str, object]


class SqliteTables:
    """The calls of a DynamoDB client over one state file."""

    def __init__(self, file: StateFile, clock: Callable[[], float] = time.time) -> None:
        """Items whose `expires` has passed by the clock, in seconds since 1970, are deleted as the file is opened."""
        self._file = file
        with file.change() as database:
            database.execute("DELETE FROM item WHERE expires < ?", (clock(),))

    def get_item(self, *, TableName: str, Key: Item, **_: object) -> Answer:
        found = self._file.read(f"{_SELECT} AND partition = ? AND sort = ?", _place(TableName, Key))
        return {"Item": _item(found[0])} if found else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Sequence[Item]]]) -> Answer:
        [(table, wanted)] = RequestItems.items()
        answers = [self.get_item(TableName=table, Key=key) for key in wanted["Keys"]]
        return {"Responses": {table: [each["Item"] for each in answers if each]}, "UnprocessedKeys": {}}

    def delete_item(self, *, TableName: str, Key: Item) -> None:
        with self._file.change() as database:
            database.execute("DELETE FROM item WHERE name = ? AND partition = ? AND sort = ?", _place(TableName, Key))

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        UpdateExpression: str,
        ExpressionAttributeValues: Item,
        ConditionExpression: str = "",
        **_: object,
    ) -> Answer:
        """Update an item under a condition; the errors are those of DynamoDB."""
        place = _place(TableName, Key)
        with self._file.change() as database:
            found = database.execute(f"{_SELECT} AND partition = ? AND sort = ?", place).fetchall()
            old = _item(found[0]) if found else {}
            if ConditionExpression and not is_met(ConditionExpression, old, ExpressionAttributeValues):
                raise _error("ConditionalCheckFailedException", "The conditional request failed", old)
            try:
                new = updated(UpdateExpression, {**old, **Key}, ExpressionAttributeValues)
            except OperandError as error:
                raise _error("ValidationException", str(error)) from error
            expires = new.get("expires", {}).get("N")
            database.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", (*place, expires, json.dumps(new)))
        return {"Attributes": new}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeNames: Mapping[str, str],
        ExpressionAttributeValues: Item,
        IndexName: str = "",
        FilterExpression: str = "",
        ScanIndexForward: bool = True,
        Limit: int | None = None,
        **_: object,
    ) -> Answer:
        """List the items of a partition, of an index or of the table, in the order of its sort key."""
        condition = _named(KeyConditionExpression, ExpressionAttributeNames)
        term = _FIRST_TERM.match(condition)
        assert term, "a query names its partition first"  # noqa: S101 - a mistake of this package's caller
        sort = INDEXES[IndexName] if IndexName else _SORT
        column = member(IndexName) if IndexName else "partition"
        order = (member(sort) if IndexName else "sort") if sort else "partition"
        sorted_only = f" AND {order} IS NOT NULL" if sort else ""
        rows = self._file.read(
            f"{_SELECT} AND {column} = ?{sorted_only} ORDER BY {order} {'ASC' if ScanIndexForward else 'DESC'}",
            (TableName, ExpressionAttributeValues[term[2]]["S"]),
        )
        both = " AND ".join(filter(None, (condition, FilterExpression and f"({FilterExpression})")))
        return _listed(rows, both, ExpressionAttributeValues, Limit)

    def scan(self, *, TableName: str, FilterExpression: str, ExpressionAttributeValues: Item, **_: object) -> Answer:
        return _listed(self._file.read(_SELECT, (TableName,)), FilterExpression, ExpressionAttributeValues, None)

    def get_paginator(self, operation: str) -> SimpleNamespace:
        """A paginator whose only page has everything."""
        call: Callable[..., Answer] = self.query if operation == "query" else self.scan
        return SimpleNamespace(paginate=lambda **request: [call(**request)])


_SELECT = "SELECT attributes FROM item WHERE name = ?"


def _listed(rows: Sequence[tuple[object, ...]], condition: str, values: Item, most: int | None) -> Answer:
    items = [item for item in map(_item, rows) if is_met(condition, item, values)][:most]
    return {"Items": items, "Count": len(items)}


def _named(expression: str, names: Mapping[str, str]) -> str:
    """Replace placeholders that differ from their attribute's name."""
    return re.sub(r"#\w+", lambda match: f"#{names[match[0]]}", expression)


def _place(table: str, key: Item) -> tuple[str, str, str]:
    [partition] = [str(key[name]["S"]) for name in _PARTITIONS if name in key]
    return table, partition, str(key.get(_SORT, {}).get("S", ""))


def _item(row: tuple[object, ...]) -> Item:
    return cast("Item", json.loads(cast("str", row[0])))


def _error(code: str, message: str, item: Item | None = None) -> ClientError:
    answer: Answer = {"Error": {"Code": code, "Message": message}, **({"Item": item} if item else {})}
    return ClientError(answer, "UpdateItem")  # type: ignore[arg-type]  # DynamoDB's own form
