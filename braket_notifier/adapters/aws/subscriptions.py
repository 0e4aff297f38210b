"""Who really receives the mail of a topic: SNS drops what it has for an address that has not confirmed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def unconfirmed(client: "SNSClient", topics: Mapping[str, int]) -> int:
    """How many mailboxes are missing, given how many each topic should have; SNS also removes confirmed ones."""
    return sum(max(0, wanted - _confirmed(client, topic)) for topic, wanted in topics.items())


def _confirmed(client: "SNSClient", topic: str) -> int:
    """A subscription that waits for its confirmation has a word in the place of its ARN."""
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    mailboxes = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    return sum(each["SubscriptionArn"].startswith("arn:") for each in mailboxes)
