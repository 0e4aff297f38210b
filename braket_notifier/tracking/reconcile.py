"""A sweep of one region: compare Braket's list with our rows, and read each resource where they differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from braket_notifier.domain.resource import NO_RANK, Arn, Snapshot
from braket_notifier.errors import BusyError, LateError, NewerVersionError, NotKnownError, UnreadableError
from braket_notifier.tracking.detect import MISSES, counts_as_miss, gone
from braket_notifier.tracking.lookup import READERS, read_or_error
from braket_notifier.tracking.ports import Braket, Cursor, OpenRow
from braket_notifier.tracking.record import TrackingPorts, record_and_enqueue, record_history

#: The range of creation times that is listed twice, because Search may list a new resource late.
SEARCH_OVERLAP = timedelta(minutes=15)
#: BusyErrors after which a sweep ends, because Braket as a whole is busy.
MOST_BUSY = 3
#: Seconds in which a sweep ends before Lambda stops it.
RESERVE_S = 20.0
#: The share of a first pass's time in which it remembers what it has not read.
TO_REMEMBER = 0.25


@dataclass
class Run:
    """The ports, the start and the progress of one sweep of one region."""

    region: str
    braket: Braket
    ports: TrackingPorts
    began: datetime
    #: The time since which the region is watched, and the time since which ends are announced.
    watched_since: datetime
    start: datetime
    cursor: Cursor
    rows: Mapping[Arn, OpenRow]
    time_left_s: Callable[[], float]
    #: The time that was left at the run's start.
    given_s: float
    read: set[Arn] = field(default_factory=set)
    moved: int = 0
    #: Those of them that are open.
    open: int = 0
    errors: list[Exception] = field(default_factory=list)

    @property
    def first(self) -> bool:
        return self.cursor.watermark is None

    def out_of_time(self) -> bool:
        return self.time_left_s() < RESERVE_S

    def check(self) -> None:
        """Raise LateError or BusyError if the sweep has to end. A first pass keeps time to remember the rest."""
        if self.time_left_s() < RESERVE_S + self.first * TO_REMEMBER * self.given_s:
            raise LateError("no time is left")
        if busy := self.busy():
            raise busy

    def busy(self) -> BusyError | None:
        """Return the last BusyError if there were so many that Braket as a whole is busy."""
        found = [error for error in self.errors if isinstance(error, BusyError)]
        return found[-1] if len(found) >= MOST_BUSY else None


def compare(run: Run, listed: Sequence[Snapshot], vanishing: Sequence[OpenRow]) -> None:
    """Read each resource that is listed with a higher rank than its row, or that is `vanishing` and not listed.

    No resource is read twice in a run.
    """
    found: dict[Arn, Snapshot] = {}
    for each in listed:
        if each.rank > found.setdefault(each.arn, each).rank:  # pages may change while they are read
            found[each.arn] = each
    known = {arn: row.rank for arn in found if (row := run.rows.get(arn))}
    known |= run.ports.snapshots.ranks([arn for arn in found if arn not in known and arn not in run.read])
    changed = [arn for arn, each in found.items() if each.rank > known.get(arn, NO_RANK)]
    vanished = [row.arn for row in vanishing if row.arn not in found]
    unread = [arn for arn in changed + vanished if arn not in run.read]
    unknown = {arn: found[arn] for arn in unread if arn in found and arn not in known}
    try:
        for arn, answer in answers(run, unread):
            with _error_kept(run, arn):
                moved = _record(run, arn, answer, found.get(arn))
                unknown.pop(arn, None)
                it = found.get(arn) if isinstance(answer, Exception) else answer
                run.moved += moved
                run.open += bool(moved and it and not it.terminal)
    finally:
        if run.first:
            _remember(run, [*unknown.values()])


def answers(run: Run, arns: Sequence[Arn]) -> Iterator[tuple[Arn, Snapshot | Exception]]:
    """Read Braket in threads, a few resources at a time; the caller records in one thread in between."""
    with ThreadPoolExecutor(READERS) as readers:
        for first in range(0, len(arns), READERS):
            run.check()
            batch = arns[first : first + READERS]
            run.read |= set(batch)
            yield from zip(batch, readers.map(partial(read_or_error, run.braket), batch), strict=True)


@contextmanager
def _error_kept(run: Run, arn: Arn) -> Iterator[None]:
    """Keep the error of one resource, which the run raises in the end; otherwise it would stop all others."""
    try:
        yield
    except LateError:
        raise
    except NewerVersionError as error:  # no error of the region, whose sweep would else begin anew each time
        run.ports.on_skipped(error)
    except Exception as error:  # noqa: BLE001 - one failing resource stops no other
        error.add_note(str(arn))
        run.errors.append(error)


def _record(run: Run, arn: Arn, answer: Snapshot | Exception, listed: Snapshot | None) -> bool:
    """Record Braket's answer; return whether the row moved.

    An unreadable resource is recorded as it is listed, unless a later sweep reads it again in any case.
    """
    row = run.rows.get(arn)
    if isinstance(answer, NotKnownError) and row and listed is None:
        return _miss(run, row)
    if isinstance(answer, UnreadableError) and (listed is None or _read_again(listed, row, run.began)):
        return False
    if isinstance(answer, UnreadableError) and listed:
        answer = replace(listed, degraded=True)
    if isinstance(answer, Exception):
        raise answer
    if row and row.misses:
        run.ports.snapshots.missed(arn, 0, run.began)
    if row and _is_history(answer, row, run):
        return record_history(answer, run.ports).moved
    return record_and_enqueue(answer, "sweep", run.ports, baseline=_is_baseline(answer, row, run)).moved


def _remember(run: Run, listed: Sequence[Snapshot]) -> None:
    """Record each open resource that a first pass has not read, because an old one is listed only while it is open.

    Its row has the lowest status, so that the next sweep reads it again.
    """
    for each in listed:
        if run.out_of_time():
            return
        if not each.terminal and not _read_again(each, None, run.began):
            status = "CREATED" if each.arn.kind == "task" else "QUEUED"
            with _error_kept(run, each.arn):
                record_and_enqueue(replace(each, status=status, degraded=True), "sweep", run.ports, baseline=True)


def _is_baseline(answer: Snapshot, row: OpenRow | None, run: Run) -> bool:
    """Whether the resource was open when its region was first watched, so that only its next status is announced."""
    older = row is None and answer.created_at is not None and answer.created_at < run.watched_since
    return not answer.terminal and (run.first or older)


def _is_history(answer: Snapshot, row: OpenRow, run: Run) -> bool:
    """Whether the row is older than the region's start, because the region was not watched for a while.

    Then an end before the start, and any other status that the region's first pass finds, are not announced. Nor is
    another status of a resource that is older than the watch, which an earlier run of the first pass remembered.
    """
    if row.changed_at >= run.start:
        older = row.created_at is not None and row.created_at < run.watched_since
        return run.first and older and not answer.terminal
    return answer.ended_at < run.start if answer.ended_at else run.first and not answer.terminal


def _miss(run: Run, row: OpenRow) -> bool:
    if not counts_as_miss(row.missed_at, run.began):
        return False
    if row.misses + 1 < MISSES:
        run.ports.snapshots.missed(row.arn, row.misses + 1, run.began)
        return False
    if last := run.ports.snapshots.get(row.arn):
        return record_and_enqueue(gone(last.snapshot), "sweep", run.ports).moved
    return False


def _read_again(listed: Snapshot, row: OpenRow | None, began: datetime) -> bool:
    """Whether a later sweep reads this resource even if it ends before.

    It reads an open task that has a row, and lists again all that is created after this sweep. An open task that has
    no row, because its region was not watched before, is listed only until it ends.
    """
    is_open = row is not None and listed.arn.kind == "task" and not listed.terminal
    return is_open or (listed.created_at is not None and listed.created_at >= began - SEARCH_OVERLAP)
