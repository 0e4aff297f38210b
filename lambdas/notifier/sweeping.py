"""The sweep: what events missed, found at a cost that follows what changed and not what there is.

    listed by Search ─┐
                      ├─► compared by rank ─► Get for what changed, is new or vanished ─► take
    open in our table ┘

Search is a hint, Get decides. A region is listed in slices: what was created lately, the open quantum tasks by windows
of creation, once a day what was created in the last two days. Only a slice that was read whole says what vanished.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from notifier import jobs
from notifier.detect import MISSES, counts_as_miss, gone
from notifier.model import NO_RANK, TERMINAL_RANK, Arn, Snapshot, Tracked
from notifier.pipeline import READERS, Desk, enqueue, take
from notifier.ports import Braket, BusyError, Cursor, LateError, NotKnownError, OpenRow, UnreadableError, Window

RELAY_AFTER = timedelta(minutes=1)
#: Search may list late what was just created.
SEARCH_OVERLAP = timedelta(minutes=15)
#: Once a day the sweep looks so far back, in slices that one run reads whole.
DAY = timedelta(days=1)
LOOK_BACK = timedelta(hours=48)
LOOK_BACK_SLICE = timedelta(hours=6)
#: So many open quantum tasks are listed in one slice: a hundred pages, a minute and a half at our share of Search.
SLICE_ROWS = 10_000
#: Braket's quotas are per region: while one waits for its pace, others go on.
REGIONS_AT_ONCE = 5
#: The time to end in order before the function is ended, and by how much the lease outlasts the function.
RESERVE_S = 20.0
LEASE_MARGIN = timedelta(seconds=10)
#: A job's counts are read once more within this time after its end: its last quantum tasks may be recorded later.
FINAL_COUNTS = timedelta(minutes=10)
#: So many resources that Braket is too busy for end a sweep: it is not them.
MOST_BUSY = 3


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run found in a region; in the first pass, what is open is taken as it is and told when it moves."""

    moved: int = 0
    first: bool = False
    #: Another run has the region's cursor, and nothing was done.
    held: bool = False


@dataclass
class Run:
    """One run in one region: what it works with, and what has come of it so far."""

    region: str
    braket: Braket
    desk: Desk
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


def relay(desk: Desk) -> int:
    """Enqueue what was recorded and not dispatched: whatever died between the two is found here.

    So is an end that was told to nobody: it has nothing to enqueue, and leaves the open rows all the same.
    """
    stale = desk.clock() - RELAY_AFTER
    done, errors = 0, list[Exception]()
    for row in [row for region in desk.policy.regions for row in desk.snapshots.open(region)]:
        if (row.undispatched or row.rank == TERMINAL_RANK) and row.changed_at < stale:
            try:
                done += _enqueue_again(row.arn, desk)
            except Exception as error:  # noqa: BLE001 - one row keeps no other; raised in the end
                errors.append(error)
    _raise(errors)
    return done


def sweep_regions(
    braket: Braket, desk: Desk, owner: str, time_left_s: Callable[[], float]
) -> Mapping[str, Swept | Exception]:
    """Sweep every watched region: one region's failure stops no other, and the next tick is the retry."""

    def one(region: str) -> tuple[str, Swept | Exception]:
        try:
            return region, sweep(region, braket, desk, owner, time_left_s)
        except Exception as error:  # noqa: BLE001 - see above; the caller reports it
            return region, error

    with ThreadPoolExecutor(REGIONS_AT_ONCE) as sweepers:
        return dict(sweepers.map(one, desk.policy.regions))


