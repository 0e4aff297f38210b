"""List confirmed e-mail subscriptions, because SNS sends no mail to the others."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

#: The addresses of each topic whose subscriptions are confirmed.
Confirmed = Mapping[str, tuple[str, ...]]


def confirmed(client: "SNSClient", topics: Iterable[str]) -> Confirmed:
    """List the subscriptions with an ARN. Before its confirmation a subscription has a text in its place."""
    return {topic: tuple(sorted(_confirmed(client, topic))) for topic in topics}


def unconfirmed(wanted: Mapping[str, int], found: Confirmed) -> int:
    """Count the addresses without a confirmed subscription, given each topic's number of addresses."""
    return sum(max(0, count - len(found[topic])) for topic, count in wanted.items())


def _confirmed(client: "SNSClient", topic: str) -> Iterable[str]:
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    mailboxes = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    return (each["Endpoint"] for each in mailboxes if each["SubscriptionArn"].startswith("arn:"))
