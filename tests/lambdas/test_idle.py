"""The functions after a rest, in which AWS dropped their connections: no error, no doubt, no lost count."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from braket_notifier.bootstrap import channels, shared
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.wire import encode
from tests.idle_server import IdleServer, idle_server

ANotification = Callable[..., Notification]
REAL_CHANNEL = channels.channel
PUBLISHED = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
SUBSCRIPTION = "<member><Protocol>email</Protocol><SubscriptionArn>PendingConfirmation</SubscriptionArn></member>"
SUBSCRIPTIONS = (
    "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>"
    f"{SUBSCRIPTION}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
)
STALLED = {"Attributes": {"ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "0"}}


def answer(_: str, body: bytes) -> tuple[str, bytes]:
    if b"Action=Publish" in body:
        return "text/xml", PUBLISHED
    if b"Action=List" in body:
        return "text/xml", SUBSCRIPTIONS.encode()
    return "application/x-amz-json-1.0", json.dumps(STALLED).encode()


@pytest.fixture
def server(account: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdleServer]:  # noqa: ARG001 - the environment
    with idle_server(answer) as running:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch, noon: datetime) -> Callable[[timedelta], None]:
    """Move both clocks of the functions."""
    at = [noon]

    def now() -> datetime:
        return at[0]

    monkeypatch.setattr(shared, "now", now)
    monkeypatch.setattr(shared, "time", SimpleNamespace(time=lambda: now().timestamp()))

    def move(by: timedelta) -> None:
        at[0] += by

    return move


@pytest.mark.parametrize("channel_type", ["email", "topic"])
def test_a_publish_after_a_rest_is_no_repeat(  # noqa: PLR0917 - as many fixtures as there are places
    account: Any,
    context: Any,
    server: IdleServer,
    pass_time: Callable[[timedelta], None],
    a_notification: ANotification,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    channel_type: str,
) -> None:
    environment = {"CHANNEL_TYPE": channel_type, "TOPIC_ARN": "arn:aws:sns:eu-north-1:012345678901:mail"}
    for name, value in {**environment, "AWS_ENDPOINT_URL_SNS": server.url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(channels, "channel", REAL_CHANNEL)
    deliver = import_module("deliver").lambda_handler

    for number in (1, 2):
        answered = deliver(account.batch("slack", encode(a_notification(number=number))), context)
        assert answered == {"batchItemFailures": []}
        server.rest()
        pass_time(timedelta(hours=1))

    messages = [parse_qs(body.decode())["Message"][0] for body in server.answered]
    assert len(messages) == 2
    assert not any("repeat" in each.replace('"may_repeat": false', "") for each in messages)
    assert not [each for each in caplog.records if each.levelname in {"WARNING", "ERROR"}]


def test_a_sweep_after_a_rest_counts_everything(
    context: Any,
    server: IdleServer,
    pass_time: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = {"MAIL_TOPICS": json.dumps([["arn:aws:sns:eu-north-1:012345678901:mail", 1]])}
    environment |= {"FORWARDING_QUEUES": json.dumps({"us-east-1": "http://127.0.0.1/forwarding"})}
    environment |= {"AWS_ENDPOINT_URL_SNS": server.url, "AWS_ENDPOINT_URL_SQS": server.url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sweep = import_module("sweep").lambda_handler

    for _ in range(2):
        sweep({}, context)
        server.rest()
        pass_time(timedelta(minutes=5))

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    counted = [(each["UnreadRecords"], each["UnconfirmedSubscriptions"]) for each in printed]
    assert counted == [([6.0], [1.0])] * 2
    assert not [each for each in caplog.records if each.levelname == "ERROR"]
