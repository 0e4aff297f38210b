"""The prices and the ended resources in memory, and a price list that a test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.costs.prices import Prices
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import UnusablePricesError


@dataclass
class MemoryPrices:
    """The ports `PriceStore` and `PriceSource`."""

    saved: Prices | None = None
    tried_at: datetime | None = None
    #: The list, or the error of an unusable one.
    listed: Prices | Exception | None = None

    def prices(self) -> Prices | None:
        return self.saved

    def save_prices(self, prices: Prices) -> None:
        self.saved = prices

    def try_now(self, now: datetime) -> bool:
        if self.tried_at and timedelta(0) <= now - self.tried_at < timedelta(hours=1):
            return False
        self.tried_at = now
        return True

    def fetch(self) -> Prices:
        if isinstance(self.listed, Exception):
            raise self.listed
        if self.listed is None:
            raise UnusablePricesError("there is no list")
        return self.listed


@dataclass
class MemoryEndedTasks:
    """The ports `EndedTasks` and `LastCosts` over snapshots in memory."""

    snapshots: MemorySnapshots
    late: dict[Arn, str] = field(default_factory=dict)

    def of_job(self, job: Arn) -> Iterator[Snapshot]:
        rows = (row.snapshot for row in self.snapshots.rows.values())
        return (each for each in rows if each.part_of == job.text and each.terminal)

    def between(self, region: str, since: datetime, until: datetime) -> Iterator[Snapshot]:
        over = [arn for arn, at in self.snapshots.over.items() if arn.region == region and since <= at < until]
        return (self._whole(arn) for arn in over)

    def _whole(self, arn: Arn) -> Snapshot:
        row = self.snapshots.rows[arn]
        running = next((step.at for step in row.history if step.status == "RUNNING"), None)
        return replace(row.snapshot, started_at=row.snapshot.started_at or running)

    def last_cost(self, region: str, device: str, since: datetime) -> Decimal | None:
        over = [(at, arn) for arn, at in self.snapshots.over.items() if arn.region == region and at >= since]
        latest = sorted(over, key=lambda each: each[0], reverse=True)
        costs = (row.cost for row in (self.snapshots.rows[arn].snapshot for _, arn in latest) if row.device == device)
        return next((each.amount for each in costs if each and each.amount), None)
