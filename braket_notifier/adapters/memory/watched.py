"""Devices and reminders in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from braket_notifier.braket.availability import Availability
from braket_notifier.errors import NotKnownError
from braket_notifier.watching.reminders import Seen, Watched


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
class MemoryDevices:
    """The port `Devices`; an exception in an answer's place is raised."""

    answers: Mapping[str, Availability | Exception]
    asked: list[str] = field(default_factory=list)

    def availability(self, region: str, device: str) -> Availability:  # noqa: ARG002 - an ARN is in one region here
        self.asked.append(device)
        found = self.answers.get(device, NotKnownError("ResourceNotFoundException"))
        if isinstance(found, Exception):
            raise found
        return found
