"""Record the status that one event reports, after a check against our row and Braket's answer."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from braket_notifier.braket.events import ParsedEvent
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow
from braket_notifier.errors import BusyError, DeferError, MalformedEventError, UnreadableError
from braket_notifier.routing.routes import announceable
from braket_notifier.sending.retry import busy_wait_s
from braket_notifier.tracking.detect import believe, is_old, is_old_news
from braket_notifier.tracking.lookup import READERS, Answers, read_or_error
from braket_notifier.tracking.ports import Braket, Recorded
from braket_notifier.tracking.record import TrackingPorts, enqueue_pending, record_and_enqueue, watched_since


@dataclass(frozen=True, slots=True)
class Prefetched:
    """The rows of a batch's resources, and Braket's answers for those that need one."""

    rows: Mapping[Arn, SnapshotRow]
    answers: Answers


def prefetch(
    events: Iterable[ParsedEvent], braket: Braket, ports: TrackingPorts, out_of_time: Callable[[], bool] = lambda: False
) -> Prefetched:
    """Read each resource's row once, and Braket concurrently where its answer matters.

    No read begins after `out_of_time`, because a hanging Braket would otherwise use up the whole batch's time.
    """
    reports = [each for each in events if isinstance(each, ReportedStatus)]
    arns = list(dict.fromkeys(each.snapshot.arn for each in reports))
    try:
        rows = ports.snapshots.rows_of(arns)
    except Exception as error:  # noqa: BLE001 - `observe` raises it for each record
        return Prefetched({}, dict.fromkeys(arns, error))
    needed = dict.fromkeys(each.snapshot.arn for each in reports if _needs_answer(each, rows, ports.policy))
    with ThreadPoolExecutor(READERS) as readers:
        return Prefetched(rows, dict(readers.map(lambda arn: (arn, read_or_error(braket, arn, out_of_time)), needed)))


def observe(event: ParsedEvent, receives: int, prefetched: Prefetched, ports: TrackingPorts) -> Recorded:
    """Record the event's status, corrected by Braket's answer. Raises MalformedEventError and DeferError."""
    if isinstance(event, MalformedEventError):
        raise event
    arn = event.snapshot.arn
    row = prefetched.rows.get(arn)
    if row and is_old_news(event, row):
        return enqueue_pending(Recorded(_as_news(row, event, ports), moved=False), ports)
    if arn not in prefetched.answers:
        return record_and_enqueue(event.snapshot, "event", ports, reported=event)
    answer = prefetched.answers[arn]
    if isinstance(answer, BusyError):
        raise DeferError(busy_wait_s(receives), f"Braket is busy: {answer}")
    if isinstance(answer, Exception) and not isinstance(answer, UnreadableError):
        raise answer
    snapshot = believe(event, answer if isinstance(answer, Snapshot) else None, receives)
    return record_and_enqueue(snapshot, "event", ports, reported=event)


def _as_news(row: SnapshotRow, event: ReportedStatus, ports: TrackingPorts) -> SnapshotRow:
    """Return the row as not dispatched if its first sweep took for history what the event proves to be news.

    A repeat is harmless, because the ledger drops it.
    """
    if not (row.version == row.dispatched == 1 and row.history[0].source == "sweep"):
        return row
    now = ports.clock()
    start = ports.snapshots.start(row.snapshot.arn.region, now)
    history = is_old(row.snapshot, start, now) and not is_old(row.snapshot, watched_since(start, event), now)
    return replace(row, dispatched=0) if history else row


def _needs_answer(reported: ReportedStatus, rows: Mapping[Arn, SnapshotRow], policy: Policy) -> bool:
    """Read Braket for a new resource and before an announcement. The event alone is enough for a step in between."""
    row = rows.get(reported.snapshot.arn)
    if row is None or not reported.snapshot.status:
        return True
    known = row.snapshot
    reached = replace(reported.snapshot, device=known.device, job_arn=known.job_arn, tags=known.tags)
    return not is_old_news(reported, row) and announceable(reached, policy)
