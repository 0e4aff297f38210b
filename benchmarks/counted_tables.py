"""The notifier's tables and queues in this process, so that every request of a sweep or an event is counted."""

import gc
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from benchmarks.bill import Bill, served
from benchmarks.fake_braket import ACCOUNT, CREATED, DEVICE, REGION, arn
from braket_notifier.adapters.aws.sqs import SqsChannelQueues
from braket_notifier.adapters.dynamodb.delivery_keys import PARTITION, SORT, VISIT_AT, VISIT_IN
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.bootstrap.shared import now
from braket_notifier.braket.events import Watch
from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.domain.policy import Policy, Route
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.tracking.ports import Cursor
from braket_notifier.tracking.record import TrackingPorts
from infra.storage import PARENT, WORK

#: The partition key of a table or index, and its sort key if it has one.
Keys = tuple[str, ...]

POLICY = Policy((REGION,), "UTC", {"mail": "email"}, (Route(("mail",)),))
WATCH = Watch("aws.braket", "aws", ACCOUNT, frozenset({REGION}))
ROWS = 25  # most items of one BatchWriteItem


@dataclass(frozen=True, slots=True)
class Installation:
    """The notifier's tables and one channel's queue, with a number of open and of ended quantum tasks."""

    ports: TrackingPorts
    braket: MemoryBraket
    bill: Bill


@contextmanager
def installation(open_tasks: int, ended: int, changed: int) -> Iterator[Installation]:
    """The first `changed` open tasks have ended at Braket, and their events were lost."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    with mock_aws(), served(bill := Bill()):
        dynamodb, sqs = boto3.client("dynamodb", REGION), boto3.client("sqs", REGION)
        create_table(dynamodb, "snapshots", ("arn",), {("work",): WORK, ("parent",): PARENT, ("open_in",): ()})
        url = sqs.create_queue(QueueName="mail")["QueueUrl"]
        snapshots = DynamoSnapshots(Table(dynamodb, "snapshots"), retention_days=90)
        ports, at = TrackingPorts(snapshots, SqsChannelQueues(sqs, {"mail": url}), POLICY, now), now()
        _fill(ports, open_tasks, ended, at)
        braket = MemoryBraket({parse_arn(arn(n)): task(n, at, n < changed) for n in range(open_tasks)})
        for client in (dynamodb, sqs):
            client.meta.events.register("after-call", bill.add)
        gc.freeze()  # frozen because the million rows would be in AWS, not in this process
        yield Installation(ports, braket, bill)


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
    """The deliveries table. Its requests are on the same bill."""
    client = boto3.client("dynamodb", REGION)
    create_table(client, "deliveries", (PARTITION, SORT), {(VISIT_IN, VISIT_AT): ()})
    bill.clear()
    client.meta.events.register("after-call", partial(bill.add, indexed=False))
    return Table(client, "deliveries")


def create_table(client: Any, name: str, key: Keys, indexes: Mapping[Keys, Sequence[str]]) -> None:  # noqa: ANN401 - typed by its name only
    """Create a table with indexes that are named after their partition key and project these attributes."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(key),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in (*key, *chain.from_iterable(indexes))
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": keys[0],
                "KeySchema": _schema(keys),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(kept)}
                if kept
                else {"ProjectionType": "KEYS_ONLY"},
            }
            for keys, kept in indexes.items()
        ],
    )


def _schema(keys: Keys) -> list[dict[str, str]]:
    """The partition key, and after it the sort key if there is one."""
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def _fill(ports: TrackingPorts, open_tasks: int, ended: int, at: datetime) -> None:
    """Record one row of each kind as the notifier does; the others are copies under other names.

    The million ended tasks share one row under all of their keys.
    """
    from braket_notifier.tracking.detect import step  # noqa: PLC0415 - for this alone

    store = ports.snapshots
    store.start(REGION, at - timedelta(days=9))
    store.take_cursor(REGION, owner="before", now=at, until=at)
    cursor = Cursor(watermark=at - timedelta(minutes=5), looked_back_at=at)
    store.leave_cursor(REGION, cursor, owner="before")
    client: Any = boto3.client("dynamodb", REGION)
    for first, count, is_over in ((0, open_tasks, False), (open_tasks, ended, True)):
        if count:
            recorded = store.record(one := task(first, at, is_over), step(one, "event"), announce=True, now=at)
            store.dispatched(recorded.row, at)
    if open_tasks:
        row = client.get_item(TableName="snapshots", Key={"arn": {"S": arn(0)}})["Item"]
        copies = [_copy(row, number) for number in range(1, open_tasks)]
        for start in range(0, len(copies), ROWS):
            client.batch_write_item(RequestItems={"snapshots": copies[start : start + ROWS]})
    if ended:
        _end(range(open_tasks, open_tasks + ended))


def _end(numbers: range) -> None:
    """Store the first task's row under the keys of all."""
    rows: Any = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["snapshots"].items
    first, *others = (DynamoType({"S": arn(number)}) for number in numbers)
    rows |= dict.fromkeys(others, rows[first])


def _copy(row: Mapping[str, Any], number: int) -> object:
    renamed = json.loads(json.dumps(row).replace(row["arn"]["S"], arn(number)))
    return {"PutRequest": {"Item": renamed}}
