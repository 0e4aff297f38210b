"""What the status board shows: what is open and where, how far hybrid jobs are, what moved last, and what is stuck."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.resource import TERMINAL_RANK, Arn
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.tracking.detect import latest
from braket_notifier.tracking.ports import CreatedRange, OpenRow, StatusRows

#: Beyond so many open rows of a region the board says "at least"; the rest is what fits on a page.
MOST_OPEN = 5_000
MOST_DEVICES, MOST_JOBS, MOST_MOVES = 12, 8, 20
#: Two sweeps have passed on what was recorded so long ago, unless something is wrong.
STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """The open quantum tasks of one device in one region."""

    device: str
    region: str
    #: How many there are of each status, in the order in which tasks go through them.
    counts: Mapping[str, int]
    oldest: OpenRow
    #: What is known of the oldest.
    row: SnapshotRow | None = None

    @property
    def open(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Move:
    """A transition, and when it happened or, where Braket gives no time, was seen."""

    at: datetime
    transition: Transition


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Everything on the board at one moment; lists are cut, counts are not."""

    at: datetime
    tasks: int
    jobs: int
    #: Not all open rows were read.
    at_least: bool
    oldest: datetime | None
    devices: tuple[DeviceLine, ...]
    device_count: int
    job_rows: tuple[SnapshotRow, ...]
    moves: tuple[Move, ...]
    #: When the region was swept that has waited longest for it; None: one never was.
    swept_at: datetime | None
    #: Recorded long ago, and not passed on to the channels.
    stuck: int
    undelivered: int


def status_report(
    looked: StatusRows, regions: Sequence[str], window: CreatedRange, now: datetime, undelivered: int
) -> StatusReport:
    """Read a bounded part of each region: its open rows by one index, its last ends by another."""
    read = [looked.some_open(region, MOST_OPEN + 1) for region in regions]
    rows = [row for some in read for row in some[:MOST_OPEN]]
    is_open = [row for row in rows if row.rank < TERMINAL_RANK]
    tasks = [row for row in is_open if row.arn.kind == "task"]
    jobs = sorted((row for row in is_open if row.arn.kind == "job"), key=lambda row: (-row.rank, _age_first(row)))
    lines = _by_device(tasks)
    moved = _moved(rows, looked, regions, window)
    shown = [line.oldest.arn for line in lines[:MOST_DEVICES]] + [row.arn for row in jobs[:MOST_JOBS]]
    known = looked.rows_of([*dict.fromkeys([*shown, *moved])])
    swept = looked.swept(regions)
    return StatusReport(
        at=now,
        tasks=len(tasks),
        jobs=len(jobs),
        at_least=any(len(some) > MOST_OPEN for some in read),
        oldest=min((row.created_at for row in is_open if row.created_at), default=None),
        devices=tuple(replace(line, row=known.get(line.oldest.arn)) for line in lines[:MOST_DEVICES]),
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
    """The device with most open tasks first."""
    places: dict[tuple[str, str], list[OpenRow]] = {}
    for row in tasks:
        places.setdefault((row.device, row.arn.region), []).append(row)
    lines = [
        DeviceLine(device, region, _counts(rows), min(rows, key=_age_first))
        for (device, region), rows in places.items()
    ]
    return sorted(lines, key=lambda line: (-line.open, line.device, line.region))


def _counts(rows: Sequence[OpenRow]) -> Mapping[str, int]:
    return Counter(row.status for row in sorted(rows, key=lambda row: row.rank))


def _moved(
    rows: Iterable[OpenRow], looked: StatusRows, regions: Sequence[str], window: CreatedRange
) -> Mapping[Arn, datetime]:
    """What moved last in the window, the last first: open rows by their last change, and what has ended since."""
    moved = [(row.changed_at, row.arn) for row in rows if window.has(row.changed_at)]
    moved += [(at, arn) for region in regions for arn, at in looked.ended(region, window, MOST_MOVES)]
    moved.sort(key=lambda each: (each[0], each[1].text), reverse=True)
    return {arn: at for at, arn in moved[:MOST_MOVES]}


def _moves(moved: Mapping[Arn, datetime], known: Mapping[Arn, SnapshotRow]) -> tuple[Move, ...]:
    moves = [Move(latest(known[arn]).at or at, latest(known[arn])) for arn, at in moved.items() if arn in known]
    return tuple(sorted(moves, key=lambda move: move.at, reverse=True))
