"""SNS's acceptances, refusals and doubts, for e-mail and for topics of programs."""

import socket
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.sending.ports import Channel, Probed
from local.braket.serving import Request, serving

ANotification = Callable[..., Notification]
TOPIC = "arn:aws:sns:eu-north-1:012345678901:mail"


@pytest.fixture
def client(aws: None) -> Any:  # noqa: ARG001 - credentials
    return boto3.client("sns")


def test_a_publish_carries_subject_and_body(client: Any, compose: Compose, a_notification: ANotification) -> None:
    sent: dict[str, Any] = {}
    client.publish = lambda **call: sent.update(call)

    SnsEmail(client, TOPIC, compose).send(a_notification(), may_repeat=True)

    assert sent["TopicArn"] == TOPIC
    assert sent["Subject"] == "[Braket] ghz-12 done, IQM Garnet, took 3 h 41 min, may repeat"
    assert sent["Message"].startswith("✅ ghz-12 — COMPLETED\n\nIQM Garnet (QPU)")
    assert sent["Message"].endswith("· may repeat an earlier e-mail\n")


@pytest.mark.parametrize("person", ["Anna", "Müller, Zoë"])
def test_a_mail_to_a_person_names_the_person_for_the_filter_of_each_subscription(
    client: Any, compose: Compose, a_notification: ANotification, person: str
) -> None:
    sent: dict[str, Any] = {}
    client.publish = lambda **call: sent.update(call)

    SnsEmail(client, TOPIC, compose, person).send(a_notification(), may_repeat=False)

    assert sent["MessageAttributes"] == {"person": {"DataType": "String", "StringValue": person}}


def test_programs_get_the_transition_as_json_and_nothing_else(
    client: Any, a_notification: ANotification, policy: Policy
) -> None:
    sent: dict[str, Any] = {}
    client.publish = lambda **call: sent.update(call)

    SnsTopic(client, TOPIC, lambda: policy).send(a_notification(), may_repeat=True)

    assert sent == {"TopicArn": TOPIC, "Message": to_json(a_notification(), lambda: policy, may_repeat=True)}


@pytest.fixture(params=["email", "topic"])
def channel_of(request: pytest.FixtureRequest, compose: Compose, policy: Policy) -> Callable[[Any], Channel]:
    """Both kinds of topic, with the same answers of SNS."""
    if request.param == "topic":
        return lambda client: SnsTopic(client, TOPIC, lambda: policy)
    return lambda client: SnsEmail(client, TOPIC, compose)


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("Throttling", 400, TryLaterError),
        ("KMSThrottling", 400, TryLaterError),
        ("RequestTimeout", 408, TryLaterError),
        ("AuthorizationError", 403, MendableError),  # the permission can be granted while the notification waits
        ("KMSDisabled", 400, MendableError),
        ("NotFound", 404, MendableError),
        ("ExpiredToken", 403, MendableError),
        ("InternalError", 500, UnacknowledgedError),
        ("ServiceUnavailable", 503, UnacknowledgedError),
        ("InvalidParameter", 400, RefusedError),
        ("InvalidParameterValue", 400, RefusedError),
    ],
)
def test_each_error_of_sns_is_classified(
    client: Any,
    channel_of: Callable[[Any], Channel],
    a_notification: ANotification,
    code: str,
    status: int,
    raised: type[Exception],
) -> None:
    with Stubber(client) as stubbed:
        stubbed.add_client_error("publish", code, http_status_code=status)

        with pytest.raises(raised, match=code):
            channel_of(client).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("InternalError", 500, UnacknowledgedError),
        ("Throttling", 400, TryLaterError),
        ("NotFound", 404, MendableError),
        ("AuthorizationError", 403, None),  # of the probe alone, which says nothing about the publish
    ],
)
def test_a_probe_reads_the_topic_and_publishes_nothing(
    client: Any, channel_of: Callable[[Any], Channel], code: str, status: int, raised: type[Exception] | None
) -> None:
    channel = channel_of(client)
    assert isinstance(channel, Probed)
    with Stubber(client) as stubbed:
        stubbed.add_client_error("get_topic_attributes", code, http_status_code=status)
        stubbed.add_response("get_topic_attributes", {"Attributes": {}}, {"TopicArn": TOPIC})

        with pytest.raises(raised, match=code) if raised else nullcontext():
            channel.probe()
        channel.probe()


@pytest.fixture
def client_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Build the client of the e-mail function, for a server of the test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    made: list[Any] = []

    def build(url: str) -> Any:
        config = clients.ONCE.merge(Config(proxies={}))
        made.append(boto3.client("sns", region_name="eu-north-1", endpoint_url=url, config=config))
        return made[-1]

    yield build
    for client in made:
        client.close()


@pytest.fixture
def mute() -> Iterator[tuple[str, list[str]]]:
    """A server that reads a request and closes the connection without an answer."""
    taken: list[str] = []

    def hang_up(request: Request) -> None:
        taken.append(request.target)

    with serving(hang_up) as url:
        yield url, taken


def test_a_publish_whose_acknowledgement_is_lost_is_not_repeated(
    mute: tuple[str, list[str]],
    client_of: Callable[[str], Any],
    channel_of: Callable[[Any], Channel],
    a_notification: ANotification,
) -> None:
    """boto3 repeats up to five times by default, and every repeat is an e-mail."""
    url, taken = mute

    with pytest.raises(UnacknowledgedError):
        channel_of(client_of(url)).send(a_notification(), may_repeat=False)

    assert len(taken) == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"<html>Sign in to the hotel's network"),
        ({}, b"<html>Sign in to the hotel's network</html>"),
        ({"Content-Length": "1000"}, b"<PublishResponse>"),
        ({"Transfer-Encoding": "chunked"}, b"zz\r\n<PublishResponse/>\r\n"),
    ],
)
def test_an_unreadable_answer_leaves_a_doubt(
    server: Any,
    client_of: Callable[[str], Any],
    compose: Compose,
    a_notification: ANotification,
    headers: dict[str, str],
    body: bytes,
) -> None:
    server.headers, server.body = headers, body

    with pytest.raises(UnacknowledgedError):
        SnsEmail(client_of(server.url), TOPIC, compose).send(a_notification(), may_repeat=False)

    assert len(server.taken) == 1


def test_a_publish_that_never_reached_sns_may_be_sent_again(
    client_of: Callable[[str], Any], compose: Compose, a_notification: ANotification
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = client_of(f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(TryLaterError, match=r"^no connection$"):
            SnsEmail(client, TOPIC, compose).send(a_notification(), may_repeat=False)
