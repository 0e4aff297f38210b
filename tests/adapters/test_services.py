"""Services behind a URL: which answer accepts a message, how each refusal is classed, and what is never sent."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from braket_notifier.adapters.https.endpoint import Endpoint, wrong_url
from braket_notifier.adapters.https.services import service
from braket_notifier.adapters.https.webhook import SignedWebhook
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.ports import HumanChannel
from braket_notifier.rendering.compose import Compose
from local.story.workspace import KEY
from tests import canary
from tests.prove.wire import Treatment, Wire, http

ANotification = Callable[..., Notification]
HOST = "hooks.example.org"
URL = f"https://{HOST}/{canary.CANARY}"
JSON = "application/json"
PAGE = "<html><title>Sign in to the hotel's network</title></html>"
#: The answer of each service to a message that it accepts.
ACCEPTED = {"webhook": http(204)}


def clock() -> datetime:
    """Return the present time, because the verification of a signature refuses an old one."""
    return datetime.now(UTC)


def made(kind: str, url: str, compose: Compose, **secret: Any) -> HumanChannel:
    key = canary.Secret(KEY) if kind == "webhook" else None
    return service(kind, Endpoint(canary.Secret(**{"value": URL, **secret}), HOST, url), key, compose, clock)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(Treatment()) as opened:
        yield opened


@pytest.fixture(params=ACCEPTED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sent(wire: Wire) -> list[Any]:
    return [json.loads(each.partition(b"\r\n\r\n")[2]) for each in wire.requests]


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().splitlines()[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_an_accepted_message_is_one_request_to_the_url(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=ACCEPTED[kind]))

    made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    (request,) = wire.requests
    assert request.startswith(f"POST /{HOST}/{canary.CANARY}".encode())
    assert headers(request)["content-type"] == JSON


@pytest.mark.parametrize(
    ("treatment", "raised", "says"),
    [
        (Treatment(answer=http(429, Retry_After="30")), TryLaterError, "429"),  # asked to wait
        (Treatment(answer=http(429)), TryLaterError, "429"),  # our own back-off
        (Treatment(answer=http(408)), TryLaterError, "408"),  # too slow, so not accepted
        (Treatment(answer=http(500, "oops")), UnacknowledgedError, "500"),  # perhaps accepted
        (Treatment(answer=http(502, PAGE, "text/html")), UnacknowledgedError, "502"),
        (Treatment(answer=http(200, PAGE, "text/html")), UnacknowledgedError, "200"),  # a network's login page
        (Treatment(answer=http(200, PAGE)), UnacknowledgedError, "200"),  # the same without its type
        (Treatment(end="reset"), UnacknowledgedError, "ConnectionResetError"),
        (Treatment(answer=http(302, Location="/elsewhere")), MendableError, "302"),  # not followed
        (Treatment(answer=http(403, PAGE, "text/html")), MendableError, "403 url_refused"),  # a proxy's page
        (Treatment(answer=http(404)), MendableError, "404 url_refused"),  # the URL was deleted
        (Treatment(answer=http(410)), MendableError, "410 url_refused"),
        (Treatment(answer=http(409)), MendableError, "409"),
    ],
)
def test_each_refusal_is_classified_after_one_request(
    kind: str,
    wire: Wire,
    compose: Compose,
    a_notification: ANotification,
    treatment: Treatment,
    raised: type[Exception],
    says: str,
) -> None:
    wire.treat.append(treatment)

    with pytest.raises(raised, match=f"^{says}$"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    assert len(wire.requests) == 1


def test_a_service_that_hangs_leaves_a_doubt_after_the_time_limit(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braket_notifier.adapters.https.endpoint.GIVE_UP_S", 0.2)
    wire.treat.append(Treatment(end="wait"))

    with pytest.raises(UnacknowledgedError, match="TimeoutError"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)


def test_a_refusal_for_the_rate_may_have_been_shown_and_its_wait_is_kept(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(429, Retry_After="30")))

    with pytest.raises(TryLaterError) as later:
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    assert (later.value.after_s, later.value.perhaps_sent) == (30, True)


def test_a_url_that_was_replaced_is_tried_again(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(404)))

    with pytest.raises(TryLaterError, match="may have been replaced"):
        made(kind, wire.url, compose, is_replaced=True).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/canary-of-a-secret",  # not encrypted
        "https://192.0.2.7/canary-of-a-secret",  # a literal address
        "https://hooks.example.org.evil.example/canary-of-a-secret",  # another host
        "https://hooks.example.org@evil.example/canary-of-a-secret",
        "https://hooks.example.org:8443/canary-of-a-secret",  # another port
        "https://HOOKS.example.org/canary-of-a-secret",
        "https://hooks.example.org",
        "file:///canary-of-a-secret",
        "canary-of-a-secret",
    ],
)
def test_a_url_of_another_host_is_refused_and_not_shown(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification, url: str
) -> None:
    with pytest.raises(MendableError, match=r"^the URL does not begin with https://hooks\.example\.org/"):
        made(kind, wire.url, compose, value=url).send(a_notification(), may_repeat=False)

    assert wire.requests == []
    assert wrong_url(URL, HOST) == ""


def test_a_message_that_is_too_large_is_sent_once_more_in_short(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([Treatment(answer=http(413)), Treatment(answer=ACCEPTED[kind])])

    made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    whole, brief = (len(each) for each in wire.requests)
    assert brief < whole


def test_a_short_message_that_is_too_large_is_refused_for_good(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([Treatment(answer=http(413))] * 2)

    with pytest.raises(RefusedError, match="413"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)


def test_an_unknown_type_of_service_is_refused(compose: Compose) -> None:
    with pytest.raises(ValueError, match="telegram is not a type of service"):
        made("telegram", "", compose)


# --- the signed webhook --------------------------------------------------------------------------------------------


def test_the_package_of_standard_webhooks_verifies_each_message(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(200, "thanks")))
    notification = a_notification()

    made("webhook", wire.url, compose).send(notification, may_repeat=True)

    (request,) = wire.requests
    body = request.partition(b"\r\n\r\n")[2]
    verified = Webhook(KEY).verify(body, headers(request))
    assert headers(request)["webhook-id"] == notification.id == verified["data"]["id"]
    assert (verified["type"], verified["data"]["severity"]) == ("braket.message", "success")
    assert verified["data"]["push"].endswith("· may repeat")
    assert verified["data"]["resources"] == [{"arn": notification.transition.arn.text, "status": "COMPLETED"}]
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY).verify(body.replace(b"COMPLETED", b"CANCELLED"), headers(request))


def test_a_digest_has_an_id_that_its_repeat_shares_and_a_later_digest_does_not(
    wire: Wire, compose: Compose, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    wire.treat.extend([Treatment(answer=http(204))] * 3)
    ends = tuple(a_transition(a_task(number=n)) for n in range(1, 4))
    digest = Digest("ghz-scan", ends[:2], batch="ghz-scan", news=("1", "2"))
    channel = made("webhook", wire.url, compose)

    for content in (digest, digest, replace(digest, transitions=ends, news=("3",))):
        channel.send(content, may_repeat=False)

    first, repeat, later = (headers(each)["webhook-id"] for each in wire.requests)
    assert first == repeat != later
    assert [each["status"] for each in sent(wire)[2]["data"]["resources"]] == ["COMPLETED"] * 3


@pytest.mark.parametrize("key", ["", canary.CANARY, f"whsec_{canary.CANARY}", "whsec_"])
def test_a_key_of_the_wrong_form_sends_nothing_and_is_not_shown(
    wire: Wire, compose: Compose, a_notification: ANotification, key: str
) -> None:
    endpoint = Endpoint(canary.Secret(URL), HOST, wire.url)

    with pytest.raises(MendableError, match="the key is not whsec_ and base64"):
        SignedWebhook(endpoint, canary.Secret(key), compose, clock).send(a_notification(), may_repeat=False)

    assert wire.requests == []
