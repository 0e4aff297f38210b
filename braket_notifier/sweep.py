"""Find the status changes that events missed, at a cost that follows the number of changes.

    listed by Search ─┐
                      ├─► compare ranks ─► Get the changed, new and vanished resources ─► record
    open in our table ┘

Search only shows which resources to read; Get decides their status. A region is listed in slices of creation times:
the recent resources (once an hour of two hours, once a day of three days) and all open quantum tasks. Only a complete
slice shows that a resource vanished.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from braket_notifier.domain.resource import TERMINAL_RANK, Arn, Snapshot
from braket_notifier.errors import BusyError, LateError
from braket_notifier.tracking import jobs
from braket_notifier.tracking.detect import HORIZON
from braket_notifier.tracking.ports import Braket, CreatedRange, Cursor, OpenRow
from braket_notifier.tracking.reconcile import SEARCH_OVERLAP, Run, compare
from braket_notifier.tracking.record import TrackingPorts, enqueue, no_op
from braket_notifier.tracking.slices import SPAN, listed_since, row_slices, time_slices

OpenRows = Mapping[str, Sequence[OpenRow]]
TimeLeft = Callable[[], float]
#: The further work of a region's sweep within its lease, which handles its own errors.
AfterSlices = Callable[[Run], object]
#: The age at which the sweep enqueues a transition that was recorded and not dispatched.
RELAY_AFTER = timedelta(minutes=1)
#: The interval of the long look back, and the range of creation times that it covers.
DAY = timedelta(days=1)
LOOK_BACK = timedelta(hours=72)
#: The time for which Braket keeps a quantum task; no hybrid job is open for longer.
KEPT = timedelta(days=90)
#: Regions that are swept at the same time, because Braket's quotas are per region.
REGIONS_AT_ONCE = 5
#: The time by which the lease outlasts the function.
LEASE_MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of one run in a region. The first pass records open resources without announcing them."""

    moved: int = 0
    #: The recorded resources that are open; a first pass records ended ones too.
    open: int = 0
    first: bool = False
    #: Another run holds the region's cursor, so this run did nothing.
    held: bool = False


def open_rows(ports: TrackingPorts) -> OpenRows:
    """Read the open rows of each watched region once for the relay and the sweep.

    A row that moves meanwhile is read once too often, which is harmless because it is recorded once.
    """
    return {region: tuple(ports.snapshots.open(region)) for region in ports.policy.regions}


def relay(ports: TrackingPorts, rows: OpenRows) -> int:
    """Enqueue each transition that was recorded and not dispatched because a function crashed in between.

    An end without announcement has nothing to enqueue, but is marked as dispatched too. `settle` does so for a job.
    """
    stale = ports.clock() - RELAY_AFTER
    done, errors = 0, list[Exception]()
    for row in chain.from_iterable(rows.values()):
        unmarked = row.rank == TERMINAL_RANK and row.arn.kind == "task"
        if (row.undispatched or unmarked) and row.changed_at < stale:
            try:
                done += _enqueue_again(row.arn, ports)
            except Exception as error:  # noqa: BLE001 - otherwise one row would stop all others; raised in the end
                error.add_note(str(row.arn))
                errors.append(error)
    _raise(errors)
    return done


def sweep_regions(
    braket: Braket,
    ports: TrackingPorts,
    rows: OpenRows,
    owner: str,
    time_left_s: TimeLeft,
    after_slices: AfterSlices = no_op,
) -> Mapping[str, Swept | Exception]:
    """Sweep every watched region. One region's failure stops no other, and the next schedule is the retry.

    `after_slices` is called within the lease of each region whose slices are complete.
    """

    def sweep_or_error(region: str) -> tuple[str, Swept | Exception]:
        try:
            return region, sweep(region, braket, ports, rows[region], owner, time_left_s, after_slices)
        except Exception as error:  # noqa: BLE001 - the caller logs it
            return region, error

    try:
        ports.snapshots.watch(ports.policy.regions, ports.clock())
    except Exception as error:  # noqa: BLE001 - as above; otherwise a region's history could be announced
        return dict.fromkeys(rows, error)
    with ThreadPoolExecutor(REGIONS_AT_ONCE) as sweepers:
        return dict(sweepers.map(sweep_or_error, rows))


def sweep(
    region: str,
    braket: Braket,
    ports: TrackingPorts,
    rows: Sequence[OpenRow],
    owner: str,
    time_left_s: TimeLeft,
    after_slices: AfterSlices = no_op,
) -> Swept:
    """Find the changes that events missed in one region; errors of single resources are raised at the end.

    A lease keeps two runs apart. An interrupted run leaves the cursor at the end of its last complete slice.
    """
    began = ports.clock()
    watched_since = ports.snapshots.start(region, began)
    start = watched_since - (HORIZON if ports.policy.announce_existing else timedelta(0))
    left_s = time_left_s()
    lease = timedelta(seconds=left_s) + LEASE_MARGIN
    cursor = ports.snapshots.take_cursor(region, owner=owner, now=began, until=began + lease)
    if cursor is None:
        return Swept(held=True)
    cursor = replace(cursor, began=cursor.began or began)
    by_arn = {row.arn: row for row in rows}
    run = Run(region, braket, ports, began, watched_since, start, cursor, by_arn, time_left_s, left_s)
    try:
        _slices(run)
        if cursor.watermark:  # the first pass records what is open, and the second one begins with it
            after_slices(run)
    except LateError:
        pass  # its results are recorded, and the next run continues
    except Exception as error:  # noqa: BLE001 - raised in the end
        run.errors.append(error)
    if not run.errors and _has_progress(cursor, run.cursor):
        run.cursor = replace(run.cursor, swept_at=began)
    ports.snapshots.leave_cursor(region, run.cursor, owner=owner)
    _raise(run.errors)
    return Swept(run.moved, run.open, first=cursor.watermark is None)


