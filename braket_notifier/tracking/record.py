"""Record a status change, route it, and put its notifications into the channels' queues.

    event ──► observe ──┐
                        ├─► record ─► enqueue ─► (channel's queue) ─► deliver ─► channel
    schedule ─► sweep ──┘

These functions call the ports; the pure functions of `detect` and `routing` make the decisions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.cost import Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow, Source, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.routing.unknown_words import unknown_words
from braket_notifier.tracking.detect import HORIZON, is_late_task, is_old, latest, pending, step
from braket_notifier.tracking.ports import ChannelQueues, Recorded, Snapshots

#: The time before an event that counts as watched, because Braket may send it a little after the status change.
EVENT_GRACE = timedelta(minutes=5)

Clock = Callable[[], datetime]
CostOf = Callable[[Snapshot], Cost | None]
#: Logs a line about a transition and its channels.
OnRouted = Callable[[str, Transition, Sequence[str]], None]


#: Most quantum tasks of a hybrid job whose costs are added as its end is recorded; the sweep adds those of more.
MOST_AT_ONCE = 500


def no_cost(_: Snapshot) -> None:
    """Know no cost."""


def no_op(*_: object) -> None:
    """Ignore the call."""


@dataclass(frozen=True, slots=True)
class TrackingPorts:
    """The ports and settings with which a snapshot is recorded and routed."""

    snapshots: Snapshots
    queues: ChannelQueues
    policy: Policy
    clock: Clock
    on_routed: OnRouted = no_op
    #: Gets the error of a resource whose row only a newer version can read; the other resources are swept.
    on_skipped: Callable[[Exception], object] = no_op
    #: What an ended resource costs; it never raises, because an amount delays no notification.
    cost_of: CostOf = no_cost


def record_and_enqueue(
    snapshot: Snapshot,
    source: Source,
    ports: TrackingPorts,
    *,
    reported: ReportedStatus | None = None,
    baseline: bool = False,
) -> Recorded:
    """Record a snapshot, then enqueue every transition that its row has not dispatched yet."""
    now = ports.clock()
    since = watched_since(ports.snapshots.start(snapshot.arn.region, now), reported)
    oldest = now - HORIZON if ports.policy.announce_existing else since
    announce = not (baseline or is_old(snapshot, oldest, now))
    full = _with_cost(with_children(snapshot, ports), ports)
    return enqueue_pending(
        ports.snapshots.record(full, step(snapshot, source, reported), announce=announce, now=now), ports
    )


def watched_since(start: datetime, reported: ReportedStatus | None) -> datetime:
    """Return since when the region counts as watched.

    An event proves that the rule existed when Braket sent it, however long it waited for a function to run.
    """
    if reported is None:
        return start
    return min(start, reported.at or start) - EVENT_GRACE


def record_history(snapshot: Snapshot, ports: TrackingPorts) -> Recorded:
    """Record a status that was reached before the region was watched (again), and announce nothing.

    One write moves the row and marks it as dispatched, because after a crash between two the relay would announce it.
    """
    now = ports.clock()
    full = _with_cost(with_children(snapshot, ports), ports)
    recorded = ports.snapshots.record_dispatched(full, step(snapshot, "sweep", None), now=now)
    if recorded.moved:
        ports.snapshots.dispatched(recorded.row, now)
        ports.on_routed("status recorded without notification", latest(recorded.row), [])
    return recorded


def with_children(snapshot: Snapshot, ports: TrackingPorts) -> Snapshot:
    """Count a hybrid job's quantum tasks."""
    if snapshot.arn.kind == "task":
        return snapshot
    children = ports.snapshots.children(snapshot.arn.text)
    return replace(snapshot, children=children if children.submitted else None)


def _with_cost(snapshot: Snapshot, ports: TrackingPorts) -> Snapshot:
    many = snapshot.children is not None and snapshot.children.submitted > MOST_AT_ONCE
    return replace(snapshot, cost=ports.cost_of(snapshot)) if snapshot.terminal and not many else snapshot


def enqueue(row: SnapshotRow, ports: TrackingPorts) -> None:
    """Route every pending transition into its channels' queues, then mark the row as dispatched.

    A hybrid job's row stays in the index until `settle` finds that its quantum tasks have ended too; a task that is
    found late puts it there again. A crash in between is harmless, because an event or the next sweep enqueues again
    and the ledger drops repeats.
    """
    if is_late_task(row, ports.clock()):
        ports.snapshots.revisit(parse_arn(row.snapshot.job_arn))
    routed = [(each, notifications(each, ports.policy)) for each in pending(row)]
    words = [each for transition, _ in routed for each in unknown_words(transition, ports.policy)]
    if enqueued := [*words, *(each for _, addressed in routed for each in addressed)]:
        ports.queues.enqueue(enqueued)
    ports.snapshots.dispatched(row, ports.clock(), stays=row.snapshot.arn.kind == "job")
    for transition, addressed in routed:
        ports.on_routed("transition routed", transition, [each.channel for each in addressed])


def enqueue_announcements(routed: str, announced: Sequence[Notification], ports: TrackingPorts) -> None:
    """Enqueue announcements of the notifier's own, and log each as `routed`."""
    ports.queues.enqueue(announced)
    for each in announced:
        ports.on_routed(routed, each.transition, [each.channel])


def enqueue_pending(recorded: Recorded, ports: TrackingPorts) -> Recorded:
    row = recorded.row
    if recorded.moved or row.dispatched < row.version:
        enqueue(row, ports)
    if recorded.moved and row.dispatched == row.version:
        ports.on_routed("status recorded without notification", latest(row), [])
    return recorded
