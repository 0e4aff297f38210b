"""The composition root: every adapter, built from the environment on first use and kept."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools import Logger

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.aws.sqs import SqsChannelQueues, SqsCloseTimer, SqsUndelivered, SqsWaits
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.braket.events import Watch
from braket_notifier.braket.rate_limit import RateLimiter, shares
from braket_notifier.domain.policy import Policy, QuotaShares
from braket_notifier.domain.program_set import ReadFailures, no_failures
from braket_notifier.grouping.context import GroupingPorts, HumanSender
from braket_notifier.grouping.ports import EditableChannel, HumanChannel
from braket_notifier.rendering.compose import Compose, message_of
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import Following
from braket_notifier.sending.channel_lease import SEND_INTERVAL, ChannelLease
from braket_notifier.sending.channel_lease import take_lease as take_turn_of
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import LEASE, Channel
from braket_notifier.status_board.report import StatusReport, status_report
from braket_notifier.tracking.ports import CreatedRange
from braket_notifier.tracking.record import Noted, TrackingPorts, no_op, now

if TYPE_CHECKING:
    from braket_notifier.adapters.aws.s3 import S3Results
    from braket_notifier.adapters.aws.ssm import SsmSecret

SETTINGS = Path(__file__).parents[2] / "settings.json"


def policy() -> Policy:
    """What was deployed, or what was published since; asked for anew by each invocation."""
    return _following().policy()


@cache
def _following() -> Following:
    shipped = SETTINGS.read_bytes()
    published = DynamoPublished(_snapshots_table())
    return Following(
        parse_policy(json.loads(shipped)), sha256(shipped).hexdigest(), published.read, monotonic, _refused
    )


def _refused(error: Exception) -> None:
    """The command checks what it publishes, so this is a table in trouble, or somebody wrote the row by hand."""
    Logger().error("published settings cannot be followed", reason=f"{type(error).__name__}: {error}")


@cache
def watch() -> Watch:
    environ = os.environ
    return Watch(environ["EVENT_SOURCE"], environ["PARTITION"], environ["ACCOUNT_ID"], frozenset(policy().regions))


def braket(function: str, late: Callable[[], bool]) -> BotoBraket:
    """Braket at the pace of this function's share, and only until it is late."""
    return BotoBraket(clients.braket, _pace(policy().quotas, function), late, _odd)


def _odd(error: Exception) -> None:
    """One of many, in a list of Braket's or in a table; errors are counted and ring."""
    Logger().error("left out: it cannot be read", reason=str(error))


@cache
def _pace(quotas: QuotaShares, function: str) -> RateLimiter:
    return RateLimiter(shares(quotas, function), monotonic, sleep)


def tracking_ports(noted: Noted = no_op) -> TrackingPorts:
    followed = policy()
    rows = _snapshots(followed.retention_days, lists_ends=followed.lists_ends)
    return TrackingPorts(rows, _channel_queues(), followed, now, noted)


@cache
def _snapshots(retention_days: int, *, lists_ends: bool = False) -> DynamoSnapshots:
    return DynamoSnapshots(_snapshots_table(), retention_days, lists_ends=lists_ends, odd=_odd)


@cache
def _channel_queues() -> SqsChannelQueues:
    return SqsChannelQueues(clients.sqs(), json.loads(os.environ["CHANNEL_QUEUES"]))


def board_report(window: CreatedRange) -> StatusReport:
    """What the status board shows now."""
    followed = policy()
    rows = _snapshots(followed.retention_days)
    return status_report(rows, followed.regions, window, now(), undelivered().waiting())


def take_lease(owner: str) -> ChannelLease | None:
    """The turn of this function's channel; None if another sender keeps it."""
    environ = os.environ
    return take_turn_of(_turns(), environ["CHANNEL"], SEND_INTERVAL[environ["CHANNEL_TYPE"]], owner, now, sleep)


def sender(owner: str, time_left_s: Callable[[], float]) -> Sender | None:
    """In the channel's turn, if people read it: None if another sender keeps that."""
    if not _people_read():
        return Sender(channel(), _ledger(), now, time_left_s)
    turn = take_lease(owner)
    if turn is None:
        return None
    told = cast("HumanChannel", channel())
    return HumanSender(told, _ledger(), now, time_left_s, turn, readers=grouping_ports(told))


