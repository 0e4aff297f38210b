"""The sums of a month's costs: equal to the sum of its tasks, and read by indexes."""

import copy
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import boto3
from moto import mock_aws

from benchmarks.bill import Bill, served
from benchmarks.counted_tables import ROWS, create_table
from benchmarks.fake_braket import ACCOUNT, REGION, arn
from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.costs.sums import By, keys, sums, together
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Step
from infra.storage import ENDED, ENDED_IN, ENDED_ON, PARENT

TASKS, JOBS, BATCHES = 10_000, 50, 20
BEGIN, MONTH = datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=30)
DEVICES = ("iqm/Garnet", "iqm/Emerald", "aqt/Ibex-Q1")
SEED = 21
BY: tuple[By, ...] = ("device", "batch", "job", "day")


@dataclass(frozen=True, slots=True)
class SumsFound:
    """The bill of reading a month once, and the sums that differ from those of the tasks."""

    tasks: int
    bill: Bill
    different: int


def measure(tasks: int = TASKS) -> SumsFound:
    os.environ |= {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    with mock_aws(), served(bill := Bill()):
        client: Any = boto3.client("dynamodb", REGION)
        create_table(client, "snapshots", ("arn",), {("parent",): PARENT, (ENDED_IN, ENDED_ON): ENDED})
        expected = _fill(client, tasks)
        client.meta.events.register("after-call", bill.add)
        ended = DynamoEndedTasks(Table(client, "snapshots"))
        with bill.running():
            found = list(ended.between(REGION, BEGIN, BEGIN + MONTH))
        month = bill.copied()
        different = int(len(found) != tasks)
        for by in BY:
            added = {each.key: each.cost.amount for each in sums(found, keys(UTC, lambda _: "")[by])}
            different += added != expected[by]
        for number in range(JOBS):
            cost = together(ended.of_job(parse_arn(_job(number))))
            different += (cost.amount if cost else Decimal(0)) != expected["job"].get(_job(number), 0)
        whole = together(found)
        different += whole is None or whole.amount != sum(expected["day"].values(), Decimal(0))
        return SumsFound(tasks, month, different)


def _job(number: int) -> str:
    return f"arn:aws:braket:{REGION}:{ACCOUNT}:job/{number:036x}"


def _fill(client: Any, tasks: int) -> Mapping[By, Mapping[str, Decimal]]:  # noqa: ANN401 - typed by its name only
    """Write copies of one recorded row with amounts of their own, and add those without the code under test."""
    row, random = _recorded(client), Random(SEED)  # noqa: S311 - no secret
    expected: dict[By, Counter[str]] = {by: Counter() for by in BY}
    puts = []
    for number in range(tasks):
        at = BEGIN + timedelta(seconds=random.randrange(int(MONTH.total_seconds())))
        device = f"arn:aws:braket:{REGION}::device/qpu/{random.choice(DEVICES)}"
        batch, job = f"batch-{random.randrange(BATCHES)}", _job(random.randrange(JOBS))
        amount = random.choice([None, 0, random.randrange(10**12)])  # of a ten-thousandth of a millionth of a dollar
        puts.append({"PutRequest": {"Item": _copy(row, number, at, device, batch, job, amount)}})
        for by, key in zip(BY, (device, batch, job, f"{at:%Y-%m-%d}"), strict=True):
            expected[by][key] += amount or 0
    for start in range(0, len(puts), ROWS):
        client.batch_write_item(RequestItems={"snapshots": puts[start : start + ROWS]})
    return {by: {key: Decimal(each).scaleb(-10) for key, each in found.items()} for by, found in expected.items()}


def _recorded(client: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as above
    one = Snapshot(
        parse_arn(arn(0)),
        "COMPLETED",
        ended_at=BEGIN,
        device="-",
        shots=1000,
        tags={"batch": "-"},
        job_arn=_job(0),
        cost=Cost(Decimal(1)),
    )
    store = DynamoSnapshots(Table(client, "snapshots"), retention_days=90)
    store.dispatched(store.record(one, Step("COMPLETED", BEGIN, "event"), announce=True, now=BEGIN).row, BEGIN)
    item: Mapping[str, Any] = client.get_item(TableName="snapshots", Key={"arn": {"S": arn(0)}})["Item"]
    return item


def _copy(
    row: Mapping[str, Any], number: int, at: datetime, device: str, batch: str, job: str, amount: int | None
) -> Mapping[str, Any]:
    item: dict[str, Any] = copy.deepcopy(dict(row))
    detail = item["detail"]["M"]
    for name, value in {"arn": arn(number), "device": device, "parent": job}.items():
        item[name] = {"S": value}
    item |= {"ended_at": {"S": at.isoformat()}, "ended_on": {"S": at.isoformat()}}
    detail |= {"quantumTaskArn": {"S": arn(number)}, "deviceArn": {"S": device}, "jobArn": {"S": job}}
    detail["tags"] = {"M": {"batch": {"S": batch}}}
    item.pop("cost")
    if amount is not None:
        item["cost"] = {"M": {"amount": {"S": f"{Decimal(amount).scaleb(-10):f}"}, "bound": {"S": "exact"}}}
    return item
