"""Sums of costs over ended quantum tasks, by device, batch, hybrid job, day or person; pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from braket_notifier.braket.devices import device_type
from braket_notifier.domain.cost import NOTHING, Cost, total
from braket_notifier.domain.resource import Snapshot

By = Literal["device", "batch", "job", "day", "person"]
#: The parts of a bill that every sum leaves out, as each sum says.
LEFT_OUT = "reservations, instances, simulators, notebooks"
_UNKNOWN = Cost(NOTHING, unknown=1)


@dataclass(frozen=True, slots=True)
class Sum:
    """The ended quantum tasks on QPUs that share a key, and what they cost together."""

    key: str
    tasks: int
    failed: int
    cost: Cost

    @property
    def is_known(self) -> bool:
        """Whether the cost of any of its tasks is known."""
        return self.cost.unknown < self.tasks


def together(ended: Iterable[Snapshot]) -> Cost | None:
    """Add the costs of the tasks on QPUs; None if none of them is known."""
    found = [each.cost or _UNKNOWN for each in ended if is_counted(each)]
    return total(found) if any(each != _UNKNOWN for each in found) else None


def sums(ended: Iterable[Snapshot], key: Callable[[Snapshot], str]) -> list[Sum]:
    """Add the costs of the tasks with each key, the largest sum first."""
    groups: defaultdict[str, list[Snapshot]] = defaultdict(list)
    for each in ended:
        if is_counted(each):
            groups[key(each)].append(each)
    found = [
        Sum(name, len(tasks), sum(each.status == "FAILED" for each in tasks), total(t.cost or _UNKNOWN for t in tasks))
        for name, tasks in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.cost.amount, each.key))


def keys(zone: tzinfo, person: Callable[[Snapshot], str]) -> Mapping[By, Callable[[Snapshot], str]]:
    """Return how each kind of sum names a task's group; empty for a task outside all groups."""
    return {
        "device": lambda each: each.device,
        "batch": lambda each: each.tags.get("batch", ""),
        "job": lambda each: each.job_arn,
        "day": lambda each: f"{each.ended_at.astimezone(zone):%Y-%m-%d}" if each.ended_at else "",
        "person": person,
    }


def is_counted(each: Snapshot) -> bool:
    """Whether a sum counts it; simulators are left out, because only their results say how long they ran."""
    return each.arn.kind == "task" and each.terminal and device_type(each.device) == "qpu"
