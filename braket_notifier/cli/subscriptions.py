"""The e-mail addresses of each topic, the alarms' too, and whether they are confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass

from braket_notifier.cli.installation import Installation
from braket_notifier.settings.notifier_toml import Email, Settings

#: The alarms' key beside the channels; no channel can have this name.
ALARMS = "[alarms]"


@dataclass(frozen=True, slots=True)
class EmailTopic:
    """A topic, and the addresses that the settings subscribe to it."""

    name: str
    addresses: tuple[str, ...]


def email_topics(settings: Settings) -> Mapping[str, EmailTopic]:
    """The topics by channel, and the alarms', because alarms without a confirmed address are not seen."""
    channels = settings.channels.items()
    mail = {name: EmailTopic(f"deliver-{name}", each.to) for name, each in channels if isinstance(each, Email)}
    return mail | ({ALARMS: EmailTopic("alarms", settings.alarms)} if settings.alarms else {})


def unconfirmed(place: Installation, topic: EmailTopic) -> list[str]:
    """Addresses without a confirmed subscription; SNS deletes an unconfirmed one after two days."""
    arn = place.topic(topic.name)
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    known = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    confirmed = {each["Endpoint"] for each in known if each["SubscriptionArn"].startswith("arn:")}
    return [address for address in topic.addresses if address not in confirmed]


def resend_link(place: Installation, topic: EmailTopic, address: str) -> None:
    """Send the confirmation link again, by subscribing the address again."""
    place.client("sns").subscribe(TopicArn=place.topic(topic.name), Protocol="email", Endpoint=address)
