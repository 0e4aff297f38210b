"""The content of the status board: open resources, progress of hybrid jobs, last transitions, stuck rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.resource import TERMINAL_RANK, Arn
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.tracking.detect import latest
from braket_notifier.tracking.ports import CreatedRange, OpenRow, StatusRows
from braket_notifier.watching.watched import Seen

#: Open rows of a region that are read; beyond it the board shows "at least".
MOST_OPEN = 5_000
#: Devices, hybrid jobs and transitions that fit on a page.
MOST_DEVICES, MOST_JOBS, MOST_MOVES = 12, 8, 20
#: Age from which a row that is not enqueued counts as stuck, because two sweeps should have enqueued it by then.
STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """The open quantum tasks of one device in one region."""

    device: str
    region: str
    #: Number of tasks by status, in the order of the statuses' ranks.
    counts: Mapping[str, int]
    oldest: OpenRow
    #: Row of the oldest task, if there is one.
    row: SnapshotRow | None = None
    #: The device as the last sweep saw it.
    seen: Seen | None = None
    #: The task that waits longest; None if none waits.
    waits: OpenRow | None = None

    @property
    def open(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Move:
    """A transition and its time, or the time of its record if Braket gives none."""

    at: datetime
    transition: Transition


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The content of the board at one moment. Lists are shortened, counts are not."""

    at: datetime
    tasks: int
    jobs: int
    #: Whether there are more open rows than were read.
    at_least: bool
    oldest: datetime | None
    devices: tuple[DeviceLine, ...]
    device_count: int
    job_rows: tuple[SnapshotRow, ...]
    moves: tuple[Move, ...]
    #: Time of the sweep of the region that was swept longest ago; None if a region was never swept.
    swept_at: datetime | None
    #: Number of old rows that were not enqueued.
    stuck: int
    undelivered: int


def status_report(
    status_rows: StatusRows,
    devices: Mapping[tuple[str, str], Seen],
    regions: Sequence[str],
    window: CreatedRange,
    now: datetime,
    undelivered: int,
) -> StatusReport:
    """Read a bounded part of each region: open rows by one index, the last ends by another."""
    read = [status_rows.some_open(region, MOST_OPEN + 1) for region in regions]
    rows = [row for some in read for row in some[:MOST_OPEN]]
    is_open = [row for row in rows if row.rank < TERMINAL_RANK]
    tasks = [row for row in is_open if row.arn.kind == "task"]
    jobs = sorted((row for row in is_open if row.arn.kind == "job"), key=lambda row: (-row.rank, _age_first(row)))
    lines = _by_device(tasks)
    moved = _moved(rows, status_rows, regions, window)
    shown = [line.oldest.arn for line in lines[:MOST_DEVICES]] + [row.arn for row in jobs[:MOST_JOBS]]
    known = status_rows.rows_of([*dict.fromkeys([*shown, *moved])])
    swept = status_rows.swept(regions)
    return StatusReport(
        at=now,
        tasks=len(tasks),
        jobs=len(jobs),
        at_least=any(len(some) > MOST_OPEN for some in read),
        oldest=min((row.created_at for row in is_open if row.created_at), default=None),
        devices=tuple(
            replace(line, row=known.get(line.oldest.arn), seen=devices.get((line.region, line.device)))
            for line in lines[:MOST_DEVICES]
        ),
        device_count=len(lines),
        job_rows=tuple(known[row.arn] for row in jobs[:MOST_JOBS] if row.arn in known),
        moves=_moves(moved, known),
        swept_at=min(swept.values()) if len(swept) == len(regions) else None,
        stuck=sum(row.undispatched and now - row.changed_at > STUCK_AFTER for row in rows),
        undelivered=undelivered,
    )


def _age_first(row: OpenRow) -> datetime:
    return row.created_at or row.changed_at


def _by_device(tasks: Iterable[OpenRow]) -> list[DeviceLine]:
    """Group tasks by device and region, the largest group first."""
    places: dict[tuple[str, str], list[OpenRow]] = {}
    for row in tasks:
        places.setdefault((row.device, row.arn.region), []).append(row)
    lines = [
        DeviceLine(device, region, _counts(rows), min(rows, key=_age_first), waits=_waits_longest(rows))
        for (device, region), rows in places.items()
    ]
    return sorted(lines, key=lambda line: (-line.open, line.device, line.region))


def _waits_longest(rows: Sequence[OpenRow]) -> OpenRow | None:
    return min((row for row in rows if row.status in {"CREATED", "QUEUED"}), key=_age_first, default=None)


def _counts(rows: Sequence[OpenRow]) -> Mapping[str, int]:
    return Counter(row.status for row in sorted(rows, key=lambda row: row.rank))


def _moved(
    rows: Iterable[OpenRow], status_rows: StatusRows, regions: Sequence[str], window: CreatedRange
) -> Mapping[Arn, datetime]:
    """Return the newest changes in the time range, newest first: changes of open rows, and ends."""
    moved = [(row.changed_at, row.arn) for row in rows if window.has(row.changed_at)]
    moved += [(at, arn) for region in regions for arn, at in status_rows.ended(region, window, MOST_MOVES)]
    moved.sort(key=lambda each: (each[0], each[1].text), reverse=True)
    return {arn: at for at, arn in moved[:MOST_MOVES]}


def _moves(moved: Mapping[Arn, datetime], known: Mapping[Arn, SnapshotRow]) -> tuple[Move, ...]:
    moves = [Move(latest(known[arn]).at or at, latest(known[arn])) for arn, at in moved.items() if arn in known]
    return tuple(sorted(moves, key=lambda move: move.at, reverse=True))
