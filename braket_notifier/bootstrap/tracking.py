"""The ports of observe and sweep: rows of snapshots and the channels' queues."""

import json
import os
from functools import cache

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sqs import SqsChannelQueues
from braket_notifier.bootstrap import shared
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot
from braket_notifier.tracking.record import OnRouted, TrackingPorts, no_cost, no_op


def tracking_ports(on_routed: OnRouted = no_op) -> TrackingPorts:
    current = shared.policy()
    rows = shared.snapshots(current.retention_days)
    costs = _cost_of if current.money else no_cost
    return TrackingPorts(rows, channel_queues(), current, shared.now, on_routed, shared.log_skipped, costs)


def _cost_of(snapshot: Snapshot) -> Cost | None:
    """Load the modules of costs at the first end, because a cold start without one needs none of them."""
    from braket_notifier.bootstrap.costs import costing  # noqa: PLC0415 - see above

    return costing()(snapshot)


@cache
def channel_queues() -> SqsChannelQueues:
    return SqsChannelQueues(clients.sqs(), json.loads(os.environ["CHANNEL_QUEUES"]))
