"""What moved, and what to believe: pure decisions over hints, snapshots and rows."""

from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.resource import Children, Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow, Source, Step, Transition
from braket_notifier.errors import DeferError

#: How long a hint waits for Braket's answer to catch up with it, in seconds, before it is believed alone.
WAITS = (2, 5, 15)
HORIZON = timedelta(days=30)
#: Braket forgets a quantum task 90 days after it was made; for a moment it may also not know a new one yet, or fail
#: to find one: it is gone once Braket has not known it so often, each time so much later.
MISSES = 3
APART = timedelta(hours=24)


def pending(row: SnapshotRow) -> tuple[Transition, ...]:
    """Every transition above the outbox marker, oldest first: what still has to be routed and enqueued."""
    return tuple(_transition(row, version) for version in range(row.dispatched + 1, row.version + 1))


def believe(hint: ReportedStatus, truth: Snapshot | None, receives: int) -> Snapshot:
    """The snapshot to record for a hint and what Braket answered (None: no answer to be had).

    Braket answers may lag behind its events, so a truth below the hint is asked for again (PutBackError) before
    the hint's status is believed; between terminal statuses the truth wins.
    """
    if truth is not None and truth.rank >= hint.snapshot.rank:
        return truth
    if receives <= len(WAITS):
        lag = f"Braket says {truth.status}" if truth else "Braket does not answer"
        raise DeferError(WAITS[receives - 1], f"the event says {hint.snapshot.status or 'nothing'}, {lag}")
    if truth is None:
        return hint.snapshot
    return replace(truth, status=hint.snapshot.status, ended_at=hint.snapshot.ended_at, degraded=True)


def step(snapshot: Snapshot, source: Source, hint: ReportedStatus | None = None) -> Step:
    """The step to this status with Braket's own time for it, or None where Braket gives none."""
    at = hint.at if hint and hint.snapshot.status == snapshot.status else None
    if snapshot.terminal:
        at = snapshot.ended_at or at
    elif snapshot.status == "RUNNING":
        at = snapshot.started_at or at
    elif snapshot.status == "CREATED":
        at = snapshot.created_at or at
    return Step(snapshot.status, at, source)


def is_old(snapshot: Snapshot, since: datetime, now: datetime) -> bool:
    """What ended before the region was watched, or too long ago, is recorded and told to nobody."""
    return snapshot.terminal and snapshot.ended_at is not None and snapshot.ended_at < max(since, now - HORIZON)


def latest(row: SnapshotRow) -> Transition:
    """The row's last transition, passed on or not."""
    return _transition(row, row.version)


def is_old_news(hint: ReportedStatus, row: SnapshotRow) -> bool:
    """A duplicate or late event: whatever Braket answered, the row would stay. Without a status it may be anything."""
    new, old = hint.snapshot, row.snapshot
    differs = new.terminal and old.terminal and new.status != old.status and not row.corrected
    return bool(new.status) and not new.supersedes(old) and not differs


def counts_as_miss(missed_at: datetime | None, now: datetime) -> bool:
    """Whether Braket's not knowing a resource now is to be counted: the first time, and then once a day."""
    return missed_at is None or now - missed_at >= APART


def gone(snapshot: Snapshot) -> Snapshot:
    """The last that was known of a resource that Braket no longer knows."""
    return replace(snapshot, status="GONE", ended_at=None, degraded=True)


def is_failing(children: Children, share: float, at_least: int) -> bool:
    """So many of a running job's quantum tasks failed that its owner should know before it ends."""
    return children.finished >= at_least and children.failed >= share * children.finished


def _transition(row: SnapshotRow, version: int) -> Transition:
    reached = row.history[version - 1]
    ended = version >= row.version - row.corrected
    return Transition(
        snapshot=row.snapshot if version == row.version else _as_it_was(row.snapshot, reached, ended=ended),
        status=reached.status,
        was=row.history[version - 2].status if version > 1 else None,
        at=reached.at,
        running_at=next((s.at for s in row.history[:version] if s.status == "RUNNING"), None),
        version=version,
        source=reached.source,
        correction=row.corrected and version == row.version,
    )


def _as_it_was(snapshot: Snapshot, reached: Step, *, ended: bool) -> Snapshot:
    """An earlier status, told late, has not the end's outcome, and had not ended unless it was corrected."""
    end = reached.at or snapshot.ended_at if ended else None
    return replace(snapshot, status=reached.status, ended_at=end, successful_shots=None, failure_reason="")
