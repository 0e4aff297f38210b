"""A burst of ends of one batch, a slow channel and ledger for it, and what has become of all its ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.sending.ports import Claim
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
End = Callable[..., Notification]


def ends_of_a_scan(a_task: ASnapshot, a_transition: Callable[..., Transition], noon: datetime) -> End:
    """Build ends of quantum tasks of the batch ghz-scan, each so long after noon."""

    def build(
        number: int, status: str = "COMPLETED", after: timedelta = timedelta(0), **changes: object
    ) -> Notification:
        tags = {"Name": f"ghz-{number}", "batch": "ghz-scan"}
        task = a_task(status, number, **{"ended_at": noon + after, "tags": tags, **changes})
        return Notification(a_transition(task), "team-slack")

    return build


def trickle(
    world: ChannelWorld, end: End, count: int, over: timedelta, failing: Callable[[int], bool] = lambda _: False
) -> None:
    for number in range(count):
        after = over * number / count
        world.put(end(number, "FAILED" if failing(number) else "COMPLETED", after), after=after)


def all_announced_once(world: ChannelWorld, count: int) -> None:
    """Each id is announced once and marked on its own, and none is left in the queue."""
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert len(world.ledger.rows) == count
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}
    assert not world.queue.records
    assert world.most_receives < 500  # SQS gives up after a thousand


@dataclass
class SlowLedger(MemoryLedger):
    """Each claim takes a while, and something may happen meanwhile."""

    claiming: Callable[[], None] = lambda: None

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        self.claiming()
        return super().claim(notification, owner=owner, now=now)


class Stamping(MemoryEditableChannel):
    """A channel that takes 0.3 s for each message, and records its time."""

    def __init__(self, world: ChannelWorld) -> None:
        super().__init__()
        self._world = world
        self.taken_at: list[datetime] = []
        self.news_until = world.now

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        self.taken_at.append(self._world.now)
        self._note(content)
        self._world.sleep(0.3)
        return super().send(content, may_repeat=may_repeat)

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:
        self._note(content)
        return super().reply(place, content, may_repeat=may_repeat, loud=loud)

    def edit(self, place: str, content: Notification | Digest) -> None:
        self._note(content)
        super().edit(place, content)

    def _note(self, content: Notification | Digest) -> None:
        if isinstance(content, Digest) and content.news:
            self.news_until = self._world.now
