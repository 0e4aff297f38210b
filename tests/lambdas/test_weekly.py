"""The weekly line through the functions: from the index of ends to a channel's queue, or to the alarms' addresses."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.sqs import SqsUndelivered
from braket_notifier.adapters.dynamodb.ends import DynamoEnds
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import costs, shared
from braket_notifier.domain.announcement import UNDELIVERED, announcement, arn_of
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode_record, encode
from tests.lambdas.conftest import SETTINGS

ASnapshot = Callable[..., Snapshot]
FRIDAY = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
FIGURES = {"ended": "3", "failed": "1", "undelivered": "0"}
WEEKLY = Snapshot(arn_of("weekly-line", "eu-north-1"), "CREATED", ended_at=MONDAY, tags=FIGURES)
LINE = announcement(WEEKLY, "WEEK 2026-W47", "team-slack")


@pytest.fixture
def clock(account: Any, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:  # noqa: ARG001 - the environment first
    at = [FRIDAY]
    monkeypatch.setattr(shared, "now", lambda: at[0])
    return at


@pytest.fixture
def weekly_to(account: Any) -> Callable[[str], None]:  # noqa: ARG001 - as above
    def write(channel: str) -> None:
        shared.SETTINGS.write_text(json.dumps(SETTINGS | {"weekly_to": channel}))

    return write


@pytest.fixture
def sweep(account: Any, weekly_to: Callable[[str], None], clock: list[datetime]) -> Any:  # noqa: ARG001 - as above
    weekly_to("team-slack")
    return account.function("sweep")


@pytest.fixture
def ends(account: Any, a_task: ASnapshot) -> None:  # noqa: ARG001 - as above
    """Three ends of this week, and one of the week before."""
    store = DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90)
    moves = ((1, "COMPLETED", 1), (2, "FAILED", 2), (3, "CANCELLED", 6), (4, "FAILED", 8))
    for number, status, days in moves:
        at = FRIDAY - timedelta(days=days)
        row = store.record(a_task(status, number, ended_at=at), Step(status, at, "event"), announce=True, now=at).row
        store.dispatched(row, at)


@pytest.mark.parametrize(("settings", "spent"), [({}, "6.40"), ({"money": False}, None)])
def test_the_line_has_the_sum_of_the_weeks_costs(  # the row of the week before is not in it
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, settings: dict[str, Any], spent: str | None
) -> None:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"weekly_to": "team-slack"} | settings))
    store = DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90)
    for number, days in ((1, 1), (2, 2), (3, 8)):
        task = a_task("COMPLETED", number, ended_at=FRIDAY - timedelta(days=days), cost=Cost(Decimal("3.20")))
        row = store.record(task, Step("COMPLETED", task.ended_at, "event"), announce=True, now=FRIDAY).row
        store.dispatched(row, FRIDAY)

    sweep({}, context)

    [line] = lines(account)
    assert line.transition.snapshot.cost == (Cost(Decimal(spent)) if spent else None)


def test_a_failure_to_add_costs_leaves_the_line_without_a_sum(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the table is away")

    monkeypatch.setattr(costs, "spent", broken)
    sweep({}, context)

    [line] = lines(account)
    assert line.transition.snapshot.cost is None


def lines(account: Any) -> list[Notification]:
    carried = (decode_record(record["Body"]) for record in account.waiting("slack"))
    return [each for each in carried if isinstance(each, Notification)]


def figures(line: Notification) -> Mapping[str, str]:
    return line.transition.snapshot.tags


@pytest.mark.usefixtures("ends")
def test_one_sweep_of_the_week_enqueues_the_line_with_the_ends_of_the_week(
    sweep: Any, account: Any, context: Any, clock: list[datetime]
) -> None:
    for minutes in (0, 5, 60 * 24):
        clock[0] = FRIDAY + timedelta(minutes=minutes)
        sweep({}, context)

    assert lines(account) == [LINE]


@pytest.mark.usefixtures("ends")
def test_a_sweep_that_died_before_it_saved_the_week_enqueues_the_same_line_again(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The ledger drops the repeat."""

    def dies(*_: object) -> None:
        raise ConnectionError("DynamoDB")

    with monkeypatch.context() as broken:
        broken.setattr(DynamoEnds, "save", dies)
        sweep({}, context)
    sweep({}, context)

    first, second = lines(account)
    assert first == LINE
    assert figures(second) == {**FIGURES, "undelivered": "1"}  # the first one, which no function reads here
    assert first.id == second.id
    assert caplog.messages.count("weekly line could not be sent") == 1


