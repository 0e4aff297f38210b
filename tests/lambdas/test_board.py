"""The status board's function shows the tables' rows and writes nothing."""

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3

from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from tests.lambdas.conftest import Account, Context

ASnapshot = Callable[..., Snapshot]


def put(snapshot: Snapshot, at: datetime) -> None:
    store = DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90)
    row = store.record(snapshot, Step(snapshot.status, snapshot.ended_at, "event"), announce=True, now=at).row
    store.dispatched(row, at)


def draw(context: Context, event: dict[str, Any]) -> str:
    return str(importlib.import_module("board").lambda_handler(event, context))


def test_open_ended_and_undelivered_rows_are_on_the_board(
    account: Account, context: Context, a_task: ASnapshot, a_job: ASnapshot, noon: datetime
) -> None:
    put(a_task("QUEUED", 1, tags={"Name": "ghz-12"}, queue_position=">2000"), noon)
    put(a_task("FAILED", 2, tags={"Name": "ghz-11"}), noon)
    put(a_task("COMPLETED", 3, tags={"Name": "ghz-10"}, ended_at=noon - timedelta(days=3)), noon)
    put(a_job("RUNNING"), noon)
    boto3.client("sqs").send_message(QueueUrl=account.queues["undelivered"], MessageBody="poison")
    day = {"mode": "relative", "start": int((noon - timedelta(days=1)).timestamp() * 1000), "end": 0}

    board = draw(context, {"widgetContext": {"theme": "dark", "width": 1400, "timeRange": day}})

    assert 'class="bn-board bn-dark"' in board
    for words in ("<b>2</b> open", "ghz-12", "had &gt;2000 ahead", "vqe-h2-17", "of max 5 h", "1 undelivered"):
        assert words in board
    assert "❌" in board
    assert "ghz-10" not in board


def test_a_describe_request_returns_the_description_and_reads_nothing(account: Account, context: Context) -> None:  # noqa: ARG001 - its environment
    assert "status board" in draw(context, {"describe": True})


def test_the_board_has_no_amount_a_minute_after_a_push_of_money_false(
    account: Account,  # noqa: ARG001 - its tables
    context: Context,
    a_task: ASnapshot,
    noon: datetime,
    publish: Callable[..., None],
    later: Callable[[], None],
) -> None:
    put(a_task("COMPLETED", 1, tags={"Name": "ghz-12"}, cost=Cost(Decimal("3.20"))), noon)
    put(a_task("COMPLETED", 2, tags={"Name": "ghz-11"}, cost=Cost(Decimal(0), reserved=1)), noon)
    before = draw(context, {})
    publish(money=False)
    later()

    after = draw(context, {})

    assert all(each in before for each in ("$3.20", "in your reservation", "on-demand"))
    assert not any(each in after for each in ("$", "in your reservation", "on-demand"))
    assert "ghz-11" in after


def test_a_published_time_zone_is_followed_and_nothing_is_written(
    account: Account,  # noqa: ARG001 - its tables
    context: Context,
    a_task: ASnapshot,
    noon: datetime,
) -> None:
    put(a_task("QUEUED"), noon)
    client: Any = boto3.client("dynamodb")
    before = client.scan(TableName="snapshots")["Items"]

    draw(context, {})

    assert client.scan(TableName="snapshots")["Items"] == before
