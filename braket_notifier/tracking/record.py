"""How one status change travels: observe or sweep → record → route → enqueue; then `delivery` takes over.

    event ──► observe ──┐
                        ├─► record ─► enqueue ─► (channel's queue) ─► deliver ─► channel
    schedule ─► sweep ──┘

Plain functions over the ports; what they decide is decided by pure functions of detect, route and render.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow, Source, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.tracking.detect import HORIZON, is_old, latest, pending, step
from braket_notifier.tracking.ports import ChannelQueues, Recorded, Snapshots

#: An event proves that the rule existed when Braket changed the status, even if nothing of ours had run yet.
EVENT_GRACE = timedelta(minutes=5)
NO_GRACE = timedelta(0)

Clock = Callable[[], datetime]
#: Hears what is done, of which transition, and for which channels.
Noted = Callable[[str, Transition, Sequence[str]], None]


def no_op(*_: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class TrackingPorts:
    """Where news is recorded and passed on."""

    snapshots: Snapshots
    queues: ChannelQueues
    policy: Policy
    clock: Clock
    on_routed: Noted = no_op


def record_and_enqueue(
    snapshot: Snapshot,
    source: Source,
    ports: TrackingPorts,
    *,
    reported: ReportedStatus | None = None,
    baseline: bool = False,
) -> Recorded:
    """Record a snapshot, then enqueue whatever the row has not dispatched yet, whoever recorded it."""
    now = ports.clock()
    since = ports.snapshots.start(snapshot.arn.region, now) - (EVENT_GRACE if source == "event" else NO_GRACE)
    oldest = now - HORIZON if ports.policy.announce_existing else since
    announce = not (baseline or is_old(snapshot, oldest, now))
    full = with_children(snapshot, ports)
    return enqueue_pending(
        ports.snapshots.record(full, step(snapshot, source, reported), announce=announce, now=now), ports
    )


def with_children(snapshot: Snapshot, ports: TrackingPorts) -> Snapshot:
    """A hybrid job's own quantum tasks, counted; a hint alone never overwrites details, so it needs none."""
    if snapshot.arn.kind == "task" or snapshot.degraded:
        return snapshot
    children = ports.snapshots.children(snapshot.arn.text)
    return replace(snapshot, children=children if children.submitted else None)


def enqueue(row: SnapshotRow, ports: TrackingPorts) -> None:
    """Route every transition above the marker, put it into its channels' queues, then raise the marker.

    Dying in between is harmless: a duplicate event or the next sweep enqueues again, and the ledger decides.
    """
    routed = [(each, notifications(each, ports.policy)) for each in pending(row)]
    if addressed := [each for _, its in routed for each in its]:
        ports.queues.enqueue(addressed)
    ports.snapshots.dispatched(row, ports.clock())
    for transition, its in routed:
        ports.on_routed("routed", transition, [each.channel for each in its])


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def enqueue_pending(recorded: Recorded, ports: TrackingPorts) -> Recorded:
    row = recorded.row
    if recorded.moved or row.dispatched < row.version:
        enqueue(row, ports)
    if recorded.moved and row.dispatched == row.version:
        ports.on_routed("recorded, and told to nobody", latest(row), [])
    return recorded
