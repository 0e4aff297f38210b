"""Queues in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from braket_notifier.domain.notification import Closing

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class MemoryQueueRecord(Generic[Content]):
    """A record of a queue, visible at once without a time."""

    number: int
    content: Content
    visible_at: datetime | None = None
    receives: int = 0


@dataclass
class MemoryQueue(Generic[Content]):
    """A standard queue: each receive hides a record for a while, and `dead` has the records with too many receives."""

    hides: timedelta = timedelta(0)
    most_receives: int = 1000
    records: dict[int, MemoryQueueRecord[Content]] = field(default_factory=dict)
    dead: list[Content] = field(default_factory=list)
    count: int = 0

    def put(self, content: Content, visible_at: datetime | None = None) -> None:
        self.count += 1
        self.records[self.count] = MemoryQueueRecord(self.count, content, visible_at)

    def enqueue(self, contents: Sequence[Content], /) -> None:
        for each in contents:
            self.put(each)

    def receive(
        self, now: datetime, numbers: Sequence[int] = (), *, most: int = 10
    ) -> list[MemoryQueueRecord[Content]]:
        """The records of these numbers, otherwise the first visible ones."""
        received = []
        for old in [self.records[each] for each in numbers] or self.visible(now)[:most]:
            if old.receives >= self.most_receives:
                self.dead.append(self.records.pop(old.number).content)
                continue
            new = replace(old, visible_at=now + self.hides, receives=old.receives + 1)
            self.records[old.number] = new
            received.append(new)
        return received

    def defer(self, number: int, until: datetime) -> None:
        if old := self.records.get(number):
            self.records[number] = replace(old, visible_at=until)

    def delete(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.records.pop(number, None)

    def visible(self, now: datetime) -> list[MemoryQueueRecord[Content]]:
        return [each for each in self.records.values() if each.visible_at is None or each.visible_at <= now]

    def next_visible(self, now: datetime) -> datetime | None:
        """The time at which the first record is visible."""
        return min((each.visible_at or now for each in self.records.values()), default=None)

    @property
    def contents(self) -> list[Content]:
        return [each.content for each in self.records.values()]


@dataclass
class MemoryCloseTimer:
    """The reminders that close groups, with their delays."""

    put: list[tuple[Closing, int]] = field(default_factory=list)

    def schedule(self, closing: Closing, after_s: int) -> None:
        self.put.append((closing, after_s))
