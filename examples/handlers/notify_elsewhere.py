"""Posts to any service that Apprise supports: Teams, Discord, PagerDuty, ntfy and a hundred more."""

import apprise
import boto3

from braket_notifier.handlers import Message, Transition

REFERENCE = "/braket-notifier/elsewhere"  # an SSM SecureString with the service's Apprise URL


def handle(_: Transition | None, message: Message) -> None:
    url = boto3.client("ssm").get_parameter(Name=REFERENCE, WithDecryption=True)["Parameter"]["Value"]
    if not apprise.Apprise(url).notify(title=message.push, body=message.text, notify_type=message.severity):
        raise RuntimeError("not accepted")  # the notifier calls again
