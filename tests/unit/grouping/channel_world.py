"""A channel that people read, on a clock that only waiting moves: its queue, the real delivery and the messages."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.channels import MemoryEditableChannel, SentMessage
from braket_notifier.adapters.memory.groups import MemoryCards, MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryQueue, MemoryQueueRecord
from braket_notifier.deliver import deliver
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Children
from braket_notifier.domain.results import TaskResults
from braket_notifier.errors import DeferError, NewerVersionError, RefusedError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.ports import Address, GroupingPorts, HumanSender
from braket_notifier.sending.channel_lease import SEND_INTERVAL, take_lease
from braket_notifier.sending.claims import Sender

BATCH = 100
#: Seconds until a record that only a newer version understands comes again.
NEWER_VERSION_WAIT_S = 900


@dataclass
class OfNewerVersion(MemoryGroups):
    """The rows of some groups are of a newer version, as after a rollback."""

    newer: tuple[str, ...] = ()

    def get(self, channel: str, key: str) -> Group:
        if key in self.newer:
            raise NewerVersionError(key)
        return super().get(channel, key)

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        return key not in self.newer and super().save(channel, key, group, now=now, visit_at=visit_at)


@dataclass
class ChannelWorld:
    """`edits`: as a bot's channel; else as an incoming webhook, or e-mail if the channel is one."""

    policy: Policy
    now: datetime
    channel: str = "team-slack"
    edits: bool = True
    board: MemoryEditableChannel = field(default_factory=MemoryEditableChannel)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    groups: MemoryGroups = field(default_factory=MemoryGroups)
    cards: MemoryCards = field(default_factory=MemoryCards)
    leases: MemoryChannelLeases = field(default_factory=MemoryChannelLeases)
    queue: MemoryQueue[Carried] = field(default_factory=MemoryQueue)
    refused: list[str] = field(default_factory=list)
    #: The number of open resources of any group, or the error of counting them.
    open: int | type[Exception] = 1
    counted: list[str] = field(default_factory=list)
    #: The start of the last complete sweep; None: it begins whenever it is read.
    swept: datetime | None = None
    #: The results of any program set, if they can be read.
    results: TaskResults | None = None
    #: How the quantum tasks of any reservation stand.
    reserved: Children = field(default_factory=lambda: Children(30, completed=24, cancelled=6))
    owners: Any = field(default_factory=count)
    most_receives: int = 0
    interval: timedelta = SEND_INTERVAL["slack"]
    #: Whether a user's function is the channel.
    is_handler: bool = False
    #: Finds the channel of one person, where the channel writes to owners.
    address: Address | None = None
    #: Each message with the time at which it was sent.
    log: list[tuple[datetime, SentMessage]] = field(default_factory=list)

    def put(self, *carried: Notification, after: timedelta = timedelta(0)) -> None:
        for each in carried:
            self.queue.put(replace(each, channel=self.channel), self.now + after)

    def wakes(self) -> None:
        self.queue.put(Wake(self.channel), self.now)

    def schedule(self, closing: Closing, after_s: int) -> None:
        self.queue.put(closing, self.now + timedelta(seconds=after_s))

    def count_open(self, among: str, regions: Collection[str]) -> int:
        assert regions == self.policy.regions
        self.counted.append(among)
        if isinstance(self.open, int):
            return self.open
        raise self.open

    def children(self, of: str) -> Children:
        self.counted.append(of)
        return self.reserved

    def last_pass(self, _region: str) -> datetime:
        return self.swept or self.now

    def works(self) -> int:
        """Deliver a batch of the visible records and return its size."""
        batch = self.queue.receive(self.now, most=BATCH)
        if batch:
            lease = take_lease(self.leases, self.channel, self.interval, f"{next(self.owners)}", self.clock, self.sleep)
            ours = HumanSender(
                self.board,
                self.ledger,
                self.clock,
                lambda: 60.0,
                lease,
                is_handler=self.is_handler,
                policy=lambda: self.policy,
                ports=self.ports,
                address=self.address,
            )
            for each in batch:
                self._delivers(each, ours if lease else None)
                self.log += [(self.now, sent) for sent in self.board.sent[len(self.log) :]]
            if lease:
                lease.end()
        return len(batch)

    def runs(self, most: timedelta = timedelta(days=4)) -> None:
        """Deliver until nothing waits any more, or for so long."""
        end = self.now + most
        while due := self.queue.next_visible(self.now):
            if max(self.now, due) > end:
                break
            self.now = max(self.now, due)
            self.works()
        self.now = max(self.now, end) if self.queue.records else self.now

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def ports(self) -> GroupingPorts:
        board = self.board if self.edits else None
        return GroupingPorts(
            self.board,
            board,
            self.groups,
            self.cards,
            self,
            self.policy,
            self,
            lambda _: self.results,
        )

    @property
    def pings(self) -> list[SentMessage]:
        return self.board.pings

    @property
    def singles(self) -> list[Notification]:
        return [each.content for each in self.pings if isinstance(each.content, Notification)]

    @property
    def digests(self) -> list[Digest]:
        return [each.content for each in self.pings if isinstance(each.content, Digest)]

    def rings(self) -> list[tuple[datetime, set[str]]]:
        """When each message rang, and the ids that it is about: one, those of a line beside a card, or a digest's."""
        return [(at, self._about(each.content)) for at, each in self.log if each.pings]

    def _about(self, content: Notification | Digest) -> set[str]:
        transitions = (
            (content.announced or content.transitions) if isinstance(content, Digest) else [content.transition]
        )
        return {Notification(each, self.channel).id for each in transitions}

    def shown(self) -> list[str]:
        """The ids that messages and edits announced as new, with repeats."""
        ids: list[str] = []
        for each in self.board.sent:
            ids += each.content.news if isinstance(each.content, Digest) else [each.content.id]
        return ids

    def _delivers(self, record: MemoryQueueRecord[Carried], sender: Sender | None) -> None:
        self.most_receives = max(self.most_receives, record.receives)
        try:
            deliver(record.content, sender, owner=f"{next(self.owners)}")
        except (DeferError, NewerVersionError) as wait:
            seconds = wait.seconds if isinstance(wait, DeferError) else NEWER_VERSION_WAIT_S
            self.queue.defer(record.number, self.now + timedelta(seconds=min(seconds, 11 * 3600)))
            return
        except RefusedError as error:
            self.refused.append(str(error))
        self.queue.delete([record.number])
