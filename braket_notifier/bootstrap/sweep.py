"""The work of a sweep beside its regions, and the metrics that it prints."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.aws.stalled_queues import Uncounted, stalled_queues
from braket_notifier.adapters.aws.subscriptions import confirmed, unconfirmed
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed
from braket_notifier.adapters.dynamodb.delivery_keys import overdue
from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.bootstrap import shared, spending, tracking
from braket_notifier.bootstrap.costs import fetch_prices
from braket_notifier.bootstrap.weekly import announce_week
from braket_notifier.domain.notification import Wake
from braket_notifier.domain.policy import MACHINES
from braket_notifier.errors import LateError
from braket_notifier.remind import Reminders
from braket_notifier.routing.owners import destinations
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending import health
from braket_notifier.sweep import TimeLeft, oldest_sweep_age
from braket_notifier.tracking.reconcile import RESERVE_S, Run
from braket_notifier.tracking.record import TrackingPorts
from braket_notifier.watching.ports import Devices

if TYPE_CHECKING:
    from braket_notifier.bootstrap.submitter import SubmitterLooks


@dataclass(frozen=True)
class Looks:
    """The looks of one sweep that count what failed."""

    limits: spending.LimitLooks
    submitters: "SubmitterLooks | None" = None


def looks(ports: TrackingPorts) -> Looks:
    """Build the looks; the modules of those for submitters are loaded only where the settings ask for them."""
    if not ports.policy.who_submitted:
        return Looks(spending.limit_looks())
    from braket_notifier.bootstrap.submitter import submitter_looks  # noqa: PLC0415 - see above

    return Looks(spending.limit_looks(), submitter_looks())


def after_slices(braket: BotoBraket, looks: Looks) -> Callable[[Run], None]:
    """Return what the sweep of a region does besides: submitters, reminders and spending limits."""
    reminders = of_each_region(braket)

    def work(run: Run) -> None:
        if looks.submitters:
            looks.submitters.after_slices(run)
        reminders.after_slices(run)
        looks.limits.after_slices(braket, run)

    return work


def of_each_region(devices: Devices) -> Reminders:
    """Build the reminders, with what they cannot do in the log."""
    return Reminders(devices, DynamoWatchedRows(shared.snapshots_table()), _log_unread, _log_error)


def _log_unread(region: str, device: str, error: Exception) -> None:
    Logger().warning("a device could not be read", region=region, device=device, reason=str(error))


def _log_error(region: str, error: Exception) -> None:
    """Log an error, which raises an alarm unless only time was short."""
    if isinstance(error, LateError):
        Logger().info("no time was left for reminders", region=region)
    else:
        Logger().error("reminders could not be sent", region=region, exc_info=error)


def measures(ports: TrackingPorts, looks: Looks) -> list[tuple[str, MetricUnit, Callable[[], float]]]:
    """Return the metrics that each run prints; each is measured by itself, because one may fail.

    Those about submitters and spending limits are printed only while something is wrong.
    """
    unread, submitters = len(looks.limits.failed), looks.submitters
    late, failed = (sum(submitters.late), len(submitters.failed)) if submitters else (0, 0)
    return [
        *([("SubmittersTooLate", MetricUnit.Count, lambda: late)] if late else []),
        *([("SubmitterLooksFailed", MetricUnit.Count, lambda: failed)] if failed else []),
        *([("SpendingLimitLooksFailed", MetricUnit.Count, lambda: unread)] if unread else []),
        ("OldestSweepSeconds", MetricUnit.Seconds, lambda: oldest_sweep_age(ports).total_seconds()),
        ("UnconfirmedSubscriptions", MetricUnit.Count, unconfirmed_subscriptions),
        ("RefusingChannels", MetricUnit.Count, refusing_channels),
        ("UnreadRecords", MetricUnit.Count, stalled_records),
    ]


def unconfirmed_subscriptions() -> int:
    """Count the e-mail subscriptions that are not confirmed, and save the others for the channels."""
    topics = dict(json.loads(os.environ["MAIL_TOPICS"]))
    if not topics:
        return 0
    found = confirmed(clients.sns(clients.REPEATED), topics)
    DynamoConfirmed(shared.snapshots_table()).save(found)
    return unconfirmed(topics, found)


def refusing_channels() -> int:
    """Count the channels that are down, log why, and wake those that nobody tries, because their queues may be empty.

    A held channel is left to the end of its hold.
    """
    current, now = shared.policy(), shared.now()
    found = DynamoChannelLeases(shared.deliveries_table()).health(tuple(current.channels))
    refusing = {name: found[name] for name in health.refusing_channels(found)}
    for name, each in refusing.items():
        down = {"channel": name, "since": str(each.down_since), "reason": each.reason}
        Logger().warning("channel is down", extra=down | {"class": each.cause})
    left = [to for name, each in refusing.items() if each.is_left(now) for to in destinations(name, current)]
    tracking.channel_queues().wake(Wake(to, now) for to in left if not held_until(to, NO_STATUS, current, now))
    return len(refusing)


def other_work(ports: TrackingPorts, time_left_s: TimeLeft) -> dict[str, object]:
    """Do what each run does beside its regions, and return it for the log.

    What may wait for the next run is left to it when time is short, because Lambda would stop the function in between.
    """

    def out_of_time() -> bool:
        return time_left_s() < RESERVE_S

    done = {"undelivered": undelivered_records(), "woken": wake_overdue(), "ended": end_published()}
    found: dict[str, object] = {"week": announce_week(ports, stalled_records)}
    if not out_of_time():
        found |= {"prices": fetch_prices(ports.policy), "budgets": budgets(ports, out_of_time)}
        found |= {"month": month(ports, out_of_time)}
    return done | {name: each for name, each in found.items() if each}


def month(ports: TrackingPorts, out_of_time: Callable[[], bool]) -> str | None:
    """Send the monthly page; the module is loaded only where the settings name who gets it."""
    if not ports.policy.costs_to:
        return None
    from braket_notifier.bootstrap.monthly import announce_month  # noqa: PLC0415 - see above

    return announce_month(ports, out_of_time)


def budgets(ports: TrackingPorts, out_of_time: Callable[[], bool]) -> int | None:
    """Announce what budgets have reached; the modules are loaded only where the settings have some."""
    if not (ports.policy.money and ports.policy.budgets):
        return None
    from braket_notifier.bootstrap.budgets import announce_budgets  # noqa: PLC0415 - see above

    return announce_budgets(ports, out_of_time)


def undelivered_records() -> int | None:
    """Count the undelivered records in each run, because SQS measures no queue that nobody used for six hours."""
    with shared.Alone("undelivered records could not be counted"):
        return shared.undelivered().waiting()
    return None


def end_published() -> bool | None:
    """End the published settings of an earlier deployment, so that no later one follows them again."""
    with shared.Alone("published settings of an earlier deployment could not be ended"):
        store = shared.published()
        found = store.read()
        if not found.base or found.replaces(shared.deployment()) or not store.end(found):
            return False
        by = {"revision": found.revision, "by": found.origin.by, "at": str(found.origin.at)}
        Logger().warning("published settings ended, because other settings were deployed", extra=by)
        return True
    return None


def wake_overdue() -> list[str] | None:
    """Wake the destinations with a group that nobody visited in time, because its records were lost or are hidden.

    The next run tries again what fails.
    """
    with shared.Alone("channels with overdue groups could not be woken"):
        people, now = [name for name, kind in shared.policy().channels.items() if kind not in MACHINES], shared.now()
        found = [each for name in people for each in overdue(shared.deliveries_table(), name, now)]
        tracking.channel_queues().wake([Wake(name, now) for name in found])
        return found
    return None


def stalled_records() -> int:
    """Count the records in queues without a reader, of channels and of regions that could not forward events."""
    channels, forwarding = (json.loads(os.environ[name]) for name in ("CHANNEL_QUEUES", "FORWARDING_QUEUES"))
    home = [(clients.sqs_of(""), url) for url in channels.values()]
    found = stalled_queues([*home, *((clients.sqs_of(region), url) for region, url in forwarding.items())])
    return sum(_logged(url, count) for url, count in found.items())


def _logged(url: str, count: int | Uncounted) -> int:
    if isinstance(count, int):
        Logger().warning("records wait in a queue without a reader", queue=url, records=count)
        return count
    Logger().error("records of a queue could not be counted", queue=url, reason=str(count))
    return 0