def sweep(region: str, braket: Braket, desk: Desk, owner: str, time_left_s: Callable[[], float]) -> Swept:
    """Find what events missed in one region. Trouble with one resource waits until the others had their turn.

    A lease keeps two runs apart. One that is cut short leaves the cursor where its last whole slice ended.
    """
    began = desk.clock()
    start = desk.snapshots.start(region, began)
    lease = timedelta(seconds=time_left_s()) + LEASE_MARGIN
    cursor = desk.snapshots.take_cursor(region, owner=owner, now=began, until=began + lease)
    if cursor is None:
        return Swept(held=True)
    rows = {row.arn: row for row in desk.snapshots.open(region)}
    cursor = replace(cursor, began=cursor.began or began)
    run = Run(region, braket, desk, began, start, cursor, rows, lambda: time_left_s() < RESERVE_S)
    try:
        _slices(run)
    except LateError:
        pass  # what was found is recorded, and the next run goes on
    except Exception as error:  # noqa: BLE001 - raised in the end
        run.errors.append(error)
    desk.snapshots.leave_cursor(region, run.cursor, owner=owner)
    _raise(run.errors)
    return Swept(run.moved, first=cursor.watermark is None)


# --- what is listed ----------------------------------------------------------------------------------------------


def _slices(run: Run) -> None:
    """First what is most likely to be news; each slice that is whole moves the cursor."""
    run.check()
    since = (run.cursor.watermark or run.start) - SEARCH_OVERLAP
    listed = _jobs(run, since)
    _compare(run, run.braket.created(run.region, "task", Window(since)), ())
    for window in windows([row.created_at for row in _open(run, "task")], run.cursor.reached):
        run.check()
        vanishing = [row for row in _open(run, "task") if window.has(row.created_at)]
        _compare(run, run.braket.open_tasks(run.region, window), vanishing)
        run.cursor = replace(run.cursor, reached=window.until)
    _refresh(run, listed)
    if not run.errors:
        run.cursor = replace(run.cursor, watermark=run.cursor.began)
    run.cursor = replace(run.cursor, began=None)
    _look_back(run)


def windows(created: Iterable[datetime | None], reached: datetime | None) -> Sequence[Window]:
    """Windows of creation with so many known open tasks each, the oldest first, from where the pass has come to."""
    later = sorted(at for at in created if at and (reached is None or at > reached))
    bounds = [reached, *dict.fromkeys(later[SLICE_ROWS::SLICE_ROWS]), None]
    return [Window(since, until) for since, until in pairwise(bounds)]


def _jobs(run: Run, since: datetime) -> Sequence[Snapshot]:
    """SearchJobs has no status filter: back to the oldest that is open, or was at the last run."""
    open_jobs = _open(run, "job")
    oldest = min((row.created_at for row in open_jobs if row.created_at), default=None)
    furthest = min(at for at in (since, oldest, run.cursor.oldest_job) if at)
    listed = run.braket.created(run.region, "job", Window(furthest))
    _compare(run, listed, open_jobs)
    run.cursor = replace(run.cursor, oldest_job=oldest)
    return listed


def _look_back(run: Run) -> None:
    """Once a day: what Search listed too late for every sweep, never further than to when the region was watched."""
    if run.cursor.looked_back_at is None:
        run.cursor = replace(run.cursor, looked_back_at=run.began)
    if run.cursor.looked_back_to is None:
        if run.began - (run.cursor.looked_back_at or run.began) < DAY:
            return
        first = max(run.began - LOOK_BACK, run.start - SEARCH_OVERLAP)
        run.cursor = replace(run.cursor, looked_back_at=run.began, looked_back_to=first)
    end = run.cursor.looked_back_at or run.began
    while (since := run.cursor.looked_back_to) and since < end:
        run.check()
        window = Window(since, since + LOOK_BACK_SLICE)
        for kind in ("task", "job"):
            _compare(run, run.braket.created(run.region, kind, window), ())
        run.cursor = replace(run.cursor, looked_back_to=window.until)
    run.cursor = replace(run.cursor, looked_back_to=None)


def _open(run: Run, kind: str) -> list[OpenRow]:
    return [row for arn, row in run.rows.items() if arn.kind == kind and row.rank < TERMINAL_RANK]


# --- what is read ------------------------------------------------------------------------------------------------


