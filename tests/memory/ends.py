"""The ends that the weekly line counts, and the last week of each region, in memory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from braket_notifier.adapters.memory.snapshots import MemorySnapshots


@dataclass
class MemoryEnds:
    """The port `Ends` over snapshots in memory."""

    snapshots: MemorySnapshots
    weeks: dict[str, str] = field(default_factory=dict)
    months: dict[str, str] = field(default_factory=dict)

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        over = (arn for arn, at in self.snapshots.over.items() if arn.region == region and since <= at < until)
        return Counter(self.snapshots.rows[arn].snapshot.status for arn in over)

    def last_week(self, region: str) -> str:
        return self.weeks.get(region, "")

    def save_week(self, region: str, week: str) -> None:
        self.weeks[region] = week

    def last_month(self, region: str) -> str:
        return self.months.get(region, "")

    def save_month(self, region: str, month: str) -> None:
        self.months[region] = month
