"""The weekly line in memory: its ledger, the ends that it counts, and the last week of each region."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.sending.ports import LEASE, Claim


@dataclass
class MemoryWeeklyRow:
    """A claim of a line, and the time at which the channel accepted it."""

    owner: str
    lease_until: datetime | None
    doubts: int = 1
    at: datetime | None = None


@dataclass
class MemoryWeeklyLedger:
    """The port `WeeklyLedger`, by the line's id."""

    rows: dict[str, MemoryWeeklyRow] = field(default_factory=dict)
    lease: timedelta = LEASE

    def claim(self, line: WeeklyLine, *, owner: str, now: datetime) -> Claim:
        row = self.rows.get(line.id)
        if row is None:
            self.rows[line.id] = row = MemoryWeeklyRow(owner, now + self.lease)
        elif row.at:
            return Claim(granted=False, finished=True, delivered=True)
        elif row.lease_until and row.lease_until > now and row.owner != owner:
            return Claim(granted=False, wait_s=int((row.lease_until - now).total_seconds()) + 1)
        elif not (row.lease_until and row.lease_until > now):
            row.owner, row.lease_until, row.doubts = owner, now + self.lease, row.doubts + 1
        return Claim(granted=True, doubts=row.doubts - 1, may_repeat=row.doubts > 1)

    def delivered(self, line: WeeklyLine, *, now: datetime) -> None:
        self.rows[line.id].at = now

    def release(self, line: WeeklyLine, *, owner: str) -> None:
        row = self.rows.get(line.id)
        if row and row.owner == owner and row.lease_until:
            row.lease_until, row.doubts = None, row.doubts - 1


@dataclass
class MemoryEnds:
    """The port `Ends` over snapshots in memory."""

    snapshots: MemorySnapshots
    weeks: dict[str, str] = field(default_factory=dict)

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        over = (arn for arn, at in self.snapshots.over.items() if arn.region == region and since <= at < until)
        return Counter(self.snapshots.rows[arn].snapshot.status for arn in over)

    def last_week(self, region: str) -> str:
        return self.weeks.get(region, "")

    def save_week(self, region: str, week: str) -> None:
        self.weeks[region] = week