def _compare(run: Run, listed: Sequence[Snapshot], vanishing: Sequence[OpenRow]) -> None:
    """Read what is listed further than we know it, and of what should be listed what is not; each once in a run."""
    seen: dict[Arn, Snapshot] = {}
    for each in listed:
        if each.arn not in seen or each.rank > seen[each.arn].rank:  # pages may change while they are read
            seen[each.arn] = each
    known = {arn: row.rank for arn, row in run.rows.items()}
    known |= run.desk.snapshots.ranks([arn for arn in seen if arn not in known and arn not in run.read])
    changed = [arn for arn, each in seen.items() if each.rank > known.get(arn, NO_RANK)]
    vanished = [row.arn for row in vanishing if row.arn not in seen]
    for arn, truth in _truths(run, [arn for arn in changed + vanished if arn not in run.read]):
        try:
            run.moved += _judge(run, arn, truth, seen.get(arn))
        except LateError:
            raise
        except Exception as error:  # noqa: BLE001 - one that Braket always fails over would starve those behind it
            run.errors.append(error)


def _truths(run: Run, arns: Sequence[Arn]) -> Iterator[tuple[Arn, Snapshot | Exception]]:
    """Braket's answers, some at a time: what is recorded in between is recorded by one thread."""
    with ThreadPoolExecutor(READERS) as readers:
        for first in range(0, len(arns), READERS):
            run.check()
            some = arns[first : first + READERS]
            run.read |= set(some)
            yield from zip(some, readers.map(lambda arn: _answer(run.braket, arn), some), strict=True)


def _answer(braket: Braket, arn: Arn) -> Snapshot | Exception:
    try:
        return braket.read(arn)
    except Exception as error:  # noqa: BLE001 - it is raised for this resource only
        return error


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
        run.desk.snapshots.missed(arn, 0, run.began)
    return take(truth, "sweep", run.desk, baseline=run.first and not truth.terminal).moved


def _miss(run: Run, row: OpenRow) -> bool:
    if not counts_as_miss(row.missed_at, run.began):
        return False
    if row.misses + 1 < MISSES:
        run.desk.snapshots.missed(row.arn, row.misses + 1, run.began)
        return False
    if last := run.desk.snapshots.get(row.arn):
        return take(gone(last.snapshot), "sweep", run.desk).moved
    return False


def _listed_again(listed: Snapshot, began: datetime) -> bool:
    """Search always lists open tasks; of all else the next sweep asks only for what was created since this one."""
    is_open = listed.arn.kind == "task" and not listed.terminal
    return is_open or (listed.created_at is not None and listed.created_at >= began - SEARCH_OVERLAP)


# --- hybrid jobs -------------------------------------------------------------------------------------------------


def _refresh(run: Run, listed: Sequence[Snapshot]) -> None:
    """Every open job's events and counts, and once more the counts of those that have just ended."""
    open_jobs = [row.arn for row in _open(run, "job") if row.arn not in run.read]
    ended = [each.arn for each in listed if each.ended_at and run.began - each.ended_at < FINAL_COUNTS]
    rows = run.desk.snapshots.known([*open_jobs, *ended])
    for arn in ended:
        if arn in rows:
            jobs.refresh(rows[arn].snapshot, rows[arn], run.desk)
    for arn, truth in _truths(run, [arn for arn in open_jobs if arn in rows]):
        if isinstance(truth, Snapshot):
            _refresh_one(run, truth, rows[arn])


def _refresh_one(run: Run, truth: Snapshot, row: Tracked) -> None:
    if truth.supersedes(row.snapshot):
        run.moved += take(truth, "sweep", run.desk).moved
    else:
        jobs.refresh(truth, row, run.desk)


def _enqueue_again(arn: Arn, desk: Desk) -> bool:
    if row := desk.snapshots.get(arn):
        enqueue(row, desk)
    return row is not None


def _raise(errors: Sequence[Exception]) -> None:
    """What went wrong with single resources, once all had their turn; a busy Braket by its name."""
    if errors and all(isinstance(error, BusyError) for error in errors):
        raise errors[0]
    if errors:
        raise ExceptionGroup("not every resource could be dealt with", errors)
