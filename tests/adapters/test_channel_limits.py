"""The time limits of a send, and the classification of incomplete answers."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config

from braket_notifier.adapters.aws import clients, sns
from braket_notifier.adapters.aws.sns import SnsEmail
from braket_notifier.adapters.https import call as https
from braket_notifier.adapters.slack import channels
from braket_notifier.adapters.slack.channels import SlackBot
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.sending.ports import Channel
from tests import canary
from tests.prove.wire import PATIENCE_S, Treatment, Wire, http

ANotification = Callable[..., Notification]
TRICKLE = Treatment(answer=http(200, "x" * 100), byte_s=0.05)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(TRICKLE) as opened:
        yield opened


@pytest.fixture(params=["slack", "sns"])
def channel(request: pytest.FixtureRequest, wire: Wire, compose: Compose) -> Channel:
    if request.param == "slack":
        return SlackBot(canary.Secret(), "C1", compose, wire.url)
    made_up = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    config = clients.ONCE.merge(Config(proxies={}))
    client = boto3.client("sns", "eu-north-1", endpoint_url=wire.url, config=config, **made_up)  # type: ignore[call-overload]  # by name
    return SnsEmail(client, "arn:aws:sns:eu-north-1:012345678901:mail", compose)


def test_a_trickling_answer_does_not_block_the_sender(
    channel: Channel, wire: Wire, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "GIVE_UP_S", 0.3)
    monkeypatch.setattr(sns, "GIVE_UP_S", 0.3)

    with pytest.raises(UnacknowledgedError, match="no answer in time"):
        channel.send(a_notification(), may_repeat=False)

    assert wire.waited_for == []


def test_all_requests_of_a_message_to_slack_share_one_deadline(
    wire: Wire, compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[float] = []

    def call(url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> https.Response:
        deadlines.append(deadline)
        return https.call(url, headers, body, deadline)

    monkeypatch.setattr(channels, "call", call)
    wire.treat.append(Treatment(answer=http(200, '{"ok":false,"error":"invalid_blocks"}')))
    wire.treat.append(Treatment(answer=http(200, '{"ok":true,"ts":"1.0"}')))

    SlackBot(canary.Secret(), "C1", compose, wire.url).send(a_notification(), may_repeat=False)

    assert len(deadlines) == 2
    assert deadlines[0] == deadlines[1]


def test_an_answer_that_is_not_http_leaves_a_doubt(channel: Channel, wire: Wire, a_notification: ANotification) -> None:
    wire.treat.append(Treatment(answer=http(200)))

    with pytest.raises(UnacknowledgedError):
        channel.send(a_notification(), may_repeat=False)


def test_an_error_that_is_not_the_channel_s_own_is_classified_by_its_status(
    channel: Channel, wire: Wire, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(408, "<Error><Code>RequestTimeout</Code></Error>", "text/xml")))

    with pytest.raises(TryLaterError):
        channel.send(a_notification(), may_repeat=False)


def test_connecting_has_a_limit_of_its_own(
    compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never answers TLS is given up before it closes the connection, and no request was sent."""
    monkeypatch.setattr(https, "CONNECT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, ended_by_itself(silent):
        slack = SlackBot(canary.Secret(), "C1", compose, f"https://127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(TryLaterError, match="no answer in time"):
            slack.send(a_notification(), may_repeat=False)


@contextmanager
def ended_by_itself(silent: socket.socket) -> Iterator[None]:
    """A server that closes its connections before slack-sdk's own limit of 30 s."""
    end = threading.Timer(PATIENCE_S, silent.close)
    end.start()
    try:
        yield
    finally:
        end.cancel()


def test_retry_after_0_keeps_our_own_back_off(wire: Wire, compose: Compose, a_notification: ANotification) -> None:
    """A wait of 0 s would repeat the message at once, and for days."""
    wire.treat.append(Treatment(answer=http(429, Retry_After="0")))

    with pytest.raises(TryLaterError) as later:
        SlackBot(canary.Secret(), "C1", compose, wire.url).send(a_notification(), may_repeat=False)

    assert later.value.after_s is None


def test_an_answer_that_contains_the_token_is_not_shown(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(503, f"upstream error for Bearer {canary.TOKEN}")))

    with pytest.raises(UnacknowledgedError) as raised:
        SlackBot(canary.Secret(), "C1", compose, wire.url).send(a_notification(), may_repeat=False)

    assert not canary.found_in(raised.value)
