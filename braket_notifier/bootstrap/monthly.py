"""The monthly page of the sweep: from the index of ends to the queues of `[costs] to`."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks, DynamoEnds
from braket_notifier.bootstrap import shared, tracking
from braket_notifier.costs import month as monthly
from braket_notifier.domain.announcement import MONTH, announcement, arn_of
from braket_notifier.domain.resource import Snapshot
from braket_notifier.errors import LateError
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
    try:
        table, home = shared.snapshots_table(), policy.regions[0]
        ends, ended = DynamoEnds(table), DynamoEndedTasks(table, shared.log_skipped, out_of_time)
        if ends.last_month(home) == month.name or ports.snapshots.start(home, ports.clock()) >= month.until:
            return None  # it was sent, or is about a month before the notifier was there
        rows = monthly.by_device(
            e for region in policy.regions for e in ended.between(region, month.since, month.until)
        )
        tags = monthly.to_tags(rows)
        page = Snapshot(arn_of("monthly-page", home), "CREATED", ended_at=month.over, tags=tags)
        tracking.channel_queues().enqueue([announcement(page, f"{MONTH} {month.name}", each) for each in to])
        ends.save_month(home, month.name)
    except LateError:
        Logger().info("no time was left for the monthly page")
        return None
    except Exception:  # noqa: BLE001 - the sweep itself succeeded, and the error in the log raises an alarm
        Logger().exception("monthly page could not be sent")
        return None
    return month.name
