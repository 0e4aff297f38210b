"""The mailbox behind the SNS topic, with SNS's own requests."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from local.braket.serving import Request, Response, serving
from local.inbox.inbox import Inbox, Mail, Post

TOPIC = "arn:aws:sns:us-east-1:000000000000:mail"
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "5f5b5a4e-0000-4000-8000-000000000001",
    "TopicArn": TOPIC,
    "Subject": "[Braket] ghz-12 done",
    "Message": "ghz-12 COMPLETED\n",
    "Timestamp": "2026-11-21T09:00:00.000Z",
    "SignatureVersion": "1",
    "MessageAttributes": {"status": {"Type": "String", "Value": "COMPLETED"}},
}


def deliver(inbox: Inbox, body: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
    connection.request("POST", "/sns", body.encode(), {"Content-Type": "text/plain; charset=UTF-8", **named})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_notification_becomes_a_mail(inbox: Inbox, arrived: list[Post | Mail]) -> None:
    assert deliver(inbox, json.dumps(NOTIFICATION)) == 200

    [mail] = inbox.mails
    assert (mail.subject, mail.body) == ("[Braket] ghz-12 done", "ghz-12 COMPLETED\n")
    assert (mail.attributes, mail.topic_arn) == ({"status": "COMPLETED"}, TOPIC)
    assert mail.message_id == NOTIFICATION["MessageId"]
    assert arrived == [mail]


def test_a_mail_without_a_subject_gets_that_of_sns(inbox: Inbox) -> None:
    deliver(inbox, json.dumps({**NOTIFICATION, "Subject": ""}))

    assert inbox.mails[0].subject == "AWS Notification Message"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("ghz-12 done\n", {}),
        ('{"Type": "ours", "arn": "x"}', {}),  # JSON, but no envelope
        (json.dumps(NOTIFICATION), {"x_amz_sns_rawdelivery": "true"}),  # similar to an envelope
    ],
)
def test_a_raw_delivery_is_all_body(inbox: Inbox, body: str, headers: dict[str, str]) -> None:
    deliver(inbox, body, x_amz_sns_message_id="m-1", **headers)

    [mail] = inbox.mails
    assert (mail.body, mail.message_id, mail.attributes) == (body, "m-1", {})


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A stand-in for SNS that stores the requested paths."""
    paths: list[str] = []

    def answer(request: Request) -> Response:
        paths.append(request.target)
        return Response(status=302 if "moved" in request.target else 200, headers={"Location": "/elsewhere"})

    with serving(answer) as url:
        yield urlsplit(url).netloc, paths


@pytest.mark.parametrize(
    ("url", "status", "paths"),
    [
        ("http://{here}/?Action=ConfirmSubscription&Token=t", 200, ["/?Action=ConfirmSubscription&Token=t"]),
        ("http://{here}/?moved", 403, ["/?moved"]),  # not followed, because a redirect may lead anywhere
        ("http://localhost:{port}/?Token=t", 403, []),  # a name may lead anywhere
        ("http://127.0.0.1.example.org:{port}/", 403, []),
        ("http://127.0.0.1@example.org:{port}/", 403, []),
        ("https://{here}/", 403, []),
        ("file:///etc/hostname", 403, []),
    ],
)
def test_a_subscription_is_confirmed_on_this_machine_only(
    inbox: Inbox, asked: tuple[str, list[str]], url: str, status: int, paths: list[str]
) -> None:
    here, seen = asked
    subscribe_url = url.format(here=here, port=here.split(":")[1])
    envelope = {"Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": TOPIC, "SubscribeURL": subscribe_url}

    assert deliver(inbox, json.dumps(envelope)) == status
    assert seen == paths
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("attributes", "to"),
    [
        ({"person": "Anna"}, ("list@example.org", "anna@example.org")),
        ({"person": "Ben"}, ("list@example.org", "ben@example.org")),
        ({"person": "Zoe"}, ("list@example.org",)),
        ({}, ("list@example.org",)),  # a policy refuses a message without its attribute
    ],
)
def test_a_mail_reaches_the_addresses_whose_filter_policy_takes_it(
    inbox: Inbox, attributes: dict[str, str], to: tuple[str, ...]
) -> None:
    people = {f"{name.lower()}@example.org": {"person": [name]} for name in ("Anna", "Ben")}
    inbox.mailboxes[TOPIC] = {"list@example.org": {}, **people}
    with_them = {name: {"Type": "String", "Value": value} for name, value in attributes.items()}

    assert deliver(inbox, json.dumps({**NOTIFICATION, "MessageAttributes": with_them})) == 200
    assert [each.to for each in inbox.mails] == [to]


def test_a_message_that_no_subscription_takes_is_no_mail(inbox: Inbox) -> None:
    inbox.mailboxes[TOPIC] = {"anna@example.org": {"person": ["Anna"]}}

    assert deliver(inbox, json.dumps(NOTIFICATION)) == 200
    assert inbox.mails == []
