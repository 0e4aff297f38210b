"""One DynamoDB table in plain Python values; a refused conditional update returns the row that refused it."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, cast

from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.values import from_attribute, to_attribute
from braket_notifier.errors import NewerVersionError, NotifierError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Row = Mapping[str, object]
#: The most keys of one BatchGetItem.
BATCH = 100
#: Seconds before unprocessed keys are read again, doubled each time up to the longest; DynamoDB is busy then.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0
#: Pauses, nine seconds in all, after which a read fails, because an endless one would stop what else the function does.
MOST_PAUSES = 9


class UnprocessedError(NotifierError):
    """DynamoDB is too busy to read some keys; the caller reads them again in a later invocation."""


class ConditionRefusedError(NotifierError):
    """A conditional write was refused; the caller decides by `row`, which is empty if there is none."""

    def __init__(self, row: Row) -> None:
        super().__init__("the condition of a write was refused")
        self.row = row


class Table:
    """A table and the calls that its users share."""

    def __init__(self, client: "DynamoDBClient", name: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self.client = client
        self.name = name
        self._sleep = sleep

    def get(self, key: Row) -> Row | None:
        item = self.client.get_item(TableName=self.name, Key=_to_item(key), ConsistentRead=True).get("Item")
        return _from_item(item) if item else None

    def many(self, keys: Sequence[Row], names: Sequence[str] = ()) -> Iterator[Row]:
        """Read some attributes eventually consistent, or all attributes consistent; unprocessed keys are read again."""
        projection: dict[str, object] = {"ConsistentRead": True}
        if names:
            listed = ", ".join(f"#{name}" for name in names)
            placeholders = {f"#{name}": name for name in names}
            projection = {"ProjectionExpression": listed, "ExpressionAttributeNames": placeholders}
        for first in range(0, len(keys), BATCH):
            wanted, pauses = [_to_item(key) for key in keys[first : first + BATCH]], 0
            while wanted:
                answer = self.client.batch_get_item(RequestItems={self.name: {"Keys": wanted, **projection}})  # type: ignore[dict-item]  # of these two forms
                yield from map(_from_item, answer["Responses"].get(self.name, []))
                left = answer["UnprocessedKeys"].get(self.name)
                wanted = list(left["Keys"]) if left else []
                if wanted and pauses == MOST_PAUSES:
                    raise UnprocessedError(f"{len(wanted)} keys of {self.name} could not be read")
                if wanted:
                    self._sleep(min(FIRST_PAUSE_S * 2**pauses, LONGEST_PAUSE_S))
                    pauses += 1

    def index(self, name: str, value: str) -> Iterator[Row]:
        """List every row with one value of an index, whose name is also its key's."""
        return self._listed("query", "KeyConditionExpression", f"#{name} = :value", {":value": value}, IndexName=name)

    def count(self, name: str, value: str, condition: str, values: Row, most: int) -> int:
        """Count the rows with one value of an index that meet a condition, up to `most`, for the price of all read."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=name,
            Select="COUNT",
            PaginationConfig={"PageSize": most},
            KeyConditionExpression="#key = :value",
            FilterExpression=condition,
            ExpressionAttributeNames={"#key": name, **_names(condition)},
            ExpressionAttributeValues=_to_item({":value": value, **values}),
        )
        counted = 0
        for page in pages:
            counted += page["Count"]
            if counted >= most:  # otherwise the next page is read, even if it is empty
                break
        return min(counted, most)

    def latest(self, name: str, value: str, bounds: tuple[str, str, str], most: int) -> Sequence[Row]:
        """List the last rows with one value of an index and a sort key between two texts, the last first."""
        condition, values = _between(name, value, bounds)
        answer = self.client.query(
            TableName=self.name,
            IndexName=name,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=_names(condition),
            ExpressionAttributeValues=_to_item(values),
            ScanIndexForward=False,
            Limit=most,
        )
        return [_from_item(item) for item in answer["Items"]]

    def between(self, name: str, value: str, bounds: tuple[str, str, str]) -> Iterator[Row]:
        """List every row with one value of an index and a sort key (named first) between two texts."""
        return self._listed("query", "KeyConditionExpression", *_between(name, value, bounds), IndexName=name)

    def beside(self, key: Row, prefix: Row | None = None) -> Iterator[Row]:
        """List the rows under a partition key, of those whose sort key starts with a prefix if there is one."""
        begins = prefix or {}
        terms = [*(f"#{name} = :{name}" for name in key), *(f"begins_with(#{name}, :{name})" for name in begins)]
        condition, values = " AND ".join(terms), {f":{name}": value for name, value in {**key, **begins}.items()}
        return self._listed("query", "KeyConditionExpression", condition, values, ConsistentRead=True)

    def matching(self, condition: str, values: Row) -> Iterator[Row]:
        """Scan the table for a condition (`#name` an attribute, `:name` a value); for an operator only."""
        return self._listed("scan", "FilterExpression", condition, values)

    def _listed(
        self, operation: Literal["query", "scan"], kind: str, condition: str, values: Row, **further: object
    ) -> Iterator[Row]:
        """List the rows of every page."""
        pages = self.client.get_paginator(operation).paginate(
            TableName=self.name,
            ExpressionAttributeNames=_names(condition),
            ExpressionAttributeValues=_to_item(values),
            **{kind: condition, **further},  # type: ignore[arg-type]  # of these two operations
        )
        return (_from_item(item) for page in pages for item in page["Items"])

    def remove(self, key: Row) -> None:
        self.client.delete_item(TableName=self.name, Key=_to_item(key))

    def updated(
        self,
        key: Row,
        sets: Mapping[str, str],
        values: Row,
        *,
        condition: str,
        remove: Sequence[str] = (),
    ) -> bool:
        """Update one row as `update` does; False if the condition was refused."""
        try:
            self.update(key, sets, values, condition=condition, remove=remove)
        except ConditionRefusedError:
            return False
        return True

    def update(
        self,
        key: Row,
        sets: Mapping[str, str],
        values: Row,
        *,
        condition: str | None = None,
        remove: Sequence[str] = (),
    ) -> Row:
        """Update one row (`sets`: attribute → expression, `#name` an attribute, `:name` a value) and return it.

        ConditionRefusedError holds the row that refused. botocore repeats a write after a lost answer, and the repeat
        may be refused by its own first success, so callers check the row instead of trusting the refusal.
        NewerVersionError if an attribute of the row has another type than the update expects.
        """
        expression = "SET " + ", ".join(f"#{name} = {value}" for name, value in sets.items())
        expression += " REMOVE " + ", ".join(f"#{name}" for name in remove) if remove else ""
        names = _names(f"{expression} {condition}")
        optional = {"ConditionExpression": condition} if condition else {}
        try:
            answer = self.client.update_item(
                TableName=self.name,
                Key=_to_item(key),
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=_to_item(values),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **optional,  # type: ignore[arg-type]  # a dictionary of one text
            )
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            if code == "ValidationException" and "operand" in message:  # "… has an incorrect data type"
                raise NewerVersionError(f"an attribute of the row {key} has another type: {message}") from error
            if code != "ConditionalCheckFailedException":
                raise
            existing = cast("Mapping[str, AttributeValueTypeDef]", error.response.get("Item", {}))
            raise ConditionRefusedError(_from_item(existing)) from error
        return _from_item(answer.get("Attributes", {}))


def _names(expression: str) -> dict[str, str]:
    """Map each placeholder to its attribute, because an attribute may be a reserved word of DynamoDB."""
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def _between(name: str, value: str, bounds: tuple[str, str, str]) -> tuple[str, Row]:
    """Return the condition that an index has one value and its sort key, named first, lies between two texts."""
    sort_key, first, last = bounds
    values = {":value": value, ":first": first, ":last": last}
    return f"#{name} = :value AND #{sort_key} BETWEEN :first AND :last", values


def _to_item(row: Row) -> "dict[str, AttributeValueTypeDef]":
    return {name: to_attribute(value) for name, value in row.items()}


def _from_item(item: "Mapping[str, AttributeValueTypeDef]") -> Row:
    return {name: from_attribute(value) for name, value in item.items()}
