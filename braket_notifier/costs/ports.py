"""The ports of costs. `adapters/` has a real one and a fake one of each."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from braket_notifier.costs.prices import Prices
from braket_notifier.domain.resource import Arn, Snapshot


class PriceSource(Protocol):
    """AWS's public price list."""

    def fetch(self) -> Prices:
        """Read the list as it is today. Raises UnusablePricesError."""


class PriceStore(Protocol):
    """The row of the table `snapshots` with the prices of the last good list."""

    def prices(self) -> Prices | None:
        """Read the prices; None before the first good list, and for a row that only a newer version can read."""

    def save_prices(self, prices: Prices) -> None: ...

    def try_now(self, now: datetime) -> bool:
        """Remember an attempt to fetch the list; False if the last one was less than an hour ago."""


class EndedTasks(Protocol):
    """The ended resources in the table `snapshots`, by its indexes."""

    def of_job(self, job: Arn) -> Iterator[Snapshot]:
        """Read the quantum tasks of a hybrid job that have ended."""

    def between(self, region: str, since: datetime, until: datetime) -> Iterator[Snapshot]:
        """Read the quantum tasks and hybrid jobs of a region that ended at `since` or later, and before `until`.

        A submitter who was found after the end is there too, and a quantum task has the time of RUNNING as its start,
        if that was seen.
        """
