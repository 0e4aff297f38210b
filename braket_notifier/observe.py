"""One event: its row, Braket's answer, and what is recorded."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from braket_notifier.braket.events import Watch, parse_event
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow
from braket_notifier.errors import BusyError, DeferError, MalformedEventError, UnreadableError
from braket_notifier.routing.routes import announceable
from braket_notifier.sending.retry import busy_wait_s
from braket_notifier.tracking.detect import believe, is_old_news
from braket_notifier.tracking.lookup import READERS, Truths, read_or_error
from braket_notifier.tracking.ports import Braket, Recorded
from braket_notifier.tracking.record import TrackingPorts, enqueue_pending, record_and_enqueue


@dataclass(frozen=True, slots=True)
class Prefetched:
    """What a batch of events is held against: our rows, and Braket's answers where they were needed."""

    rows: Mapping[Arn, SnapshotRow]
    truths: Truths


def prefetch(
    bodies: Iterable[str], watch: Watch, braket: Braket, ports: TrackingPorts, late: Callable[[], bool] = lambda: False
) -> Prefetched:
    """Find the rows of a batch's resources, and ask Braket where that matters: once each, and concurrently.

    A Braket that hangs would use up the whole batch's time: once it is `late`, nothing more is asked.
    """
    hints = list(_readable(bodies, watch))
    arns = list(dict.fromkeys(hint.snapshot.arn for hint in hints))
    try:
        rows = ports.snapshots.rows_of(arns)
    except Exception as error:  # noqa: BLE001 - `observe` raises it for each record
        return Prefetched({}, dict.fromkeys(arns, error))
    asked = dict.fromkeys(hint.snapshot.arn for hint in hints if _matters(hint, rows, ports.policy))
    with ThreadPoolExecutor(READERS) as readers:
        return Prefetched(rows, dict(readers.map(lambda arn: (arn, read_or_error(braket, arn, late)), asked)))


def observe(body: str, receives: int, known: Prefetched, watch: Watch, ports: TrackingPorts) -> Recorded:
    """Take one event as a hint and Braket's answer as the truth; MalformedEventError, PutBackError."""
    hint = parse_event(body, watch)
    arn = hint.snapshot.arn
    row = known.rows.get(arn)
    if row and is_old_news(hint, row):
        return enqueue_pending(Recorded(row, moved=False), ports)
    if arn not in known.truths:
        return record_and_enqueue(hint.snapshot, "event", ports, hint=hint)
    truth = known.truths[arn]
    if isinstance(truth, BusyError):
        raise DeferError(busy_wait_s(receives), f"Braket is busy: {truth}")
    if isinstance(truth, Exception) and not isinstance(truth, UnreadableError):
        raise truth
    snapshot = believe(hint, truth if isinstance(truth, Snapshot) else None, receives)
    return record_and_enqueue(snapshot, "event", ports, hint=hint)


def _readable(bodies: Iterable[str], watch: Watch) -> Iterable[ReportedStatus]:
    for body in bodies:
        try:
            yield parse_event(body, watch)
        except MalformedEventError:
            continue  # `observe` raises it again for its own record


def _matters(hint: ReportedStatus, rows: Mapping[Arn, SnapshotRow], policy: Policy) -> bool:
    """Braket is asked at first sight and for what may be told; in between the event alone moves the row."""
    row = rows.get(hint.snapshot.arn)
    if row is None or not hint.snapshot.status:
        return True
    reached = replace(hint.snapshot, device=row.snapshot.device, job_arn=row.snapshot.job_arn)
    return not is_old_news(hint, row) and announceable(reached, policy)
