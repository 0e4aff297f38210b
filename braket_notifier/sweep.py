"""The sweep: what events missed, found at a cost that follows what changed and not what there is.

    listed by Search ─┐
                      ├─► compared by rank ─► Get for what changed, is new or vanished ─► take
    open in our table ┘

Search is a hint, Get decides. A region is listed in slices: what was created lately, the open quantum tasks by windows
of creation, once a day what was created in the last two days. Only a slice that was read whole says what vanished.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise

from braket_notifier.domain.resource import TERMINAL_RANK, Arn, Snapshot
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.errors import BusyError, LateError
from braket_notifier.tracking import jobs
from braket_notifier.tracking.detect import HORIZON
from braket_notifier.tracking.ports import Braket, CreatedRange, Cursor, OpenRow
from braket_notifier.tracking.reconcile import SEARCH_OVERLAP, Run, compare, truths
from braket_notifier.tracking.record import TrackingPorts, enqueue, record_and_enqueue

OpenRows = Mapping[str, Sequence[OpenRow]]
RELAY_AFTER = timedelta(minutes=1)
#: Once a day the sweep looks so far back. What was created in so long a time can be listed in one slice.
DAY = timedelta(days=1)
LOOK_BACK = timedelta(hours=48)
SPAN = timedelta(hours=6)
#: So many open quantum tasks are listed in one slice: a hundred pages, a minute and a half at our share of Search.
SLICE_ROWS = 10_000
#: Braket's quotas are per region: while one waits for its pace, others go on.
REGIONS_AT_ONCE = 5
#: The time to end in order before the function is ended, and by how much the lease outlasts the function.
RESERVE_S = 20.0
LEASE_MARGIN = timedelta(seconds=10)
#: A job's counts are read once more within this time after its end: its last quantum tasks may be recorded later.
FINAL_COUNTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run found in a region; in the first pass, what is open is taken as it is and told when it moves."""

    moved: int = 0
    first: bool = False
    #: Another run has the region's cursor, and nothing was done.
    held: bool = False


def open_rows(ports: TrackingPorts) -> OpenRows:
    """What is open in each watched region, read once for the relay and the sweep.

    The index answers a little late anyway: what moves meanwhile is asked for once too often, and recorded once.
    """
    return {region: tuple(ports.snapshots.open(region)) for region in ports.policy.regions}


def relay(ports: TrackingPorts, rows: OpenRows) -> int:
    """Enqueue what was recorded and not dispatched: whatever died between the two is found here.

    So is an end that was told to nobody: it has nothing to enqueue, and leaves the open rows all the same.
    """
    stale = ports.clock() - RELAY_AFTER
    done, errors = 0, list[Exception]()
    for row in chain.from_iterable(rows.values()):
        if (row.undispatched or row.rank == TERMINAL_RANK) and row.changed_at < stale:
            try:
                done += _enqueue_again(row.arn, ports)
            except Exception as error:  # noqa: BLE001 - one row keeps no other; raised in the end
                error.add_note(str(row.arn))
                errors.append(error)
    _raise(errors)
    return done


def sweep_regions(
    braket: Braket, ports: TrackingPorts, rows: OpenRows, owner: str, time_left_s: Callable[[], float]
) -> Mapping[str, Swept | Exception]:
    """Sweep every watched region: one region's failure stops no other, and the next tick is the retry."""

    def one(region: str) -> tuple[str, Swept | Exception]:
        try:
            return region, sweep(region, braket, ports, rows[region], owner, time_left_s)
        except Exception as error:  # noqa: BLE001 - see above; the caller reports it
            return region, error

    with ThreadPoolExecutor(REGIONS_AT_ONCE) as sweepers:
        return dict(sweepers.map(one, rows))


def sweep(
    region: str,
    braket: Braket,
    ports: TrackingPorts,
    rows: Sequence[OpenRow],
    owner: str,
    time_left_s: Callable[[], float],
) -> Swept:
    """Find what events missed in one region. Trouble with one resource waits until the others had their turn.

    A lease keeps two runs apart. One that is cut short leaves the cursor where its last whole slice ended.
    """
    began = ports.clock()
    start = ports.snapshots.start(region, began) - (HORIZON if ports.policy.announce_existing else timedelta(0))
    lease = timedelta(seconds=time_left_s()) + LEASE_MARGIN
    cursor = ports.snapshots.take_cursor(region, owner=owner, now=began, until=began + lease)
    if cursor is None:
        return Swept(held=True)
    cursor = replace(cursor, began=cursor.began or began)
    run = Run(
        region, braket, ports, began, start, cursor, {row.arn: row for row in rows}, lambda: time_left_s() < RESERVE_S
    )
    try:
        _slices(run)
    except LateError:
        pass  # what was found is recorded, and the next run goes on
    except Exception as error:  # noqa: BLE001 - raised in the end
        run.errors.append(error)
    if not run.errors and _came_further(cursor, run.cursor):
        run.cursor = replace(run.cursor, swept_at=began)
    ports.snapshots.leave_cursor(region, run.cursor, owner=owner)
    _raise(run.errors)
    return Swept(run.moved, first=cursor.watermark is None)


