"""The channel of one deliver function, with the adapter of its type alone."""

import os
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.aws import clients
from braket_notifier.bootstrap import shared
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.policy import Person
from braket_notifier.domain.program_set import ReadResults, no_results
from braket_notifier.routing.owners import recipient, unreachable
from braket_notifier.sending.ports import Channel

if TYPE_CHECKING:
    from braket_notifier.adapters.aws.s3 import S3Results
    from braket_notifier.adapters.aws.ssm import SsmSecret
    from braket_notifier.grouping.ports import EditableChannel
    from braket_notifier.rendering.compose import Compose


def channel() -> Channel:
    """Build this function's channel, and import only its adapter."""
    return _channel(os.environ["CHANNEL"], None)


def addressed(destination: str) -> "EditableChannel":
    """Build the channel of one person, where this function's channel writes to owners."""
    current, base = shared.policy(), channel()
    person = recipient(destination, current)
    why = unreachable(person, channel_of(destination), current) if person else "the settings do not name the person"
    if person is None or why:
        from braket_notifier.adapters.unreachable import UnreachablePerson

        return UnreachablePerson(why, base)
    return cast("EditableChannel", _channel(destination, person))


def _channel(destination: str, person: Person | None) -> Channel:
    environ = os.environ
    if environ["CHANNEL_TYPE"] == "handler":
        return _handler(environ["HANDLER"])
    if environ["CHANNEL_TYPE"] in ("email", "topic"):
        return _topic(destination, person)
    from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
    from braket_notifier.adapters.slack.webhooks import SLACK

    endpoint = environ.get("SLACK_ENDPOINT_URL", SLACK)
    if "SLACK_WEBHOOK" in environ:
        return SlackWebhook(_secret(environ["SLACK_WEBHOOK"]), _compose(destination), endpoint)
    to = person.slack if person else environ.get("SLACK_CHANNEL", "")
    return SlackBot(_secret(environ["SLACK_TOKEN"]), to, _compose(destination, threads=True), endpoint)


@cache
def _handler(name: str) -> Channel:
    from braket_notifier.adapters.handler import HandlerChannel

    return HandlerChannel(name)


def _topic(destination: str, person: Person | None) -> Channel:
    from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
    from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed

    client, topic = clients.sns(clients.ONCE), os.environ["TOPIC_ARN"]
    if os.environ["CHANNEL_TYPE"] == "topic":
        return SnsTopic(client, topic)
    confirmed = person is not None or DynamoConfirmed(shared.snapshots_table()).has_any(topic)
    return SnsEmail(client, topic, _compose(destination), person.name if person else "", confirmed=confirmed)


def _compose(destination: str, *, threads: bool = False) -> "Compose":
    from braket_notifier.rendering.compose import message_of

    return partial(message_of, policy=shared.policy(), channel=destination, read=read_results(), threads=threads)


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
