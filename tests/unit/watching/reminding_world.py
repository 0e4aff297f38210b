"""An installation whose sweeps remind of what people wait for, on a virtual clock."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from braket_notifier.adapters.memory.watched import MemoryWatchedRows
from braket_notifier.braket.availability import Availability, Window
from braket_notifier.braket.events import Watch
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy, Route
from braket_notifier.domain.reminder import reminder_of
from braket_notifier.domain.resource import Snapshot
from braket_notifier.remind import Reminders
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.message import Message
from braket_notifier.sweep import open_rows, sweep
from tests.conftest import GARNET
from tests.unit.tracking.tracking_world import REGION, TrackingWorld, started

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = 5 * MINUTE
ALWAYS = (Window("Everyday", time(0), time(23, 59, 59)),)
ANNA = {"owner": "anna"}
PEOPLE = (Person("Anna", "U01ABCDEF", ("tag:owner=anna",)), Person("Ben", "U02BCDEFG", ("tag:owner=ben",)))
ASnapshot = Callable[..., Snapshot]


@dataclass
class World:
    """An installation whose sweeps remind, with one device."""

    tracking: TrackingWorld
    rows: MemoryWatchedRows = field(default_factory=MemoryWatchedRows)

    def has(self, *snapshots: Snapshot) -> None:
        self.tracking.put_in_braket(*snapshots)

    def device(self, status: str, windows: tuple[Window, ...] = ALWAYS) -> None:
        self.tracking.braket.devices[GARNET] = Availability(status, windows)

    def sweep(self) -> None:
        it = self.tracking
        work = Reminders(it.braket, self.rows).after_slices
        sweep(REGION, it.braket, it.ports, open_rows(it.ports)[REGION], "me", lambda: 300.0, work)

    def pass_time(self, span: timedelta, every: timedelta = TICK) -> None:
        """Sweep at the begin and then at each tick of a span."""
        end = self.tracking.now + span
        while self.tracking.now < end:
            self.sweep()
            self.tracking.now += every

    @property
    def all_reminders(self) -> list[Notification]:
        return [each for each in self.tracking.queues.contents if reminder_of(each.transition.status)]

    @property
    def reminded(self) -> list[tuple[str, str]]:
        """The channel and the kind of each different reminder."""
        return [(each.channel, reminder_of(each.transition.status)) for each in self.distinct]

    @property
    def distinct(self) -> list[Notification]:
        """As the ledger would let them pass: each id once."""
        return list({each.id: each for each in self.all_reminders}.values())

    def lines(self) -> list[str]:
        return [each.headline for each in self.messages]

    def owners(self) -> list[str]:
        return [each.owner.name for each in self.messages if each.owner]

    @property
    def messages(self) -> list[Message]:
        policy = self.tracking.policy
        return [message_of(replace(each, as_of=each.transition.at), policy, each.channel) for each in self.distinct]


def reminding(policy: Policy, watch: Watch, noon: datetime) -> World:
    tracking = started(policy, watch, noon)
    tracking.watermark = noon - TICK
    world = World(tracking)
    world.device("ONLINE")
    return world


def to_owners_and(policy: Policy, *shared: str) -> Policy:
    """The settings with a channel that writes to owners, beside these."""
    to = ("direct", *shared)
    return replace(policy, channels=dict.fromkeys(to, "slack"), to_owner=("direct",), routes=(Route(to),))


def waiting(
    world: World, a_task: ASnapshot, count: int, status: str = "QUEUED", first: int = 1, **changes: Any
) -> None:
    since = changes.pop("created_at", world.tracking.now - MINUTE)
    world.has(*(a_task(status, number, created_at=since, **changes) for number in range(first, first + count)))
