"""One run of the sweep in one region: what is listed is compared with our rows, and Braket asked where they differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from braket_notifier.domain.resource import NO_RANK, Arn, Snapshot
from braket_notifier.errors import BusyError, LateError, NotKnownError, UnreadableError
from braket_notifier.tracking.detect import MISSES, counts_as_miss, gone
from braket_notifier.tracking.lookup import READERS, read_or_error
from braket_notifier.tracking.ports import Braket, Cursor, OpenRow
from braket_notifier.tracking.record import TrackingPorts, record_and_enqueue

#: Search may list late what was just created.
SEARCH_OVERLAP = timedelta(minutes=15)
#: So many resources that Braket is too busy for end a sweep: it is not them.
MOST_BUSY = 3


@dataclass
class Run:
    """One run in one region: what it works with, and what has come of it so far."""

    region: str
    braket: Braket
    ports: TrackingPorts
    began: datetime
    start: datetime
    cursor: Cursor
    rows: Mapping[Arn, OpenRow]
    late: Callable[[], bool]
    read: set[Arn] = field(default_factory=set)
    moved: int = 0
    errors: list[Exception] = field(default_factory=list)

    @property
    def first(self) -> bool:
        return self.cursor.watermark is None

    def check(self) -> None:
        if self.late():
            raise LateError("the time is up")
        if sum(isinstance(error, BusyError) for error in self.errors) >= MOST_BUSY:
            raise self.errors[-1]


def compare(run: Run, listed: Sequence[Snapshot], vanishing: Sequence[OpenRow]) -> None:
    """Read what is listed further than we know it, and of what should be listed what is not; each once in a run."""
    seen: dict[Arn, Snapshot] = {}
    for each in listed:
        if each.arn not in seen or each.rank > seen[each.arn].rank:  # pages may change while they are read
            seen[each.arn] = each
    known = {arn: row.rank for arn, row in run.rows.items()}
    known |= run.ports.snapshots.ranks([arn for arn in seen if arn not in known and arn not in run.read])
    changed = [arn for arn, each in seen.items() if each.rank > known.get(arn, NO_RANK)]
    vanished = [row.arn for row in vanishing if row.arn not in seen]
    for arn, truth in truths(run, [arn for arn in changed + vanished if arn not in run.read]):
        try:
            run.moved += _judge(run, arn, truth, seen.get(arn))
        except LateError:
            raise
        except Exception as error:  # noqa: BLE001 - one that Braket always fails over would starve those behind it
            error.add_note(str(arn))
            run.errors.append(error)


def truths(run: Run, arns: Sequence[Arn]) -> Iterator[tuple[Arn, Snapshot | Exception]]:
    """Braket's answers, some at a time: what is recorded in between is recorded by one thread."""
    with ThreadPoolExecutor(READERS) as readers:
        for first in range(0, len(arns), READERS):
            run.check()
            some = arns[first : first + READERS]
            run.read |= set(some)
            yield from zip(some, readers.map(partial(read_or_error, run.braket), some), strict=True)


def _judge(run: Run, arn: Arn, truth: Snapshot | Exception, listed: Snapshot | None) -> bool:
    """What Get does not know (yet) the next sweep asks for again; what it would not list is believed as listed now."""
    row = run.rows.get(arn)
    if isinstance(truth, NotKnownError) and row and listed is None:
        return _miss(run, row)
    if isinstance(truth, UnreadableError) and (listed is None or _listed_again(listed, run.began)):
        return False
    if isinstance(truth, UnreadableError) and listed:
        truth = replace(listed, degraded=True)
    if isinstance(truth, Exception):
        raise truth
    if row and row.misses:
        run.ports.snapshots.missed(arn, 0, run.began)
    return record_and_enqueue(truth, "sweep", run.ports, baseline=run.first and not truth.terminal).moved


def _miss(run: Run, row: OpenRow) -> bool:
    if not counts_as_miss(row.missed_at, run.began):
        return False
    if row.misses + 1 < MISSES:
        run.ports.snapshots.missed(row.arn, row.misses + 1, run.began)
        return False
    if last := run.ports.snapshots.get(row.arn):
        return record_and_enqueue(gone(last.snapshot), "sweep", run.ports).moved
    return False


def _listed_again(listed: Snapshot, began: datetime) -> bool:
    """Search always lists open tasks; of all else the next sweep asks only for what was created since this one."""
    is_open = listed.arn.kind == "task" and not listed.terminal
    return is_open or (listed.created_at is not None and listed.created_at >= began - SEARCH_OVERLAP)
