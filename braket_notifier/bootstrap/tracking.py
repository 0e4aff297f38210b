"""The ports of observe and sweep: rows of snapshots and the channels' queues."""

import json
import os
from functools import cache

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sqs import SqsChannelQueues
from braket_notifier.bootstrap import shared
from braket_notifier.tracking.record import OnRouted, TrackingPorts, no_op


def tracking_ports(on_routed: OnRouted = no_op) -> TrackingPorts:
    current = shared.policy()
    rows = shared.snapshots(current.retention_days)
    return TrackingPorts(rows, channel_queues(), current, shared.now, on_routed, shared.log_skipped)


@cache
def channel_queues() -> SqsChannelQueues:
    return SqsChannelQueues(clients.sqs(), json.loads(os.environ["CHANNEL_QUEUES"]))
