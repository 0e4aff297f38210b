"""The mailbox behind the SNS topic: SNS's posts to a subscriber, read as e-mail."""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local.braket.serving import Request

NO_SUBJECT = "AWS Notification Message"  # SNS's subject of an e-mail without one


#: The values of each message attribute that a subscription takes; an empty policy takes every message.
FilterPolicy = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """SNS's request to confirm the subscription with a GET of its URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """SNS's notification to a subscriber."""

    subject: str
    body: str
    message_id: str
    topic_arn: str
    attributes: Mapping[str, str]


def read_delivery(request: Request) -> Confirmation | Letter:
    """SNS's envelope, or the bare message of a subscription with raw delivery (no subject, no attributes)."""
    body = request.body.decode()
    envelope = None if request.headers.get("x-amz-sns-rawdelivery") == "true" else _envelope(body)
    if envelope is None:
        headers = request.headers
        message_id, topic_arn = headers.get("x-amz-sns-message-id", ""), headers.get("x-amz-sns-topic-arn", "")
        return Letter(NO_SUBJECT, body, message_id, topic_arn, {})
    if envelope["Type"] == "SubscriptionConfirmation":
        return Confirmation(envelope["SubscribeURL"])
    attributes = {name: str(value["Value"]) for name, value in envelope.get("MessageAttributes", {}).items()}
    subject = envelope.get("Subject") or NO_SUBJECT
    return Letter(subject, envelope["Message"], envelope["MessageId"], envelope["TopicArn"], attributes)


def takes(policy: FilterPolicy, attributes: Mapping[str, str]) -> bool:
    """Whether a subscription takes a message: it has each attribute of the policy, with one of its values."""
    return all(name in attributes and attributes[name] in values for name, values in policy.items())


def confirm(url: str) -> bool:
    """GET the URL if it is on this machine. No other URL is requested, and no redirect followed."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname != "127.0.0.1":
        return False
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().status == http.client.OK
    finally:
        connection.close()


def _envelope(body: str) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    wrapped = isinstance(content, dict) and {"Type", "MessageId", "TopicArn"} <= content.keys()
    return content if wrapped else None
