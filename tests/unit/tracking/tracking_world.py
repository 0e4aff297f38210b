"""The notifier up to its channels' queues, over memory adapters and with a clock that tests move."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.adapters.memory.queues import MemoryChannelQueues
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.observe import Prefetched, observe, prefetch
from braket_notifier.sweep import Swept, open_rows, relay, sweep
from braket_notifier.tracking.ports import Cursor
from braket_notifier.tracking.record import TrackingPorts

REGION = "eu-north-1"


@dataclass
class TrackingWorld:
    """One installation."""

    policy: Policy
    watch: Watch
    now: datetime
    braket: MemoryBraket = field(default_factory=MemoryBraket)
    snapshots: MemorySnapshots = field(default_factory=MemorySnapshots)
    queues: MemoryChannelQueues = field(default_factory=MemoryChannelQueues)
    #: What was done, of which status, and for which channels.
    noted: list[tuple[str, str, list[str]]] = field(default_factory=list)

    @property
    def ports(self) -> TrackingPorts:
        return TrackingPorts(self.snapshots, self.queues, self.policy, lambda: self.now, self._hears)

    def _hears(self, what: str, of: Transition, to: Sequence[str]) -> None:
        self.noted.append((what, of.status, [*to]))

    def looks_up(self, *bodies: str, late: Callable[[], bool] = lambda: False) -> Prefetched:
        return prefetch(bodies, self.watch, self.braket, self.ports, late)

    def observes(self, *events: dict[str, Any], receives: int = 1) -> None:
        bodies = [json.dumps(event) for event in events]
        known = self.looks_up(*bodies)
        for body in bodies:
            observe(body, receives, known, self.watch, self.ports)

    def sweeps(self, left_s: Callable[[], float] = lambda: 300.0) -> int:
        return relay(self.ports, open_rows(self.ports)) + self.sweep(left_s).moved

    def sweep(self, left_s: Callable[[], float] = lambda: 300.0, owner: str = "me") -> Swept:
        return sweep(REGION, self.braket, self.ports, open_rows(self.ports)[REGION], owner, left_s)

    def knows(self, *snapshots: Snapshot) -> None:
        self.braket.knows |= {snapshot.arn: snapshot for snapshot in snapshots}

    @property
    def watermark(self) -> datetime | None:
        return self.snapshots.cursors.get(REGION, Cursor()).watermark

    @watermark.setter
    def watermark(self, at: datetime) -> None:
        self.snapshots.cursors[REGION] = Cursor(watermark=at, looked_back_at=self.now)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(each.channel, each.transition.status) for each in self.queues.put]


def started(policy: Policy, watch: Watch, now: datetime) -> TrackingWorld:
    """One that has watched its region for a day."""
    return TrackingWorld(policy, watch, now, snapshots=MemorySnapshots(starts={REGION: now - timedelta(days=1)}))
