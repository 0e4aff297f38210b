"""Devices, reminders and announced thresholds in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from braket_notifier.watching.spending import Sent
from braket_notifier.watching.watched import Seen, Watched


@dataclass
class MemoryWatchedRows:
    """The port `WatchedRows`."""

    rows: dict[str, Watched] = field(default_factory=dict)

    def watched(self, region: str) -> Watched:
        return self.rows.get(region, Watched())

    def devices(self, regions: Sequence[str]) -> Mapping[tuple[str, str], Seen]:
        return {(each, name): seen for each in regions for name, seen in self.watched(each).devices.items()}

    def save_watched(self, region: str, watched: Watched) -> None:
        self.rows[region] = watched


@dataclass
class MemorySpendingRows:
    """The port `SpendingRows`."""

    rows: dict[str, Sent] = field(default_factory=dict)

    def sent(self, scope: str) -> Sent:
        return self.rows.get(scope, {})

    def save_sent(self, scope: str, sent: Sent) -> None:
        self.rows[scope] = {**sent}
