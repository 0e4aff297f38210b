"""The table `snapshots` in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.domain.digest import MOST_COUNTED
from braket_notifier.domain.resource import Arn, Children, Snapshot, count_children
from braket_notifier.domain.transition import SnapshotRow, Step, counts_at_end
from braket_notifier.tracking.ports import WRONGLY_AHEAD, CreatedRange, Cursor, OpenRow, Recorded


@dataclass
class MemorySnapshots:
    """The table `snapshots`, in dictionaries."""

    rows: dict[Arn, SnapshotRow] = field(default_factory=dict)
    changed: dict[Arn, datetime] = field(default_factory=dict)
    closed: set[Arn] = field(default_factory=set)
    over: dict[Arn, datetime] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    misses: dict[Arn, tuple[int, datetime]] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    watched: set[str] = field(default_factory=set)

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        arn, old = snapshot.arn, self.rows.get(snapshot.arn)
        if old is None:
            row = SnapshotRow(snapshot, (step,), dispatched=int(not announce))
        elif snapshot.supersedes(old.snapshot):
            row = replace(old, snapshot=_joined(old.snapshot, snapshot), history=(*old.history, step))
        elif snapshot.corrects(old.snapshot) and not old.corrected:
            snapshot = replace(snapshot, submitter=old.snapshot.submitter)
            row = replace(old, snapshot=snapshot, history=(*old.history, step), corrected=True)
        else:
            return Recorded(old, moved=False)
        self.rows[arn] = replace(row, at_end=counts_at_end(snapshot, announce=announce) or row.at_end)
        self.changed[arn] = now
        self.closed.discard(arn)
        return Recorded(self.rows[arn], moved=True)

    def record_dispatched(self, snapshot: Snapshot, step: Step, *, now: datetime) -> Recorded:
        arn, old = snapshot.arn, self.rows.get(snapshot.arn)
        if old and not snapshot.supersedes(old.snapshot):
            return Recorded(old, moved=False)
        history = (*(old.history if old else ()), step)
        joined = _joined(old.snapshot, snapshot) if old else snapshot
        self.rows[arn], self.changed[arn] = SnapshotRow(joined, history, dispatched=len(history)), now
        self.closed.discard(arn)
        return Recorded(self.rows[arn], moved=True)

    def dispatched(self, row: SnapshotRow, now: datetime, *, stays: bool = False) -> None:
        current = self.rows[row.snapshot.arn]
        at_end = current.at_end if stays else row.at_end or current.at_end
        current = replace(current, dispatched=max(current.dispatched, row.version), at_end=at_end)
        self.rows[row.snapshot.arn] = current
        if current.snapshot.terminal and current.dispatched == current.version:
            if not stays:
                self.closed.add(row.snapshot.arn)
            self.over[row.snapshot.arn] = row.snapshot.ended_at or now

    def warned(self, arn: Arn) -> None:
        self.rows[arn] = replace(self.rows[arn], warned=True)

    def revisit(self, arn: Arn) -> None:
        if (row := self.rows.get(arn)) and row.snapshot.terminal:
            self.closed.discard(arn)

    def get(self, arn: Arn) -> SnapshotRow | None:
        return self.rows.get(arn)

    def rows_of(self, arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]:
        return {arn: self.rows[arn] for arn in arns if arn in self.rows}

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        row, old = self.rows[snapshot.arn], self.rows[snapshot.arn].snapshot
        if row.version == version:
            kept = replace(
                snapshot,
                status=old.status,
                ended_at=old.ended_at,
                degraded=old.degraded,
                submitter=old.submitter,
            )
            self.rows[snapshot.arn] = replace(row, snapshot=kept)
        return row.version == version

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        self.misses[arn] = (misses, now)
        if not misses:
            self.misses.pop(arn)

    def children(self, of: str) -> Children:
        own = [row.snapshot for row in self.rows.values() if row.snapshot.part_of == of]
        return count_children([(each.status, each.incomplete) for each in own])

    def count_open(self, among: str, regions: Collection[str]) -> int:
        standing = [row.snapshot for row in self.rows.values() if row.snapshot.arn.region in regions]
        return min(MOST_COUNTED, sum(each.open_in == among for each in standing if not each.terminal))

    def last_pass(self, region: str) -> datetime | None:
        return self.cursors.get(region, Cursor()).watermark

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
        return {arn: self.rows[arn].snapshot.rank for arn in arns if arn in self.rows}

    def open(self, region: str) -> Iterable[OpenRow]:
        return [
            OpenRow(
                arn,
                row.snapshot.rank,
                row.dispatched < row.version,
                self.changed[arn],
                row.snapshot.created_at,
                misses=self.misses.get(arn, (0, None))[0],
                missed_at=self.misses.get(arn, (0, None))[1],
                status=row.snapshot.status,
                device=row.snapshot.device,
            )
            for arn, row in self.rows.items()
            if arn.region == region and arn not in self.closed
        ]

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]:
        return [*self.open(region)][:most]

    def ended(self, region: str, window: CreatedRange, most: int) -> Sequence[tuple[Arn, datetime]]:
        over = [(arn, at) for arn, at in self.over.items() if arn.region == region and window.has(at)]
        return sorted(over, key=lambda each: each[1], reverse=True)[:most]

    def start(self, region: str, now: datetime) -> datetime:
        if self.starts.setdefault(region, now) > now + WRONGLY_AHEAD:
            self.starts[region] = now
        return self.starts[region]

    def watch(self, regions: Sequence[str], now: datetime) -> None:
        for region in set(regions) - self.watched if self.watched else ():
            self.starts[region] = now
            self.cursors.pop(region, None)
        self.watched = set(regions)

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        holder, held_until = self.held.get(region, (owner, now))
        if holder != owner and held_until > now:
            return None
        self.held[region] = (owner, until)
        return self.cursors.get(region, Cursor())

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        if self.held.get(region, ("", None))[0] == owner:
            self.cursors[region] = cursor
            del self.held[region]

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        found = {region: self.cursors.get(region, Cursor()).swept_at for region in regions}
        return {region: at for region, at in found.items() if at}


def _joined(old: Snapshot, new: Snapshot) -> Snapshot:
    """Keep Braket's details, because an event alone never overwrites them, and the submitter."""
    joined = replace(old, status=new.status, ended_at=new.ended_at, degraded=True) if new.degraded else new
    return replace(joined, submitter=old.submitter, cost=new.cost)
