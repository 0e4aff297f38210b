"""The ports of watching."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from braket_notifier.domain.weekly_line import WeeklyLine


class Ends(Protocol):
    """The index of ends in the table `snapshots`, and the last week whose line was enqueued or sent."""

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        """Count the resources of a region by their status that ended at `since` or later, and before `until`."""
        ...

    def last_week(self, region: str) -> str:
        """Read the week of the last line; empty before the first one."""
        ...

    def save_week(self, region: str, week: str) -> None: ...


class LineQueues(Protocol):
    """The queue of each channel."""

    def enqueue_line(self, line: WeeklyLine) -> None:
        """Put the line, or raise. A repeat is harmless, because the ledger drops it."""
        ...
