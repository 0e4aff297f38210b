"""The e-mail addresses of a channel's topic: who has confirmed, and who is asked again."""

from cli.installation import Installation
from infra.settings import Email


def unconfirmed(place: Installation, channel: str) -> list[str]:
    """Addresses of the settings without a confirmed subscription; SNS drops one unconfirmed for two days."""
    settings = place.settings.channels[channel]
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=place.topic_of(channel))
    known = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    confirmed = {each["Endpoint"] for each in known if each["SubscriptionArn"].startswith("arn:")}
    return [address for address in settings.to if address not in confirmed] if isinstance(settings, Email) else []


def ask_again(place: Installation, channel: str, address: str) -> None:
    """To subscribe an unconfirmed address anew sends the mail with the link again."""
    place.client("sns").subscribe(TopicArn=place.topic_of(channel), Protocol="email", Endpoint=address)
