"""One DynamoDB table in plain Python values, with conditional updates that answer the row that refused them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.values import from_attribute, to_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Row = Mapping[str, object]
BATCH = 100


class ConditionRefusedError(Exception):
    """A conditional write was refused; `row` is what stood there (empty: nothing)."""

    def __init__(self, row: Row) -> None:
        super().__init__("the condition of a write was refused")
        self.row = row


class Table:
    """A table and the calls that both stores make."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Row) -> Row | None:
        item = self.client.get_item(TableName=self.name, Key=_to_item(key), ConsistentRead=True).get("Item")
        return _from_item(item) if item else None

    def many(self, keys: Sequence[Row], names: Sequence[str] = ()) -> Iterator[Row]:
        """BatchGetItem of some attributes, or of all as they stand now; what is left unprocessed is asked for again."""
        projection: dict[str, object] = {"ConsistentRead": True}
        if names:
            listed = ", ".join(f"#{name}" for name in names)
            placeholders = {f"#{name}": name for name in names}
            projection = {"ProjectionExpression": listed, "ExpressionAttributeNames": placeholders}
        for first in range(0, len(keys), BATCH):
            asked = [_to_item(key) for key in keys[first : first + BATCH]]
            while asked:
                answer = self.client.batch_get_item(RequestItems={self.name: {"Keys": asked, **projection}})  # type: ignore[dict-item]  # of these two forms
                yield from map(_from_item, answer["Responses"].get(self.name, []))
                left = answer["UnprocessedKeys"].get(self.name)
                asked = list(left["Keys"]) if left else []

    def index(self, name: str, value: str) -> Iterator[Row]:
        """Every row under one value of an index, whose name is that of its key."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=name,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": name},
            ExpressionAttributeValues=_to_item({":value": value}),
        )
        return (_from_item(item) for page in pages for item in page["Items"])

    def count(self, name: str, value: str, most: int) -> int:
        """How many rows are under one value of an index, up to the most; they are not read, but paid as if."""
        answer = self.client.query(
            TableName=self.name,
            IndexName=name,
            Select="COUNT",
            Limit=most,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": name},
            ExpressionAttributeValues=_to_item({":value": value}),
        )
        return answer["Count"]

    def latest(self, name: str, value: str, between: tuple[str, str, str], most: int) -> Sequence[Row]:
        """The last rows under one value of an index, by its sort key from one text to another, the last first."""
        sort_key, first, last = between
        answer = self.client.query(
            TableName=self.name,
            IndexName=name,
            KeyConditionExpression="#key = :value AND #sort BETWEEN :first AND :last",
            ExpressionAttributeNames={"#key": name, "#sort": sort_key},
            ExpressionAttributeValues=_to_item({":value": value, ":first": first, ":last": last}),
            ScanIndexForward=False,
            Limit=most,
        )
        return [_from_item(item) for item in answer["Items"]]

    def beside(self, key: Row, prefix: str) -> Iterator[Row]:
        """The rows under the same partition key whose sort key `channel` starts so."""
        [name] = key
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            ConsistentRead=True,
            KeyConditionExpression="#key = :key AND begins_with(#channel, :prefix)",
            ExpressionAttributeNames={"#key": name, "#channel": "channel"},
            ExpressionAttributeValues=_to_item({":key": key[name], ":prefix": prefix}),
        )
        return (_from_item(item) for page in pages for item in page["Items"])

    def matching(self, condition: str, values: Row) -> Iterator[Row]:
        """Every row that meets a condition (`#name` an attribute, `:name` a value), by reading the whole table.

        For an operator, not for a function.
        """
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.name,
            FilterExpression=condition,
            ExpressionAttributeNames=_names(condition),
            ExpressionAttributeValues=_to_item(values),
        )
        return (_from_item(item) for page in pages for item in page["Items"])

    def remove(self, key: Row) -> None:
        self.client.delete_item(TableName=self.name, Key=_to_item(key))

    def update(
        self,
        key: Row,
        sets: Mapping[str, str],
        values: Row,
        *,
        condition: str | None = None,
        remove: str = "",
    ) -> Row:
        """One UpdateItem (`sets`: attribute → expression, `#name` an attribute, `:name` a value); answers the row.

        ConditionRefusedError carries the row that refused. botocore repeats a write whose answer was lost: the
        repeat may then be refused by its own first success, so callers look at the row, not at the refusal.
        """
        expression = "SET " + ", ".join(f"#{name} = {value}" for name, value in sets.items())
        expression += f" REMOVE #{remove}" if remove else ""
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
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stood = cast("Mapping[str, AttributeValueTypeDef]", error.response.get("Item", {}))
            raise ConditionRefusedError(_from_item(stood)) from error
        return _from_item(answer.get("Attributes", {}))


def _names(expression: str) -> dict[str, str]:
    """Every attribute of an expression under its name, which may be one of DynamoDB's own words."""
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def _to_item(row: Row) -> "dict[str, AttributeValueTypeDef]":
    return {name: to_attribute(value) for name, value in row.items()}


def _from_item(item: "Mapping[str, AttributeValueTypeDef]") -> Row:
    return {name: from_attribute(value) for name, value in item.items()}
