"""The e-mail addresses of each topic, the alarms' too, and whether they are confirmed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from braket_notifier.adapters.aws.subscriptions import is_confirmed, mailboxes
from braket_notifier.cli.installation import Installation
from braket_notifier.settings.channels import Email
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.settings.policy_document import ALARMS


@dataclass(frozen=True, slots=True)
class EmailTopic:
    """A topic, and the addresses that the settings subscribe to it."""

    name: str
    addresses: tuple[str, ...]
    #: The person of each address, where the topic writes to owners.
    people: Mapping[str, str] = field(default_factory=dict)

    def filter_policy(self, address: str) -> str:
        """The filter policy of an address as JSON; empty for one that gets every mail."""
        return json.dumps({"person": [self.people[address]]}) if address in self.people else ""


def email_topics(settings: Settings) -> Mapping[str, EmailTopic]:
    """The topics by channel, and the alarms', because alarms without a confirmed address are not seen."""
    channels = settings.channels.items()
    mail = {
        name: EmailTopic(f"deliver-{name}", each.to, each.people) for name, each in channels if isinstance(each, Email)
    }
    return mail | ({ALARMS: EmailTopic("alarms", settings.alarms)} if settings.alarms else {})


def unconfirmed(topic: EmailTopic, subscribed: Mapping[str, str]) -> list[str]:
    """Addresses without a confirmed subscription; SNS deletes an unconfirmed one after two days."""
    return [address for address in topic.addresses if not is_confirmed(subscribed.get(address, ""))]


def unnamed(topic: EmailTopic, subscribed: Mapping[str, str]) -> list[str]:
    """Subscribed addresses that the settings do not name, like those subscribed by hand or kept after a removal."""
    return sorted(subscribed.keys() - set(topic.addresses))


def resend_link(place: Installation, topic: EmailTopic, address: str) -> None:
    """Send the confirmation link again, by subscribing the address again.

    CloudFormation does not know a new subscription, so this gives it the queue of what SNS cannot deliver, and the
    filter of a person's mails.
    """
    queue = f"arn:{place.partition}:sqs:{place.region}:{place.account}:{place.name}-undelivered"
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue}, separators=(",", ":"))}
    filtered = {"FilterPolicy": policy} if (policy := topic.filter_policy(address)) else {}
    place.client("sns").subscribe(
        TopicArn=place.topic(topic.name), Protocol="email", Endpoint=address, Attributes={**redrive, **filtered}
    )


def subscribed_to(place: Installation, topic: EmailTopic) -> dict[str, str]:
    """The ARN of each address's subscription, or a text in its place before its confirmation."""
    found = mailboxes(place.client("sns"), place.topic(topic.name))
    arns = [(each["Endpoint"], each["SubscriptionArn"]) for each in found]
    return dict(sorted(arns, key=lambda each: is_confirmed(each[1])))
