"""The channel of one deliver function, with the adapter of its type alone."""

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from braket_notifier.adapters.aws import clients
from braket_notifier.bootstrap import shared
from braket_notifier.domain.program_set import ReadResults, no_results
from braket_notifier.sending.ports import Channel

if TYPE_CHECKING:
    from braket_notifier.adapters.aws.s3 import S3Results
    from braket_notifier.adapters.aws.ssm import SsmSecret
    from braket_notifier.rendering.compose import Compose


def channel() -> Channel:
    """Build this function's channel, and import only its adapter."""
    environ = os.environ
    if environ["CHANNEL_TYPE"] == "handler":
        return _handler(environ["HANDLER"])
    if environ["CHANNEL_TYPE"] in ("email", "topic"):
        return _topic(environ["CHANNEL_TYPE"], environ["TOPIC_ARN"])
    from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
    from braket_notifier.adapters.slack.webhooks import SLACK

    endpoint = environ.get("SLACK_ENDPOINT_URL", SLACK)
    if "SLACK_WEBHOOK" in environ:
        return SlackWebhook(_secret(environ["SLACK_WEBHOOK"]), _compose(), endpoint)
    return SlackBot(_secret(environ["SLACK_TOKEN"]), environ["SLACK_CHANNEL"], _compose(threads=True), endpoint)


@cache
def _handler(name: str) -> Channel:
    from braket_notifier.adapters.handler import HandlerChannel

    return HandlerChannel(name)


def _topic(channel_type: str, topic: str) -> Channel:
    from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
    from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed

    client = clients.sns(clients.ONCE)
    if channel_type == "topic":
        return SnsTopic(client, topic)
    confirmed = DynamoConfirmed(shared.snapshots_table()).has_any(topic)
    return SnsEmail(client, topic, _compose(), confirmed=confirmed)


def _compose(*, threads: bool = False) -> "Compose":
    from braket_notifier.rendering.compose import message_of

    return partial(
        message_of, policy=shared.policy(), channel=os.environ["CHANNEL"], read=read_results(), threads=threads
    )


def read_results() -> ReadResults:
    """Build the reader of a program set's results, if the settings enable it."""
    return _results().read if shared.policy().read_results else no_results


@cache
def _results() -> "S3Results":
    from braket_notifier.adapters.aws.s3 import S3Results

    return S3Results(clients.s3)


@cache
def _secret(reference: str) -> "SsmSecret":
    from braket_notifier.adapters.aws.ssm import SsmSecret

    return SsmSecret(clients.ssm, reference, shared.monotonic)