def grouping_ports(told: HumanChannel) -> GroupingPorts:
    """What only a channel that people read has; an incoming webhook and e-mail cannot be edited."""
    reminders = SqsCloseTimer(clients.sqs(), os.environ["QUEUE_URL"])
    board = cast("EditableChannel", told) if "SLACK_TOKEN" in os.environ else None
    groups, cards, followed = DynamoGroups(_deliveries()), DynamoCards(_deliveries()), policy()
    return GroupingPorts(
        told, board, groups, cards, reminders, followed, _snapshots(followed.retention_days), _reader()
    )


def _people_read() -> bool:
    return os.environ["CHANNEL_TYPE"] in SEND_INTERVAL


@cache
def _ledger() -> DynamoLedger:
    lease = timedelta(seconds=float(os.environ.get("LEASE_S", LEASE.total_seconds())))
    return DynamoLedger(_deliveries(), lease, in_order=_people_read())


@cache
def _turns() -> DynamoChannelLeases:
    return DynamoChannelLeases(_deliveries())


@cache
def _deliveries() -> Table:
    return Table(clients.dynamodb(), os.environ["DELIVERIES_TABLE"])


@cache
def _snapshots_table() -> Table:
    return Table(clients.dynamodb(), os.environ["SNAPSHOTS_TABLE"])


@cache
def visibility(variable: str) -> SqsWaits:
    """The waiting time of records of the queue whose URL an environment variable holds."""
    return SqsWaits(clients.sqs(), os.environ[variable])


@cache
def undelivered() -> SqsUndelivered:
    return SqsUndelivered(clients.sqs(), os.environ["UNDELIVERED_QUEUE_URL"])


def unconfirmed_subscriptions() -> int:
    """How many mailboxes of the settings receive nothing."""
    from braket_notifier.adapters.aws.subscriptions import unconfirmed

    return unconfirmed(clients.sns(clients.REPEATED), dict(json.loads(os.environ["MAIL_TOPICS"])))


def stalled_records() -> int:
    """How many records wait in queues that nobody reads: of our channels, or of regions that could not forward."""
    from braket_notifier.adapters.aws.stalled_queues import stalled_queues

    channels, forwarding = (json.loads(os.environ[name]) for name in ("CHANNEL_QUEUES", "FORWARDING_QUEUES"))
    places = [(clients.sqs_of(""), url) for url in channels.values()]
    found = stalled_queues([*places, *((clients.sqs_of(region), url) for region, url in forwarding.items())])
    for url, count in found.items():
        Logger().warning("records wait in a queue that nobody reads", queue=url, records=count)
    return sum(found.values())


def channel() -> Channel:
    """The one channel that this function delivers to; its adapter is loaded only where it is used."""
    environ = os.environ
    if environ["CHANNEL_TYPE"] == "handler":
        return _handler(environ["HANDLER"])
    if environ["CHANNEL_TYPE"] in ("email", "topic"):
        return _topic(environ["CHANNEL_TYPE"], environ["TOPIC_ARN"])
    from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook

    endpoint = environ.get("SLACK_ENDPOINT_URL", "https://slack.com")
    if "SLACK_WEBHOOK" in environ:
        return SlackWebhook(_secret(environ["SLACK_WEBHOOK"]), _compose(), endpoint)
    return SlackBot(_secret(environ["SLACK_TOKEN"]), environ["SLACK_CHANNEL"], _compose(threads=True), endpoint)


@cache
def _handler(name: str) -> Channel:
    from braket_notifier.adapters.handler import HandlerChannel

    return HandlerChannel(name)


def _topic(channel_type: str, topic: str) -> Channel:
    from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic

    client = clients.sns(clients.ONCE)
    if channel_type == "topic":
        return SnsTopic(client, topic)
    return SnsEmail(client, topic, _compose())


def _compose(*, threads: bool = False) -> Compose:
    return partial(message_of, policy=policy(), channel=os.environ["CHANNEL"], read=_reader(), threads=threads)


def _reader() -> ReadFailures:
    """Who reads which executables failed, if the settings want it: soon or not at all, for a claim waits meanwhile."""
    return _results().failures if policy().read_results else no_failures


@cache
def _results() -> "S3Results":
    from braket_notifier.adapters.aws.s3 import S3Results

    return S3Results(clients.s3)


@cache
def _secret(reference: str) -> "SsmSecret":
    from braket_notifier.adapters.aws.ssm import SsmSecret

    return SsmSecret(clients.ssm, reference, monotonic)
