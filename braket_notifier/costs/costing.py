"""Compute the cost of each end as it is recorded, and keep the prices up to date; no failure reaches the recording."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from braket_notifier.costs.bundled import bundled
from braket_notifier.costs.cost import cost
from braket_notifier.costs.ports import EndedTasks, PriceSource, PriceStore
from braket_notifier.costs.prices import Prices
from braket_notifier.costs.sums import together
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot

#: The time after which prices are read again, because the sweep may have fetched newer ones, or the first ones.
READ_AGAIN, FIRST_READ_AGAIN = timedelta(hours=1), timedelta(minutes=1)
OnFailed = Callable[[Exception], object]


@dataclass
class Costing:
    """The cost of an ended quantum task, or of a hybrid job's ended tasks together, by the stored prices."""

    store: PriceStore
    tasks: EndedTasks
    clock: Callable[[], datetime]
    on_failed: OnFailed
    _prices: Prices | None = field(default=None, init=False)
    _read_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    #: Held while prices are read, because the regions of a sweep record ends at once.
    _reading: Lock = field(default_factory=Lock, init=False)

    def __call__(self, snapshot: Snapshot) -> Cost | None:
        """Return the cost; None if it is not known or could not be computed, which `on_failed` gets."""
        try:
            if snapshot.arn.kind == "job":
                return together(self.tasks.of_job(snapshot.arn)) if snapshot.children else None
            return cost(snapshot, self.current())
        except Exception as error:  # noqa: BLE001 - an amount delays no notification
            self.on_failed(error)
            return None

    def current(self) -> Prices:
        """Return the prices. After a failed read the last ones apply, and it is tried again after the same time."""
        with self._reading:
            if (now := self.clock()) - self._read_at >= (READ_AGAIN if self._prices else FIRST_READ_AGAIN):
                self._read_at = now
                try:
                    self._prices = self.store.prices()
                except Exception as error:  # noqa: BLE001 - as above
                    self.on_failed(error)
        return self._prices or bundled()


def update_prices(known: Prices, source: PriceSource, store: PriceStore, now: datetime) -> Prices | None:
    """Fetch the list unless the known one is of today, and return what is new; UnusablePricesError.

    After an error the last good prices stay. A list of tomorrow was stored under a wrong clock, so it is replaced.
    """
    if known.as_of == now.date() or not store.try_now(now):
        return None
    fetched = source.fetch()
    store.save_prices(fetched)
    return fetched
