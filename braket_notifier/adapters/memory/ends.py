"""The ends that the weekly line counts, and the last week and month of each region, in memory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.watching.ports import Announced


@dataclass
class MemoryEnds:
    """The port `Ends` over snapshots in memory."""

    snapshots: MemorySnapshots
    announced: dict[tuple[Announced, str], str] = field(default_factory=dict)

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        over = (arn for arn, at in self.snapshots.over.items() if arn.region == region and since <= at < until)
        return Counter(self.snapshots.rows[arn].snapshot.status for arn in over)

    def last(self, period: Announced, region: str) -> str:
        return self.announced.get((period, region), "")

    def save(self, period: Announced, region: str, name: str) -> None:
        self.announced[period, region] = name
