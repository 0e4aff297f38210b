"""Count e-mail subscriptions without confirmation, to which SNS sends no mail."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def unconfirmed(client: "SNSClient", topics: Mapping[str, int]) -> int:
    """Count the addresses without a confirmed subscription, given each topic's number of addresses."""
    return sum(max(0, wanted - _confirmed(client, topic)) for topic, wanted in topics.items())


def _confirmed(client: "SNSClient", topic: str) -> int:
    """Count subscriptions with an ARN. Before its confirmation a subscription has a text in its place."""
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    mailboxes = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    return sum(each["SubscriptionArn"].startswith("arn:") for each in mailboxes)
