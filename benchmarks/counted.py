"""AWS in this process, and what it would charge: requests and DynamoDB's units, by its published rules."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any

import boto3
from moto import mock_aws

from benchmarks.fake_braket import ACCOUNT, CREATED, DEVICE, REGION, arn
from infra.storage import PARENT, WORK
from notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from notifier.adapters.dynamodb.table import Table
from notifier.adapters.memory import MemoryBraket
from notifier.adapters.sqs import SqsChannelQueues
from notifier.braket import Watch, parse_snapshot
from notifier.model import Snapshot, parse_arn
from notifier.pipeline import Desk, now
from notifier.policy import Policy, Route
from notifier.ports import Cursor

KB = 1024
POLICY = Policy((REGION,), "UTC", {"mail": "email"}, (Route(("mail",)),))
WATCH = Watch("aws.braket", "aws", ACCOUNT, frozenset({REGION}))
ROWS = 25  # what BatchWriteItem takes


@dataclass
class Bill:
    """Requests by service and operation, and DynamoDB's units: writes with those to its index, and reads."""

    requests: Counter[str] = field(default_factory=Counter)
    write_units: int = 0
    read_units: float = 0.0

    @property
    def units(self) -> float:
        return self.write_units + self.read_units

    def clear(self) -> None:
        self.requests.clear()
        self.write_units, self.read_units = 0, 0.0

    def copied(self) -> "Bill":
        return Bill(self.requests.copy(), self.write_units, self.read_units)

    def add(self, *, parsed: Mapping[str, Any], model: Any, indexed: bool = True, **_: object) -> None:  # noqa: ANN401 - botocore's own
        """After each call: a hook of botocore's."""
        name = model.name
        self.requests[name] += 1
        if name == "UpdateItem":
            row = parsed.get("Attributes") or parsed.get("Item") or {}
            own = row.get("arn", {}).get("S", "").startswith(("cursor#", "start#"))
            in_index = indexed and "Attributes" in parsed and not own
            self.write_units += max(1, ceil(_size(row) / KB)) + in_index + (in_index and _opens_or_ends(row))
        elif name == "GetItem":
            self.read_units += max(1, ceil(_size(parsed.get("Item", {})) / (4 * KB)))
        elif name == "Query":
            self.read_units += max(1, ceil(sum(map(_size, parsed.get("Items", ()))) / (4 * KB))) / 2
        elif name == "BatchGetItem":
            rows = [row for rows in parsed["Responses"].values() for row in rows]
            self.read_units += sum(ceil(_size(row) / (4 * KB)) for row in rows) / 2


def _opens_or_ends(row: Mapping[str, Any]) -> bool:
    """Whether this write put the row into the index of what is open, or took it out."""
    recorded = "work" in row and row["dispatched"] != row["version"]
    return recorded and ("open_in" not in row or row["version"] == {"N": "1"})


@dataclass(frozen=True, slots=True)
class House:
    """The notifier's tables and one channel's queue, with so many open quantum tasks and so many that have ended."""

    desk: Desk
    braket: MemoryBraket
    bill: Bill


@contextmanager
def house(open_tasks: int, ended: int, changed: int) -> Iterator[House]:
    """The first `changed` of the open ones have ended at Braket, and no event has told of it."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    with mock_aws():
        dynamodb, sqs, bill = boto3.client("dynamodb", REGION), boto3.client("sqs", REGION), Bill()
        _create(dynamodb)
        url = sqs.create_queue(QueueName="mail")["QueueUrl"]
        snapshots = DynamoSnapshots(Table(dynamodb, "snapshots"), retention_days=90)
        desk, at = Desk(snapshots, SqsChannelQueues(sqs, {"mail": url}), POLICY, now), now()
        _fill(desk, open_tasks, ended, at)
        braket = MemoryBraket({parse_arn(arn(n)): task(n, at, n < changed) for n in range(open_tasks)})
        for client in (dynamodb, sqs):
            client.meta.events.register("after-call", bill.add)
        yield House(desk, braket, bill)


def task(number: int, at: datetime, ended: bool) -> Snapshot:  # noqa: FBT001 - the name says it
    words = {
        "quantumTaskArn": arn(number),
        "status": "COMPLETED" if ended else "QUEUED",
        "deviceArn": DEVICE,
        "shots": 1000,
        "outputS3Bucket": "amazon-braket-results",
        "outputS3Directory": f"tasks/{number}",
        "createdAt": at - CREATED,
        "tags": {"batch": "sweep"},
        **({"endedAt": at} if ended else {}),
    }
    return parse_snapshot(words, kind="task")


def deliveries(bill: Bill) -> Table:
    """The other table, and its requests on the same bill."""
    client = boto3.client("dynamodb", REGION)
    keys = {"arn": "HASH", "channel": "RANGE"}
    client.create_table(
        TableName="deliveries",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],  # type: ignore[typeddict-item]  # words
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    bill.clear()
    client.meta.events.register("after-call", partial(bill.add, indexed=False))
    return Table(client, "deliveries")


def _create(client: Any) -> None:  # noqa: ANN401 - typed by its name only
    indexes: Mapping[str, Sequence[str]] = {"work": WORK, "parent": PARENT, "open_in": ()}
    client.create_table(
        TableName="snapshots",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "arn", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("arn", *indexes)],
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(kept)}
                if kept
                else {"ProjectionType": "KEYS_ONLY"},
            }
            for name, kept in indexes.items()
        ],
    )


def _fill(desk: Desk, open_tasks: int, ended: int, at: datetime) -> None:
    """One row of each kind is recorded as the notifier does it; the others are copies under other names."""
    from notifier.detect import step  # noqa: PLC0415 - for this alone

    store = desk.snapshots
    store.start(REGION, at - timedelta(days=9))
    store.take_cursor(REGION, owner="before", now=at, until=at)
    cursor = Cursor(watermark=at - timedelta(minutes=5), looked_back_at=at)
    store.leave_cursor(REGION, cursor, owner="before")
    client: Any = boto3.client("dynamodb", REGION)
    for first, count, is_over in ((0, open_tasks, False), (open_tasks, ended, True)):
        if count:
            recorded = store.record(one := task(first, at, is_over), step(one, "event"), told=False, now=at)
            store.dispatched(recorded.row, at)
            row = client.get_item(TableName="snapshots", Key={"arn": {"S": arn(first)}})["Item"]
            copies = [_copy(row, number) for number in range(first + 1, first + count)]
            for start in range(0, len(copies), ROWS):
                client.batch_write_item(RequestItems={"snapshots": copies[start : start + ROWS]})


def _copy(row: Mapping[str, Any], number: int) -> object:
    renamed = json.loads(json.dumps(row).replace(row["arn"]["S"], arn(number)))
    return {"PutRequest": {"Item": renamed}}


def _size(row: Mapping[str, Any]) -> int:
    """As DynamoDB counts it: names and values; numbers and brackets roughly."""
    return sum(len(name) + _value(value) for name, value in row.items())


def _value(value: Mapping[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind == "M":
        return 3 + _size(held)
    if kind == "L":
        return 3 + sum(1 + _value(each) for each in held)
    return len(str(held)) if kind in {"S", "N"} else 1
