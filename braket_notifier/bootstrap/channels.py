"""The channel of one deliver function, with the adapter of its type alone."""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from braket_notifier.adapters.aws import clients
from braket_notifier.bootstrap import shared
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.policy import DIGEST_HANDLER
from braket_notifier.domain.results import ReadResults, no_results
from braket_notifier.routing.owners import recipient, unreachable
from braket_notifier.sending.ports import Channel

if TYPE_CHECKING:
    from braket_notifier.adapters.aws.s3 import S3Results
    from braket_notifier.adapters.aws.ssm import SsmSecret
    from braket_notifier.adapters.handler import Words
    from braket_notifier.grouping.ports import EditableChannel, HumanChannel
    from braket_notifier.rendering.compose import Compose


#: Reads the digests of the confirmed addresses of a topic; None if they are not known yet.
ReadConfirmed = Callable[[], frozenset[str] | None]


def channel() -> Channel:
    """Build this function's channel, and import only its adapter."""
    environ = os.environ
    if environ["CHANNEL_TYPE"] in ("handler", DIGEST_HANDLER):
        return _handler(environ["HANDLER"])
    if environ["CHANNEL_TYPE"] in ("email", "topic"):
        return _topic()
    if environ["CHANNEL_TYPE"] == "bus":
        return _bus(environ["BUS"], environ["SOURCE"])
    if environ["CHANNEL_TYPE"] in ("teams", "discord", "webhook"):
        return _service(environ["CHANNEL_TYPE"], environ["HOST"])
    if "SLACK_WEBHOOK" in environ:
        from braket_notifier.adapters.slack.channels import SlackWebhook

        return SlackWebhook(_secret(environ["SLACK_WEBHOOK"]), _compose(environ["CHANNEL"]), _slack())
    return _bot(environ["CHANNEL"], environ.get("SLACK_CHANNEL", ""))


def addressed(destination: str, confirmed: ReadConfirmed) -> "HumanChannel":
    """Build the channel of one person, where this function's channel writes to owners."""
    current, name = shared.policy(), channel_of(destination)
    person = recipient(destination, current)
    why = unreachable(person, name, current) if person else "the settings do not name the person"
    if person is None or why:
        from braket_notifier.adapters.unreachable import UnreachablePerson

        return UnreachablePerson(why, channel())
    if os.environ["CHANNEL_TYPE"] == "slack":
        return _bot(destination, person.slack)
    from braket_notifier.adapters.aws.sns import SnsEmail

    found, topic, compose = confirmed(), os.environ["TOPIC_ARN"], _compose(destination)
    is_confirmed = found is None or person.email_digest in found
    return SnsEmail(clients.sns(clients.ONCE), topic, compose, person.name, confirmed=is_confirmed)


def read_confirmed() -> ReadConfirmed:
    """Build the reader of the digests of the topic's confirmed addresses, which reads them once."""
    from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed

    return cache(lambda: DynamoConfirmed(shared.snapshots_table()).digests(os.environ["TOPIC_ARN"]))


def _bot(destination: str, to: str) -> "EditableChannel":
    from braket_notifier.adapters.slack.channels import SlackBot

    return SlackBot(_secret(os.environ["SLACK_TOKEN"]), to, _compose(destination, threads=True), _slack())


def _bus(name: str, source: str) -> Channel:
    from braket_notifier.adapters.aws.eventbridge import EventBus

    return EventBus(clients.events(), name, source, shared.policy)


def _service(kind: str, host: str) -> "HumanChannel":
    from braket_notifier.adapters.https.endpoint import Endpoint
    from braket_notifier.adapters.https.services import service

    environ = os.environ
    endpoint = Endpoint(_secret(environ["URL"]), host, environ.get("SERVICES_ENDPOINT_URL", ""))
    key = _secret(environ["KEY"]) if "KEY" in environ else None
    return service(kind, endpoint, key, _compose(environ["CHANNEL"]), shared.now)


def _slack() -> str:
    from braket_notifier.adapters.slack.webhooks import SLACK

    return os.environ.get("SLACK_ENDPOINT_URL", SLACK)


@cache
def _handler(name: str) -> Channel:
    from braket_notifier.adapters.handler import HandlerChannel

    digests = os.environ["CHANNEL_TYPE"] == DIGEST_HANDLER
    return HandlerChannel(name, partial(_words, results=digests), shared.policy)


def _words(*, results: bool) -> "Words":
    """Load a handler's words; only the function of one that people read may read results."""
    from braket_notifier.rendering.formats.handler import handler_message

    compose = _compose(os.environ["CHANNEL"], results=results)
    return lambda content, again: handler_message(compose(content), may_repeat=again)


def _topic() -> Channel:
    from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
    from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed

    client, topic, name = clients.sns(clients.ONCE), os.environ["TOPIC_ARN"], os.environ["CHANNEL"]
    if os.environ["CHANNEL_TYPE"] == "topic":
        return SnsTopic(client, topic, shared.policy)
    to_owner = name in shared.policy().to_owner  # each person's address is looked at by itself
    is_confirmed = to_owner or DynamoConfirmed(shared.snapshots_table()).has_any(topic)
    return SnsEmail(client, topic, _compose(name), confirmed=is_confirmed)


def _compose(destination: str, *, threads: bool = False, results: bool = True) -> "Compose":
    """Compose by the settings in force at each message, because a push may change them in between."""
    from braket_notifier.rendering.compose import message_of

    read = read_results if results else lambda: no_results
    return lambda of: message_of(of, shared.policy(), destination, read=read(), threads=threads, now=shared.now())


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
