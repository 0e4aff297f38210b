"""List the e-mail subscriptions of a topic, and those that are confirmed, because SNS sends no mail to the others."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef

#: The addresses of each topic whose subscriptions are confirmed.
Confirmed = Mapping[str, tuple[str, ...]]


def confirmed(client: "SNSClient", topics: Iterable[str]) -> Confirmed:
    found = {topic: mailboxes(client, topic) for topic in topics}
    return {
        topic: tuple(sorted(each["Endpoint"] for each in listed if is_confirmed(each["SubscriptionArn"])))
        for topic, listed in found.items()
    }


def unconfirmed(wanted: Mapping[str, int], found: Confirmed) -> int:
    """Count the addresses without a confirmed subscription, given each topic's number of addresses."""
    return sum(max(0, count - len(found[topic])) for topic, count in wanted.items())


def mailboxes(client: "SNSClient", topic: str) -> list["SubscriptionTypeDef"]:
    """List a topic's subscriptions by e-mail."""
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]


def is_confirmed(arn: str) -> bool:
    """Whether a subscription has an ARN; before its confirmation it has a text in its place."""
    return arn.startswith("arn:")
