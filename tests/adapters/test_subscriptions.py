"""List confirmed e-mail subscriptions, and count those without confirmation."""

from typing import Any

import pytest

from braket_notifier.adapters.aws.subscriptions import confirmed, unconfirmed

TOPIC = "arn:aws:sns:eu-north-1:012345678901:mail"
CONFIRMED = {"Protocol": "email", "Endpoint": "lab@example.org", "SubscriptionArn": f"{TOPIC}:1"}
PENDING = {"Protocol": "email", "SubscriptionArn": "PendingConfirmation"}
ANOTHER = {"Protocol": "sqs", "SubscriptionArn": f"{TOPIC}:2"}


class Client:
    """A fake of SNS that lists subscriptions, one page for each list."""

    def __init__(self, *pages: list[dict[str, str]]) -> None:
        self._pages = pages

    def get_paginator(self, _operation: str) -> "Client":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Subscriptions": page} for page in self._pages]


@pytest.mark.parametrize(
    ("pages", "wanted", "missing"),
    [
        ([[CONFIRMED, CONFIRMED]], 2, 0),
        ([[CONFIRMED], [CONFIRMED]], 2, 0),  # on two pages
        ([[CONFIRMED, PENDING]], 2, 1),
        ([[CONFIRMED]], 2, 1),  # SNS removed one
        ([[PENDING, ANOTHER]], 1, 1),  # a subscriber by another protocol
        ([[CONFIRMED, CONFIRMED]], 1, 0),  # an additional subscription
    ],
)
def test_an_address_without_confirmation_is_counted(pages: Any, wanted: int, missing: int) -> None:
    client: Any = Client(*pages)

    assert unconfirmed({TOPIC: wanted}, confirmed(client, [TOPIC])) == missing


def test_no_topic_needs_no_request() -> None:
    client: Any = None

    assert unconfirmed({}, confirmed(client, [])) == 0


def test_sns_names_a_confirmed_subscription_by_its_arn(aws: None) -> None:  # noqa: ARG001 - inside the mock
    import boto3  # noqa: PLC0415 - as above

    client = boto3.client("sns")
    topic = client.create_topic(Name="mail")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="email", Endpoint="lab@example.org")  # moto confirms at once

    assert unconfirmed({topic: 2}, confirmed(client, [topic])) == 1


def test_the_confirmed_addresses_of_each_topic_are_listed() -> None:
    client: Any = Client([CONFIRMED, PENDING, ANOTHER])

    assert confirmed(client, [TOPIC]) == {TOPIC: ("lab@example.org",)}
