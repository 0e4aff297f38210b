"""The e-mail addresses of each topic, the alarms' too: who has confirmed, and who is asked again."""

from collections.abc import Mapping
from dataclasses import dataclass

from braket_notifier.cli.installation import Installation
from braket_notifier.settings.notifier_toml import Email, Settings

#: Beside the channels: a name that none can have.
ALARMS = "[alarms]"


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The addresses that the settings subscribe to one topic."""

    topic: str
    addresses: tuple[str, ...]


def mailboxes(settings: Settings) -> Mapping[str, Mailboxes]:
    """By channel, and those of the alarms: nobody would hear of an alarm that has no confirmed address."""
    channels = settings.channels.items()
    mail = {name: Mailboxes(f"deliver-{name}", each.to) for name, each in channels if isinstance(each, Email)}
    return mail | ({ALARMS: Mailboxes("alarms", settings.alarms)} if settings.alarms else {})


def unconfirmed(place: Installation, asked: Mailboxes) -> list[str]:
    """Addresses of the settings without a confirmed subscription; SNS drops one unconfirmed for two days."""
    topic = place.topic(asked.topic)
    pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    known = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    confirmed = {each["Endpoint"] for each in known if each["SubscriptionArn"].startswith("arn:")}
    return [address for address in asked.addresses if address not in confirmed]


def ask_again(place: Installation, asked: Mailboxes, address: str) -> None:
    """To subscribe an unconfirmed address anew sends the mail with the link again."""
    place.client("sns").subscribe(TopicArn=place.topic(asked.topic), Protocol="email", Endpoint=address)
