"""Posts to any service that Apprise supports: Teams, Discord, PagerDuty, ntfy and a hundred more."""

import apprise
import boto3

from braket_notifier.handlers import Transition

REFERENCE = "/braket-notifier/elsewhere"  # an SSM SecureString with the service's Apprise URL


def handle(transition: Transition) -> None:
    url = boto3.client("ssm").get_parameter(Name=REFERENCE, WithDecryption=True)["Parameter"]["Value"]
    snapshot = transition.snapshot
    title = f"{snapshot.tags.get('Name') or snapshot.job_name or transition.arn.short_id} {transition.status}"
    if not apprise.Apprise(url).notify(title=title, body=snapshot.failure_reason or transition.arn.text):
        raise RuntimeError("not accepted")  # the notifier calls again
