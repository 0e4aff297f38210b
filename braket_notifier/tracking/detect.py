"""Decide which status of a resource is true, which transitions are pending, and which are announced."""

from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.resource import Children, Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow, Source, Step, Transition
from braket_notifier.errors import DeferError

#: Seconds before each repeated read of Braket while its answer is behind the event; then the event alone counts.
WAITS = (2, 5, 15)
#: An end before this age is never announced.
HORIZON = timedelta(days=30)
#: Reads, and the time between them, after which a resource that Braket does not know is recorded as GONE. Braket
#: deletes a quantum task 90 days after its creation, but may also miss a new or an existing one for a moment.
MISSES = 3
APART = timedelta(hours=24)
#: The time after a hybrid job's end was recorded in which the ends of its quantum tasks may still be recorded.
FINAL_COUNTS = timedelta(minutes=10)


def pending(row: SnapshotRow) -> tuple[Transition, ...]:
    """List every transition that is not yet dispatched, oldest first."""
    return tuple(_transition(row, version) for version in range(row.dispatched + 1, row.version + 1))


def believe(reported: ReportedStatus, answer: Snapshot | None, receives: int) -> Snapshot:
    """Choose the snapshot to record from an event and Braket's answer, which is None if Braket gave none.

    Braket's answer may lag behind its own event, so a lower answer raises DeferError until `WAITS` is used up.
    Between two terminal statuses Braket's answer wins.
    """
    if answer is not None and answer.rank >= reported.snapshot.rank:
        return answer
    if receives <= len(WAITS):
        lag = f"Braket answers {answer.status}" if answer else "Braket does not answer"
        raise DeferError(WAITS[receives - 1], f"the event reports {reported.snapshot.status or 'no status'}, {lag}")
    if answer is None:
        return reported.snapshot
    return replace(answer, status=reported.snapshot.status, ended_at=reported.snapshot.ended_at, degraded=True)


def step(snapshot: Snapshot, source: Source, reported: ReportedStatus | None = None) -> Step:
    """Build the step to this status with Braket's own time for it, if Braket gives one."""
    at = reported.at if reported and reported.snapshot.status == snapshot.status else None
    if snapshot.terminal:
        at = snapshot.ended_at or at
    elif snapshot.status == "RUNNING":
        at = snapshot.started_at or at
    elif snapshot.status == "CREATED":
        at = snapshot.created_at or at
    return Step(snapshot.status, at, source)


def is_old(snapshot: Snapshot, since: datetime, now: datetime) -> bool:
    """Whether the resource ended before the region was watched, or too long ago to be announced."""
    return snapshot.terminal and snapshot.ended_at is not None and snapshot.ended_at < max(since, now - HORIZON)


def latest(row: SnapshotRow) -> Transition:
    """Build the row's last transition, dispatched or not."""
    return _transition(row, row.version)


def is_old_news(reported: ReportedStatus, row: SnapshotRow) -> bool:
    """Whether the event is a duplicate or late, so that no answer of Braket's would change the row.

    An event without a status never is, because only Braket's answer shows its status.
    """
    new, old = reported.snapshot, row.snapshot
    differs = new.terminal and old.terminal and new.status != old.status and not row.corrected
    return bool(new.status) and not new.supersedes(old) and not differs


def counts_as_miss(missed_at: datetime | None, now: datetime) -> bool:
    """Whether a read of an unknown resource counts now; only the first read of each day does."""
    return missed_at is None or now - missed_at >= APART


def gone(snapshot: Snapshot) -> Snapshot:
    """Keep the last known details of a resource that Braket no longer knows."""
    return replace(snapshot, status="GONE", ended_at=None, degraded=True)


def is_late_task(row: SnapshotRow, now: datetime) -> bool:
    """Whether a hybrid job's quantum task was found so late that the job's row may be settled already."""
    created, first = row.snapshot.created_at, row.version == 1 or row.dispatched == 0
    return first and bool(row.snapshot.job_arn) and created is not None and now - created > FINAL_COUNTS


def is_failing(children: Children, share: float, at_least: int) -> bool:
    """Whether enough of a running job's quantum tasks failed to warn its owner before the end."""
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
        warned=row.warned,
    )


def _as_it_was(snapshot: Snapshot, reached: Step, *, ended: bool) -> Snapshot:
    """Remove the end's outcome from an earlier status, and the end too unless that status was corrected."""
    end = reached.at or snapshot.ended_at if ended else None
    return replace(snapshot, status=reached.status, ended_at=end, successful_shots=None, failure_reason="")