@pytest.mark.usefixtures("clock")
def test_a_line_that_two_sweeps_enqueued_is_sent_once(
    account: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []

    def post(line: Notification, *, may_repeat: bool) -> str:
        posted.append(line.id)
        assert not may_repeat
        return ""

    monkeypatch.setattr(account.channel, "send", post)

    for _ in range(2):
        answer = account.function("deliver")(account.batch("slack", encode(LINE), encode(LINE)), context)
        assert answer == {"batchItemFailures": []}

    assert posted == [LINE.id]


def test_a_line_names_undelivered_records_and_a_channel_that_is_down(sweep: Any, account: Any, context: Any) -> None:
    boto3.client("sqs").send_message(QueueUrl=account.queues["undelivered"], MessageBody="{}")
    boto3.client("dynamodb").put_item(
        TableName="deliveries",
        Item={
            "partition": {"S": "team-slack#lease"},
            "sort": {"S": "lease"},
            "down_since": {"S": "2026-11-20T10:00:00+00:00"},
            "class": {"S": "mendable"},
            "reason": {"S": "token_revoked"},
        },
    )
    sweep({}, context)

    [line] = lines(account)
    assert figures(line) == {"ended": "0", "failed": "0", "undelivered": "1", "team-slack is down": ""}


def test_a_line_claims_nothing_about_records_that_could_not_be_counted(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> int:
        raise ConnectionError("SQS")

    monkeypatch.setattr(SqsUndelivered, "waiting", fails)
    sweep({}, context)

    assert [UNDELIVERED in figures(line) for line in lines(account)] == [False]
    assert caplog.messages.count("the weekly line leaves out what was missed") == 1


def test_a_record_that_has_just_been_put_into_a_queue_is_not_missed(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("sqs").send_message(QueueUrl=account.queues["slack"], MessageBody="{}")
    monkeypatch.setattr(shared, "sleep", lambda _: account.waiting("slack"))  # a function receives it

    sweep({}, context)

    record = boto3.client("sqs").receive_message(QueueUrl=account.queues["slack"])["Messages"][0]
    line = decode_record(record["Body"])
    assert isinstance(line, Notification)
    assert figures(line)[UNDELIVERED] == "0"


@pytest.mark.usefixtures("clock")
def test_no_line_without_the_setting(account: Any, context: Any, weekly_to: Callable[[str], None]) -> None:
    weekly_to("")

    account.function("sweep")({}, context)

    assert account.waiting("slack") == []


@pytest.fixture
def mails(account: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Receive the texts that the topic of the alarms publishes."""
    topic = boto3.client("sns").create_topic(Name="alarms")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="mails")["QueueUrl"]
    boto3.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:eu-north-1:123456789012:mails",
        Attributes={"RawMessageDelivery": "true"},
    )
    monkeypatch.setenv("ALARMS_TOPIC", topic)
    account.queues["mails"] = queue

    def received() -> list[str]:
        return [each["Body"] for each in account.waiting("mails")]

    return received


@pytest.mark.usefixtures("ends", "clock")
def test_without_slack_the_alarms_addresses_get_the_line_once(
    account: Any,
    context: Any,
    weekly_to: Callable[[str], None],
    mails: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weekly_to("[alarms]")
    sweep = account.function("sweep")

    with monkeypatch.context() as broken:
        broken.setattr(DynamoEnds, "save", lambda *_: None)  # as if each run died
        for _ in range(2):
            sweep({}, context)
    sweep({}, context)

    [mail] = mails()
    assert mail.startswith("This week: 3 tasks and jobs ended, 1 failed, nothing missed\n")
