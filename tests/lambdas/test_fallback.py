"""The real functions pass on to the fallback's queue what a channel that is down cannot send."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.announcement import is_unreachable
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError
from braket_notifier.sending.ports import Progress
from braket_notifier.sending.wire import decode, encode


@pytest.fixture
def mail(account: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The queue of the e-mail channel, which is the fallback."""
    url = str(boto3.client("sqs").create_queue(QueueName="mail")["QueueUrl"])
    monkeypatch.setenv("FALLBACK", json.dumps({"mail": url}))
    account.queues["mail"] = url
    return "mail"


def test_a_channel_that_is_down_puts_its_notification_once_into_the_queue_of_its_fallback(
    deliver: Any,
    account: Any,
    context: Any,
    mail: str,
    a_notification: Callable[..., Notification],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The second record is of another task, the third is the first one again."""
    account.channel.raises = [MendableError("200 token_revoked")]
    first, second = encode(a_notification()), encode(a_notification(number=2))

    answer = deliver(account.batch("slack", first, second, first), context)

    put = [decode(each["Body"]) for each in account.waiting(mail)]
    announced = [each for each in put if is_unreachable(each.transition.status)]
    ends = [each for each in put if each not in announced]
    assert len(answer["batchItemFailures"]) == 3  # they wait for their own channel too
    assert [each.channel for each in put] == ["mail"] * 3
    assert [each.passed_from for each in put] == ["team-slack"] * 3
    assert {each.transition.arn for each in ends} == {decode(each).transition.arn for each in (first, second)}
    assert [each.transition.snapshot.failure_reason for each in announced] == ["200 token_revoked"]
    ledger = DynamoLedger(Table(boto3.client("dynamodb"), "deliveries"))
    assert ledger.progress(decode(second)) == Progress(passed_on=True, passed_to="mail")
    lines = [vars(each) for each in caplog.records if "passed_on_to" in vars(each)]
    assert [each["passed_on_to"] for each in lines] == ["mail", "mail"]


def test_a_channel_without_a_fallback_passes_nothing_on(
    deliver: Any, account: Any, context: Any, a_notification: Callable[..., Notification]
) -> None:
    account.channel.raises = [MendableError("200 token_revoked")]

    answer = deliver(account.batch("slack", encode(a_notification())), context)

    assert len(answer["batchItemFailures"]) == 1
    assert [name for name in account.queues if account.waiting(name)] == []


def test_a_sweep_saves_which_e_mail_addresses_are_confirmed(
    sweep: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sns = boto3.client("sns")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("mail", "lab")]
    sns.subscribe(TopicArn=topics[0], Protocol="email", Endpoint="lab@example.org")  # moto confirms it at once
    monkeypatch.setenv("MAIL_TOPICS", json.dumps([[topic, 1] for topic in topics]))
    row = DynamoConfirmed(Table(boto3.client("dynamodb"), "snapshots"))
    before = [row.has_any(topic) for topic in topics]

    sweep({}, context)

    assert before == [True, True]
    assert [row.has_any(topic) for topic in topics] == [True, False]
