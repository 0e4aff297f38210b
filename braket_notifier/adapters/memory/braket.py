"""A Braket in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from braket_notifier.braket.availability import ONLINE, Availability
from braket_notifier.domain.resource import Arn, Kind, Snapshot
from braket_notifier.domain.spending import Allowance
from braket_notifier.errors import NotKnownError
from braket_notifier.tracking.ports import CreatedRange


@dataclass
class MemoryBraket:
    """A Braket with given resources; an exception in a resource's place is raised."""

    knows: dict[Arn, Snapshot | Exception] = field(default_factory=dict)
    listed: list[Snapshot] | None = None
    reads: list[Arn] = field(default_factory=list)
    #: Answers about devices; any other one is ONLINE, without windows.
    devices: dict[str, Availability | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    #: Spending limits by region; an exception in their place is raised.
    limits: dict[str, list[Allowance] | Exception] = field(default_factory=dict)

    def read(self, arn: Arn) -> Snapshot:
        self.reads.append(arn)
        found = self.knows.get(arn, NotKnownError("ResourceNotFoundException"))
        if isinstance(found, Exception):
            raise found
        return found

    def availability(self, region: str, device: str) -> Availability:  # noqa: ARG002 - an ARN is in one region here
        self.asked.append(device)
        found = self.devices.get(device, Availability(ONLINE))
        if isinstance(found, Exception):
            raise found
        return found

    def spending_limits(self, region: str) -> Sequence[Allowance]:
        found = self.limits.get(region, [])
        if isinstance(found, Exception):
            raise found
        return found

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        return [each for each in self._listed(region, "task", window) if not each.terminal]

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        return [each for each in self._listed(region, kind, window) if each.created_at]

    def _listed(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        everything = [each for each in self.knows.values() if isinstance(each, Snapshot)]
        listed = everything if self.listed is None else self.listed
        return [e for e in listed if (e.arn.region, e.arn.kind) == (region, kind) and window.has(e.created_at)]