def oldest_sweep_age(ports: TrackingPorts) -> timedelta:
    """Return the age of the oldest last sweep. A region without a sweep counts from its start."""
    now, swept = ports.clock(), ports.snapshots.swept(ports.policy.regions)
    return max(now - (swept.get(each) or ports.snapshots.start(each, now)) for each in ports.policy.regions)


def _has_progress(before: Cursor, after: Cursor) -> bool:
    """Whether a run moved the cursor. A run that always ends in its first slice sweeps nothing."""
    return (before.watermark, before.reached) != (after.watermark, after.reached)


# --- slices ------------------------------------------------------------------------------------------------------


def _slices(run: Run) -> None:
    """List and compare the slices, the most recent first. Each complete slice moves the cursor."""
    run.check()
    since = listed_since(run.cursor.watermark, run.began, run.watched_since)
    _jobs(run, since)
    for window in time_slices(since, run.began):
        run.check()
        compare(run, run.braket.created(run.region, "task", window), ())
        if window.until and not run.first and not run.errors:  # because one run may not finish after a long outage
            run.cursor = replace(run.cursor, watermark=window.until)
    open_tasks = _open(run, "task")
    for window in row_slices([row.created_at for row in open_tasks], run.cursor.reached):
        run.check()
        vanishing = [row for row in open_tasks if window.has(row.created_at)]
        compare(run, run.braket.open_tasks(run.region, window), vanishing)
        run.cursor = replace(run.cursor, reached=window.until)
    run.cursor = replace(run.cursor, began=None, watermark=run.cursor.watermark if run.errors else run.cursor.began)
    jobs.refresh_all(run)
    _look_back(run)


def _jobs(run: Run, since: datetime) -> None:
    """List jobs back to the oldest open one, or the oldest of the last run, because SearchJobs has no status filter.

    No row shows yet which jobs are open in a first pass, so it lists all of them and leaves out what has ended.
    """
    open_jobs = _open(run, "job")
    oldest = min((row.created_at for row in open_jobs if row.created_at), default=None)
    furthest = min(at for at in (since, oldest, run.cursor.oldest_job) if at)
    if run.first:
        furthest = min(furthest, run.began - KEPT)
    listed = run.braket.created(run.region, "job", CreatedRange(furthest))
    compare(
        run, [each for each in listed if not run.first or _counts_at_first(each, since, run.watched_since)], open_jobs
    )
    run.cursor = replace(run.cursor, oldest_job=oldest)


def _counts_at_first(job: Snapshot, since: datetime, start: datetime) -> bool:
    """Whether the job is open, ended since the start, or is so new that any run lists it."""
    is_new = job.created_at is not None and job.created_at >= since
    return is_new or not job.terminal or (job.ended_at is not None and job.ended_at >= start)


def _look_back(run: Run) -> None:
    """List the last three days once a day, because Search may list a resource too late for every other sweep.

    Once, and whenever the settings begin to want it, list what ended in the month before the region was watched.
    """
    if run.cursor.looked_back_at is None:
        run.cursor = replace(run.cursor, looked_back_at=run.began)
    if run.cursor.existing_at is None and max(run.start, run.began - HORIZON) < run.watched_since:
        oldest = run.start - KEPT
        run.cursor = replace(run.cursor, existing_at=run.began, looked_back_at=run.began, looked_back_to=oldest)
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
            listed = run.braket.created(run.region, kind, window)
            compare(run, [each for each in listed if each.ended_at is None or each.ended_at >= run.start], ())
        run.cursor = replace(run.cursor, looked_back_to=window.until)
    run.cursor = replace(run.cursor, looked_back_to=None)


def _open(run: Run, kind: str) -> list[OpenRow]:
    return [row for arn, row in run.rows.items() if arn.kind == kind and row.rank < TERMINAL_RANK]


def _enqueue_again(arn: Arn, ports: TrackingPorts) -> bool:
    if row := ports.snapshots.get(arn):
        enqueue(row, ports)
    return row is not None


def _raise(errors: Sequence[Exception]) -> None:
    """Raise the errors of single resources together. If Braket was only busy, raise BusyError."""
    if errors and all(isinstance(error, BusyError) for error in errors):
        raise errors[0]
    if errors:
        raise ExceptionGroup("some resources could not be processed", errors)