def oldest_sweep_age(ports: TrackingPorts) -> timedelta:
    """How long ago the region was swept that has waited longest; one that never was counts from its start."""
    now, swept = ports.clock(), ports.snapshots.swept(ports.policy.regions)
    return max(now - (swept.get(each) or ports.snapshots.start(each, now)) for each in ports.policy.regions)


def _came_further(before: Cursor, after: Cursor) -> bool:
    """A pass may take several runs; but one cut short in its first slice each time would sweep nothing for good."""
    return (before.watermark, before.reached) != (after.watermark, after.reached)


# --- what is listed ----------------------------------------------------------------------------------------------


def _slices(run: Run) -> None:
    """First what is most likely to be news; each slice that is whole moves the cursor."""
    run.check()
    since = (run.cursor.watermark or run.start) - SEARCH_OVERLAP
    listed = _jobs(run, since)
    for window in time_slices(since, run.began):
        run.check()
        compare(run, run.braket.created(run.region, "task", window), ())
        if window.until and not run.first and not run.errors:  # after a long outage one run may not come to its end
            run.cursor = replace(run.cursor, watermark=window.until)
    for window in row_slices([row.created_at for row in _open(run, "task")], run.cursor.reached):
        run.check()
        vanishing = [row for row in _open(run, "task") if window.has(row.created_at)]
        compare(run, run.braket.open_tasks(run.region, window), vanishing)
        run.cursor = replace(run.cursor, reached=window.until)
    run.cursor = replace(run.cursor, began=None, watermark=run.cursor.watermark if run.errors else run.cursor.began)
    _refresh(run, listed)
    _look_back(run)


def time_slices(since: datetime, until: datetime) -> Sequence[CreatedRange]:
    """Windows of creation, short enough for one run to read each whole; the last is open, for what is created now."""
    bounds = [since]
    while bounds[-1] + SPAN < until:
        bounds.append(bounds[-1] + SPAN)
    return [CreatedRange(since, until) for since, until in pairwise([*bounds, None])]


def row_slices(created: Iterable[datetime | None], reached: datetime | None) -> Sequence[CreatedRange]:
    """Windows of creation with so many known open tasks each, the oldest first, from where the pass has come to."""
    later = sorted(at for at in created if at and (reached is None or at > reached))
    bounds = [reached, *dict.fromkeys(later[SLICE_ROWS::SLICE_ROWS]), None]
    return [CreatedRange(since, until) for since, until in pairwise(bounds)]


def _jobs(run: Run, since: datetime) -> Sequence[Snapshot]:
    """SearchJobs has no status filter: back to the oldest that is open, or was at the last run."""
    open_jobs = _open(run, "job")
    oldest = min((row.created_at for row in open_jobs if row.created_at), default=None)
    furthest = min(at for at in (since, oldest, run.cursor.oldest_job) if at)
    listed = run.braket.created(run.region, "job", CreatedRange(furthest))
    compare(run, listed, open_jobs)
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
        window = CreatedRange(since, since + SPAN)
        for kind in ("task", "job"):
            compare(run, run.braket.created(run.region, kind, window), ())
        run.cursor = replace(run.cursor, looked_back_to=window.until)
    run.cursor = replace(run.cursor, looked_back_to=None)


def _open(run: Run, kind: str) -> list[OpenRow]:
    return [row for arn, row in run.rows.items() if arn.kind == kind and row.rank < TERMINAL_RANK]


# --- hybrid jobs -------------------------------------------------------------------------------------------------


def _refresh(run: Run, listed: Sequence[Snapshot]) -> None:
    """Every open job's events and counts, and once more the counts of those that have just ended."""
    open_jobs = [row.arn for row in _open(run, "job") if row.arn not in run.read]
    ended = [each.arn for each in listed if each.ended_at and run.began - each.ended_at < FINAL_COUNTS]
    rows = run.ports.snapshots.rows_of([*open_jobs, *ended])
    for arn in ended:
        if arn in rows:
            jobs.refresh(rows[arn].snapshot, rows[arn], run.ports)
    for arn, truth in truths(run, [arn for arn in open_jobs if arn in rows]):
        if isinstance(truth, Snapshot):
            _refresh_one(run, truth, rows[arn])


def _refresh_one(run: Run, truth: Snapshot, row: SnapshotRow) -> None:
    if truth.supersedes(row.snapshot):
        run.moved += record_and_enqueue(truth, "sweep", run.ports).moved
    else:
        jobs.refresh(truth, row, run.ports)


def _enqueue_again(arn: Arn, ports: TrackingPorts) -> bool:
    if row := ports.snapshots.get(arn):
        enqueue(row, ports)
    return row is not None


def _raise(errors: Sequence[Exception]) -> None:
    """What went wrong with single resources, once all had their turn; a busy Braket by its name."""
    if errors and all(isinstance(error, BusyError) for error in errors):
        raise errors[0]
    if errors:
        raise ExceptionGroup("not every resource could be dealt with", errors)
