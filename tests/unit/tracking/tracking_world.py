"""The notifier up to its channels' queues, with memory adapters and a clock that tests set."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.events import ParsedEvent, Watch, parse_or_error
from braket_notifier.domain.notification import Notification
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
    """An installation with its fakes of Braket, table and queues."""

    policy: Policy
    watch: Watch
    now: datetime
    braket: MemoryBraket = field(default_factory=MemoryBraket)
    snapshots: MemorySnapshots = field(default_factory=MemorySnapshots)
    queues: MemoryQueue[Notification] = field(default_factory=MemoryQueue)
    #: The calls of `on_routed`: log line, status and channels.
    routed: list[tuple[str, str, list[str]]] = field(default_factory=list)

    @property
    def ports(self) -> TrackingPorts:
        return TrackingPorts(self.snapshots, self.queues, self.policy, lambda: self.now, self._on_routed)

    def _on_routed(self, line: str, transition: Transition, channels: Sequence[str]) -> None:
        self.routed.append((line, transition.status, [*channels]))

    def parse(self, *events: dict[str, Any] | str) -> list[ParsedEvent]:
        bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
        return [parse_or_error(body, self.watch) for body in bodies]

    def prefetch(self, events: Sequence[ParsedEvent], out_of_time: Callable[[], bool] = lambda: False) -> Prefetched:
        return prefetch(events, self.braket, self.ports, out_of_time)

    def observe(self, *events: dict[str, Any], receives: int = 1) -> None:
        parsed = self.parse(*events)
        prefetched = self.prefetch(parsed)
        for event in parsed:
            observe(event, receives, prefetched, self.ports)

    def relay_and_sweep(self, left_s: Callable[[], float] = lambda: 300.0) -> int:
        return relay(self.ports, open_rows(self.ports)) + self.sweep(left_s).moved

    def sweep(self, left_s: Callable[[], float] = lambda: 300.0, owner: str = "me") -> Swept:
        return sweep(REGION, self.braket, self.ports, open_rows(self.ports)[REGION], owner, left_s)

    def put_in_braket(self, *snapshots: Snapshot) -> None:
        self.braket.knows |= {snapshot.arn: snapshot for snapshot in snapshots}

    @property
    def watermark(self) -> datetime | None:
        return self.snapshots.cursors.get(REGION, Cursor()).watermark

    @watermark.setter
    def watermark(self, at: datetime) -> None:
        self.snapshots.cursors[REGION] = Cursor(watermark=at, looked_back_at=self.now)

    @property
    def enqueued(self) -> list[tuple[str, str]]:
        return [(each.channel, each.transition.status) for each in self.queues.contents]


def started(policy: Policy, watch: Watch, now: datetime) -> TrackingWorld:
    """Build an installation that has watched its region for a day."""
    return TrackingWorld(policy, watch, now, snapshots=MemorySnapshots(starts={REGION: now - timedelta(days=1)}))
