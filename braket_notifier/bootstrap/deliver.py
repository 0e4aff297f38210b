"""The sender of one deliver function: its channel, ledger and lease."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sqs import SqsChannelQueues, SqsCloseTimer
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from braket_notifier.bootstrap import channels, shared
from braket_notifier.domain.policy import DIGEST_HANDLER
from braket_notifier.errors import DeferError, HoldError
from braket_notifier.grouping.ports import EditableChannel, Fallback, GroupingPorts, HumanChannel, HumanSender
from braket_notifier.routing.owners import fallback_of
from braket_notifier.sending.channel_lease import SEND_INTERVAL, ChannelLease, HealthRow, health_of
from braket_notifier.sending.channel_lease import take_lease as take_channel_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import LEASE


def take_lease(owner: str) -> ChannelLease | None:
    """Take the lease of this function's channel; None if another sender holds it."""
    environ = os.environ
    return take_channel_lease(
        _leases(), environ["CHANNEL"], SEND_INTERVAL[environ["CHANNEL_TYPE"]], owner, shared.now, shared.sleep
    )


def sender(owner: str, time_left_s: Callable[[], float]) -> Sender | None:
    """Build the sender, with the lease if people read the channel; None if another sender holds the lease."""
    if not _people_read():
        name, is_handler = os.environ["CHANNEL"], os.environ["CHANNEL_TYPE"] == "handler"
        if is_handler:
            shared.policy()  # its words follow the settings, and a failure to read them after a claim leaves a doubt
        row = HealthRow(_leases(), name, shared.now, health_of(_leases(), name))
        return Sender(
            channels.channel(),
            _ledger(),
            shared.now,
            time_left_s,
            row=row,
            is_handler=is_handler,
            policy=shared.policy,
        )
    to_owner = os.environ["CHANNEL"] in shared.policy().to_owner  # before the lease, which a failure would not end
    lease = take_lease(owner)
    if lease is None:
        return None
    human = cast("HumanChannel", channels.channel())
    ports = grouping_ports(human)
    address = partial(_address, ports, channels.read_confirmed()) if to_owner else None
    is_handler = os.environ["CHANNEL_TYPE"] == DIGEST_HANDLER
    return HumanSender(
        human,
        _ledger(),
        shared.now,
        time_left_s,
        lease,
        is_handler=is_handler,
        policy=shared.policy,
        ports=ports,
        address=address,
    )


def _address(ports: GroupingPorts, confirmed: channels.ReadConfirmed, destination: str) -> GroupingPorts:
    human = channels.addressed(destination, confirmed)
    return replace(ports, channel=human, editable=_editable(human), fallback=_fallback_of(destination))


def _fallback_of(destination: str) -> Fallback | None:
    """Build the queue of the person's other address, otherwise of the team's channel, which gets announcements too."""
    urls, current = _fallback_urls(), shared.policy()
    team = next((each for each in urls if each not in current.to_owner), "")
    name = fallback_of(destination, list(urls), current)
    return Fallback(name, SqsChannelQueues(clients.sqs(), urls), announced_in=team) if name else None


def _editable(human: HumanChannel) -> EditableChannel | None:
    """Return the channel if its messages can be edited, unlike those of an incoming webhook and of e-mail."""
    can_edit = "SLACK_TOKEN" in os.environ or os.environ["CHANNEL_TYPE"] == "discord"
    return cast("EditableChannel", human) if can_edit else None


def measures(wait: DeferError) -> list[tuple[str, MetricUnit, int]]:
    """Return the metrics of an attempt; what one person's address refused is counted only if there is any."""
    if isinstance(wait, HoldError):
        return []
    refused = [("NotificationsUnreachable", MetricUnit.Count, len(wait.refused))] if wait.refused else []
    return [("NotificationsAmbiguous", MetricUnit.Count, int(wait.in_doubt)), *refused]


def end_lease(ending: Sender | None) -> None:
    """End the lease; a failure fails no record, because the lease ends by itself in half a minute."""
    try:
        if ending and ending.lease:
            ending.lease.end()
    except Exception:  # noqa: BLE001 - the channel's next acceptance saves its health
        Logger().exception("lease could not be ended")


def grouping_ports(human: HumanChannel) -> GroupingPorts:
    """Build the ports of a channel that people read."""
    close_timer = SqsCloseTimer(clients.sqs(), os.environ["QUEUE_URL"])
    table, current = shared.deliveries_table(), shared.policy()
    return GroupingPorts(
        human,
        _editable(human),
        DynamoGroups(table),
        DynamoCards(table),
        close_timer,
        current,
        shared.snapshots(current.retention_days),
        channels.read_results(),
        _fallback(),
    )


def _fallback() -> Fallback | None:
    """Build the queue of the channel that gets this channel's notifications while it is down, if there is one."""
    urls = _fallback_urls()
    return next((Fallback(name, SqsChannelQueues(clients.sqs(), urls)) for name in urls), None)


def _fallback_urls() -> dict[str, str]:
    return dict(json.loads(os.environ.get("FALLBACK", "{}")))


def _people_read() -> bool:
    return os.environ["CHANNEL_TYPE"] in SEND_INTERVAL


@cache
def _ledger() -> DynamoLedger:
    lease = timedelta(seconds=float(os.environ.get("LEASE_S", LEASE.total_seconds())))
    return DynamoLedger(shared.deliveries_table(), lease, in_order=_people_read())


@cache
def _leases() -> DynamoChannelLeases:
    return DynamoChannelLeases(shared.deliveries_table())
