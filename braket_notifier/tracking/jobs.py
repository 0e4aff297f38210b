"""Hybrid jobs between their statuses: their cards are kept current, and of one that is failing somebody is warned."""

from collections.abc import Iterator
from dataclasses import replace

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.tracking.detect import is_failing, latest
from braket_notifier.tracking.record import TrackingPorts, with_children

#: A channel that hears of any of these may hold the job's card.
STATUSES = ("QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED")


def refresh(truth: Snapshot, row: SnapshotRow, ports: TrackingPorts) -> bool:
    """Pass on and keep what is new about a job whose status is not; dying in between passes it on once more."""
    fresh = with_children(truth, ports)
    known = (row.snapshot.events, row.snapshot.children)
    if fresh.status != row.snapshot.status or (fresh.events, fresh.children) == known:
        return False
    transition = latest(replace(row, snapshot=fresh))
    news = list(_news(transition, ports.policy))
    ports.queues.enqueue(news)
    ports.on_routed("refreshed", transition, [each.channel for each in news if each.refresh])
    if warned := [each for each in news if not each.refresh]:
        ports.on_routed("routed", warned[0].transition, [each.channel for each in warned])
    return ports.snapshots.refresh(fresh, row.version)


def _news(transition: Transition, policy: Policy) -> Iterator[Notification]:
    """A silent refresh for whoever may hold the card; while it is failing, a warning where its failure would be told.

    The card says so for as long as it is; the warning is told once, for the ledger takes it for a status.
    """
    told = {each.channel for status in STATUSES for each in notifications(_at(transition, status), policy)}
    children = transition.snapshot.children
    too_many = children and is_failing(children, policy.job_failing_share, policy.job_failing_at_least)
    failing = too_many and transition.status == "RUNNING"
    shown = replace(transition, status=FAILING, was=transition.status, at=None) if failing else transition
    for channel in policy.channels:
        if channel in told and policy.channels[channel] == "slack":
            yield Notification(shown, channel, silent=True, refresh=True)
    if failing:
        yield from notifications(shown, policy)


def _at(transition: Transition, status: str) -> Transition:
    """The transition as if the job had come to another status."""
    return replace(transition, status=status, snapshot=replace(transition.snapshot, status=status))
