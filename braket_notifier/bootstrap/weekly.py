"""The weekly line of sweep: what it counts, and its way to a channel's queue or to the alarms' addresses."""

import os
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.ends import DynamoEnds
from braket_notifier.bootstrap import shared, tracking
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import ALARMS, Policy
from braket_notifier.sending import health
from braket_notifier.tracking.record import TrackingPorts
from braket_notifier.watching import heartbeat
from braket_notifier.watching.heartbeat import Troubles, Week

#: Seconds in which a record that waits in a channel's queue has usually found its function.
COUNTED_AGAIN_S = 10
#: Seconds that sending to the alarms' addresses may take.
SEND_S = 15


def announce_week(ports: TrackingPorts, stalled: Callable[[], int]) -> str | None:
    """Put the week's line into its channel's queue, or send it to the alarms' addresses; return the week, if any.

    `stalled` counts the records that no function reads. A crash before the week is saved repeats this, which is
    harmless because the ledger drops the repeat.
    """
    if not ports.policy.weekly_to:
        return None
    with shared.Alone("weekly line could not be sent"):
        return _announce(ports, stalled)
    return None


def _announce(ports: TrackingPorts, stalled: Callable[[], int]) -> str | None:
    policy, now, ends = ports.policy, ports.clock(), DynamoEnds(shared.snapshots_table(), shared.log_skipped)
    week = heartbeat.unsent(now, policy, ends, lambda region: ports.snapshots.start(region, now))
    if week is None:
        return None
    line = heartbeat.weekly_line(week, policy, ends, _troubles(ports, week, stalled), _spent(policy, week))
    if line.channel == ALARMS:
        _send(line)
    else:
        tracking.channel_queues().enqueue([line])
    ends.save("week", policy.regions[0], week.name)
    return week.name


def _troubles(ports: TrackingPorts, week: Week, stalled: Callable[[], int]) -> Troubles | None:
    """Read what may have kept a notification from people; None after an error, so that the line claims nothing."""
    with shared.Alone("the weekly line leaves out what was missed"):
        swept = ports.snapshots.swept(ports.policy.regions)
        found = DynamoChannelLeases(shared.deliveries_table()).health(tuple(ports.policy.channels))
        return Troubles(
            shared.undelivered().waiting() + _unread(stalled),
            health.refusing_channels(found),
            heartbeat.unswept(swept, ports.policy, week),
        )
    return None


def _spent(policy: Policy, week: Week) -> Cost | None:
    """Add the week's costs; None after an error, so that the line names none."""
    if not policy.money:
        return None
    from braket_notifier.bootstrap.costs import spent

    with shared.Alone("the weekly line leaves out what was spent"):
        return spent(policy.regions, week.since, week.until)
    return None


def _unread(stalled: Callable[[], int]) -> int:
    """Count twice, because a record that was just put has no reader for some seconds."""
    if not stalled():
        return 0
    shared.sleep(COUNTED_AGAIN_S)
    return stalled()


def _send(line: Notification) -> None:
    """Send the line to the topic of the alarms, which has no queue."""
    from braket_notifier.adapters.aws.sns import SnsEmail
    from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
    from braket_notifier.rendering.compose import message_of
    from braket_notifier.sending.claims import Sender, claim_one, send_claimed

    compose = partial(message_of, policy=shared.policy(), channel=line.channel)
    mail = SnsEmail(clients.sns(clients.ONCE), os.environ["ALARMS_TOPIC"], compose)
    owner, ledger = uuid4().hex, DynamoLedger(shared.deliveries_table(), in_order=False)
    sender = Sender(mail, ledger, shared.now, lambda: SEND_S)
    if claimed := claim_one(line, sender, owner):
        send_claimed([claimed], sender, owner, lambda again: mail.send(line, may_repeat=again))
