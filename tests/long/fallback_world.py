"""Two channels that people read, each the other's fallback: their queues, the real delivery and the real adapters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from braket_notifier.adapters.memory.ledger import MemoryLedger, MemoryLedgerRow
from braket_notifier.domain.announcement import is_unreachable
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.grouping.ports import Fallback
from tests.long.outage_world import OutageWorld


@dataclass
class Enqueues:
    """The queue of a channel, for the channel whose fallback it is."""

    world: OutageWorld
    #: Everything that was put, also if the queue refuses the next one.
    put: list[Notification] = field(default_factory=list)
    refuses: int = 0

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        if self.refuses:
            self.refuses -= 1
            raise ConnectionError("SQS cannot be reached")
        for each in notifications:
            assert each.channel == self.world.name
            self.put.append(each)
            self.world.queue.put(each, self.world.now)


class FallbackWorld:
    """A Slack channel and an e-mail channel on one clock."""

    def __init__(self, policy: Policy, now: datetime, slack: str = "bot") -> None:
        self.slack, self.mail = OutageWorld(policy, now, slack), OutageWorld(policy, now, "email")
        self.to_mail, self.to_slack = Enqueues(self.mail), Enqueues(self.slack)
        self.slack.fallback = Fallback(self.mail.name, self.to_mail)
        self.mail.fallback = Fallback(self.slack.name, self.to_slack)
        for each in self.both:
            each.next_sweep = now + timedelta(minutes=1)

    @property
    def both(self) -> tuple[OutageWorld, OutageWorld]:
        return self.slack, self.mail

    @property
    def now(self) -> datetime:
        return max(each.now for each in self.both)

    def runs(self, most: timedelta) -> None:
        """Run both channels for so long, whichever has something to do first."""
        end = self.now + most
        while True:
            due, first = min(((each.next_due or end, each) for each in self.both), key=lambda pair: pair[0])
            if max(self.now, due) >= end:
                break
            self._at(max(self.now, due))
            first.step()
        self._at(end)

    def _at(self, now: datetime) -> None:
        for each in self.both:
            each.now = max(now, each.now)


def announcements(world: OutageWorld) -> list[datetime]:
    """When the channel was sent that the other one cannot be reached."""
    return [at for at, each in world.service.contents if is_announced(each)]


def shown(world: OutageWorld) -> Counter[str]:
    """How often the accepted messages and edits announced each task, by its ARN."""
    by_id = {each.notification.id: each.notification.transition.arn.text for each in _rows(world)}
    found = Counter(by_id[id_] for id_, count in world.service.copies.items() for _ in range(count))
    found.update(by_id[each] for each in world.service.edited if by_id[each] not in found)
    return Counter({arn: count for arn, count in found.items() if "/channel-" not in arn})


def away(world: OutageWorld) -> list[Digest]:
    """The digests "while I was away" that the channel accepted."""
    contents = (each for _, each in world.service.contents)
    return [each for each in contents if isinstance(each, Digest) and each.occasion == "away"]


def is_announced(content: Notification | Digest) -> bool:
    return isinstance(content, Notification) and is_unreachable(content.transition.status)


def _rows(world: OutageWorld) -> list[MemoryLedgerRow]:
    assert isinstance(world.ledger, MemoryLedger)
    return list(world.ledger.rows.values())
