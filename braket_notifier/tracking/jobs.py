"""Refresh the cards of running hybrid jobs, and warn about a job whose quantum tasks fail."""

from collections.abc import Iterator
from dataclasses import replace

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.tracking.detect import is_failing, latest
from braket_notifier.tracking.record import TrackingPorts, with_children

#: A channel that is notified of any of these statuses may hold the job's card.
STATUSES = ("QUEUED", "RUNNING", FAILING, "COMPLETED", "FAILED", "CANCELLED")


def refresh(answer: Snapshot, row: SnapshotRow, ports: TrackingPorts) -> bool:
    """Enqueue and save new details of a job whose status is unchanged; return whether they were saved.

    A crash between the two enqueues the details once more, which is harmless.
    """
    fresh = with_children(answer, ports)
    known = (row.snapshot.events, row.snapshot.children)
    if fresh.status != row.snapshot.status or (fresh.events, fresh.children) == known:
        return False
    transition = latest(replace(row, snapshot=fresh))
    notified = list(_refreshes_and_warnings(transition, ports.policy))
    ports.queues.enqueue(notified)
    ports.on_routed("hybrid job refreshed", transition, [each.channel for each in notified if each.refresh])
    if warnings := [each for each in notified if not each.refresh]:
        ports.on_routed("warning routed", warnings[0].transition, [each.channel for each in warnings])
    return ports.snapshots.refresh(fresh, row.version)


def _refreshes_and_warnings(transition: Transition, policy: Policy) -> Iterator[Notification]:
    """Build a silent refresh for each channel that may hold the card, and a warning while the job is failing.

    The warning goes to people who get a failure, and to programs whose route names it, once, because the ledger counts
    FAILING as a status.
    """
    notified = {each.channel for status in STATUSES for each in notifications(_at(transition, status), policy)}
    children = transition.snapshot.children
    too_many = children and is_failing(children, policy.job_failing_share, policy.job_failing_at_least)
    failing = too_many and transition.status == "RUNNING"
    shown = replace(transition, status=FAILING, was=transition.status, at=None) if failing else transition
    for channel in policy.channels:
        if channel in notified and policy.channels[channel] == "slack":
            yield Notification(shown, channel, silent=True, refresh=True)
    if failing:
        yield from notifications(shown, policy)


def _at(transition: Transition, status: str) -> Transition:
    """Pretend that the job has reached another status."""
    return replace(transition, status=status, snapshot=replace(transition.snapshot, status=status))
