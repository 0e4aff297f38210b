"""The monthly page of the sweep: from the index of ends to the queues of `[costs] to`."""

from collections.abc import Callable

from braket_notifier.adapters.dynamodb.ends import DynamoEnds
from braket_notifier.bootstrap import shared, tracking
from braket_notifier.bootstrap.costs import ended_tasks
from braket_notifier.costs import month as monthly
from braket_notifier.domain.announcement import MONTH, announcement, arn_of
from braket_notifier.domain.resource import Snapshot
from braket_notifier.tracking.record import TrackingPorts


def announce_month(ports: TrackingPorts, out_of_time: Callable[[], bool]) -> str | None:
    """Put the page about the last month into the queues of `[costs] to`, once; return the month, if any.

    A crash before the month is saved repeats this, which is harmless because the ledger drops the repeat.
    """
    policy = ports.policy
    to = [each for each in policy.costs_to if each in policy.channels]
    is_counted = policy.money and policy.retention_days >= monthly.COUNTED_DAYS
    month = monthly.due(ports.clock(), policy.time_zone) if to and is_counted else None
    if month is None:
        return None
    with shared.Alone("monthly page could not be sent", late="no time was left for the monthly page"):
        ends, ended, home = DynamoEnds(shared.snapshots_table()), ended_tasks(out_of_time), policy.regions[0]
        if ends.last("month", home) == month.name or ports.snapshots.start(home, ports.clock()) >= month.until:
            return None  # it was sent, or is about a month before the notifier was there
        rows = monthly.by_device(
            e for region in policy.regions for e in ended.between(region, month.since, month.until)
        )
        tags = monthly.to_tags(rows)
        page = Snapshot(arn_of("monthly-page", home), "CREATED", ended_at=month.over, tags=tags)
        tracking.channel_queues().enqueue([announcement(page, f"{MONTH} {month.name}", each) for each in to])
        ends.save("month", home, month.name)
        return month.name
    return None
