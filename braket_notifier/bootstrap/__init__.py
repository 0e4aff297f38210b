"""Build every adapter from the environment on first use, and keep it for later invocations."""

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
from braket_notifier.grouping.ports import EditableChannel, GroupingPorts, HumanChannel, HumanSender
from braket_notifier.rendering.compose import Compose, message_of
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import Following
from braket_notifier.sending.channel_lease import SEND_INTERVAL, ChannelLease
from braket_notifier.sending.channel_lease import take_lease as take_channel_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import LEASE, Channel
from braket_notifier.status_board.report import StatusReport, status_report
from braket_notifier.tracking.ports import CreatedRange
from braket_notifier.tracking.record import OnRouted, TrackingPorts, no_op, now

if TYPE_CHECKING:
    from braket_notifier.adapters.aws.s3 import S3Results
    from braket_notifier.adapters.aws.ssm import SsmSecret

SETTINGS = Path(__file__).parents[2] / "settings.json"


def policy() -> Policy:
    """Read the deployed settings, or the settings published since."""
    return _following().policy()


@cache
def _following() -> Following:
    shipped = SETTINGS.read_bytes()
    published = DynamoPublished(_snapshots_table())
    return Following(
        parse_policy(json.loads(shipped)), sha256(shipped).hexdigest(), published.read, monotonic, _log_unusable
    )


def _log_unusable(error: Exception) -> None:
    """Log an error, because the command checks settings before it publishes them."""
    Logger().error("published settings could not be applied", reason=f"{type(error).__name__}: {error}")


@cache
def watch() -> Watch:
    environ = os.environ
    return Watch(environ["EVENT_SOURCE"], environ["PARTITION"], environ["ACCOUNT_ID"], frozenset(policy().regions))


def braket(function: str, out_of_time: Callable[[], bool]) -> BotoBraket:
    """Read Braket at the rate of this function's share, and only until no time is left."""
    return BotoBraket(clients.braket, _rate_limiter(policy().quotas, function), out_of_time, _log_skipped)


def _log_skipped(error: Exception) -> None:
    """Log an error, which raises an alarm, and go on with the other rows or summaries."""
    Logger().error("unreadable row or summary skipped", reason=str(error))


@cache
def _rate_limiter(quota_shares: QuotaShares, function: str) -> RateLimiter:
    return RateLimiter(shares(quota_shares, function), monotonic, sleep)


def tracking_ports(on_routed: OnRouted = no_op) -> TrackingPorts:
    current = policy()
    rows = _snapshots(current.retention_days, lists_ends=current.lists_ends)
    return TrackingPorts(rows, _channel_queues(), current, now, on_routed)


@cache
def _snapshots(retention_days: int, *, lists_ends: bool = False) -> DynamoSnapshots:
    return DynamoSnapshots(_snapshots_table(), retention_days, lists_ends=lists_ends, on_skipped=_log_skipped)


@cache
def _channel_queues() -> SqsChannelQueues:
    return SqsChannelQueues(clients.sqs(), json.loads(os.environ["CHANNEL_QUEUES"]))


def board_report(window: CreatedRange) -> StatusReport:
    """Collect the report that the status board shows."""
    current = policy()
    rows = _snapshots(current.retention_days)
    return status_report(rows, current.regions, window, now(), undelivered().waiting())


def take_lease(owner: str) -> ChannelLease | None:
    """Take the lease of this function's channel; None if another sender holds it."""
    environ = os.environ
    return take_channel_lease(_leases(), environ["CHANNEL"], SEND_INTERVAL[environ["CHANNEL_TYPE"]], owner, now, sleep)


def sender(owner: str, time_left_s: Callable[[], float]) -> Sender | None:
    """Build the sender, with the lease if people read the channel; None if another sender holds the lease."""
    if not _people_read():
        return Sender(channel(), _ledger(), now, time_left_s)
    lease = take_lease(owner)
    if lease is None:
        return None
    human = cast("HumanChannel", channel())
    return HumanSender(human, _ledger(), now, time_left_s, lease, ports=grouping_ports(human))


def grouping_ports(human: HumanChannel) -> GroupingPorts:
    """Build the ports of a channel that people read; an incoming webhook and e-mail cannot be edited."""
    reminders = SqsCloseTimer(clients.sqs(), os.environ["QUEUE_URL"])
    board = cast("EditableChannel", human) if "SLACK_TOKEN" in os.environ else None
    groups, cards, current = DynamoGroups(_deliveries()), DynamoCards(_deliveries()), policy()
    return GroupingPorts(human, board, groups, cards, reminders, current, _snapshots(current.retention_days), _reader())


def _people_read() -> bool:
    return os.environ["CHANNEL_TYPE"] in SEND_INTERVAL


@cache
def _ledger() -> DynamoLedger:
    lease = timedelta(seconds=float(os.environ.get("LEASE_S", LEASE.total_seconds())))
    return DynamoLedger(_deliveries(), lease, in_order=_people_read())


@cache
def _leases() -> DynamoChannelLeases:
    return DynamoChannelLeases(_deliveries())


@cache
def _deliveries() -> Table:
    return Table(clients.dynamodb(), os.environ["DELIVERIES_TABLE"])


@cache
def _snapshots_table() -> Table:
    return Table(clients.dynamodb(), os.environ["SNAPSHOTS_TABLE"])


@cache
def visibility(variable: str) -> SqsWaits:
    """Set the visibility of records in the queue whose URL is in an environment variable."""
    return SqsWaits(clients.sqs(), os.environ[variable])


@cache
def undelivered() -> SqsUndelivered:
    return SqsUndelivered(clients.sqs(), os.environ["UNDELIVERED_QUEUE_URL"])


def unconfirmed_subscriptions() -> int:
    """Count the e-mail subscriptions that are not confirmed."""
    from braket_notifier.adapters.aws.subscriptions import unconfirmed

    return unconfirmed(clients.sns(clients.REPEATED), dict(json.loads(os.environ["MAIL_TOPICS"])))


def stalled_records() -> int:
    """Count the records in queues without a reader, of channels and of regions that could not forward events."""
    from braket_notifier.adapters.aws.stalled_queues import stalled_queues

    channels, forwarding = (json.loads(os.environ[name]) for name in ("CHANNEL_QUEUES", "FORWARDING_QUEUES"))
    home = [(clients.sqs_of(""), url) for url in channels.values()]
    found = stalled_queues([*home, *((clients.sqs_of(region), url) for region, url in forwarding.items())])
    for url, count in found.items():
        Logger().warning("records wait in a queue without a reader", queue=url, records=count)
    return sum(found.values())


def channel() -> Channel:
    """Build this function's channel, and import only its adapter."""
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
    """Build the reader of failed executables, if the settings want it."""
    return _results().failures if policy().read_results else no_failures


@cache
def _results() -> "S3Results":
    from braket_notifier.adapters.aws.s3 import S3Results

    return S3Results(clients.s3)


@cache
def _secret(reference: str) -> "SsmSecret":
    from braket_notifier.adapters.aws.ssm import SsmSecret

    return SsmSecret(clients.ssm, reference, monotonic)
