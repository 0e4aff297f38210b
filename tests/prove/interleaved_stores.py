"""The stores that workers share besides the memory adapters: queues that hide received records, and channels."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, TypeVar

from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import TryLaterError

#: Time for which a queue hides a received record.
HIDDEN = timedelta(minutes=6)
MOST = 2
Store = TypeVar("Store")


@dataclass(frozen=True, slots=True)
class Record:
    """A queue record: its content, its number of receives, and the end of its visibility timeout."""

    number: int
    carries: Any
    receives: int
    hidden_until: datetime | None = None


@dataclass
class Records:
    """A standard queue: at least once, in any order, and hidden for a while after each receive."""

    waiting: dict[int, Record] = field(default_factory=dict)
    numbered: int = 0
    hides: timedelta = HIDDEN

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        for each in notifications:
            self.waiting[self.numbered] = Record(self.numbered, each, 0)
            self.numbered += 1

    def visible(self, now: datetime) -> list[Record]:
        return [each for each in self.waiting.values() if each.hidden_until is None or each.hidden_until <= now]

    def batches(self, now: datetime) -> Iterator[tuple[int, ...]]:
        """Every batch that a worker may receive now: one or two records, in any order, equal ones once."""
        seen = set()
        for size in range(1, MOST + 1):
            for chosen in permutations(self.visible(now), size):
                carried = tuple((each.carries.id, each.receives) for each in chosen)
                if carried not in seen:
                    seen.add(carried)
                    yield tuple(each.number for each in chosen)

    def receive(self, now: datetime, numbers: Sequence[int] = ()) -> list[Record]:
        numbers = numbers or [each.number for each in self.visible(now)[:MOST]]
        for number in numbers:
            old = self.waiting[number]
            self.waiting[number] = Record(number, old.carries, old.receives + 1, now + self.hides)
        return [self.waiting[number] for number in numbers]

    def put_back(self, number: int, until: datetime) -> None:
        if old := self.waiting.get(number):
            self.waiting[number] = Record(number, old.carries, old.receives, until)

    def delete(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.waiting.pop(number, None)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted message of the channel, with its time."""

    notification: Notification
    may_repeat: bool
    at: datetime


@dataclass
class RecordingChannel:
    """A channel that accepts everything and records the time; at first it may ask for time."""

    accepted: list[Accepted] = field(default_factory=list)
    busy: int = 0

    def send(self, notification: Notification, *, may_repeat: bool, at: datetime) -> None:
        if self.busy:
            self.busy -= 1
            raise TryLaterError("429", after_s=1)
        self.accepted.append(Accepted(notification, may_repeat, at))


@dataclass
class Truth(MemoryBraket):
    """A Braket that counts no requests, and moves on only when asked to."""

    def read(self, arn: Arn) -> Snapshot:
        try:
            return super().read(arn)
        finally:
            self.reads.clear()

    def moves(self, to: Snapshot) -> None:
        self.knows[to.arn] = to


def copied(store: Store) -> Store:
    """A copy that can be changed without changing the original."""
    values = {each.name: getattr(store, each.name) for each in fields(store)}  # type: ignore[arg-type]  # all are dataclasses
    return type(store)(**{name: _copied(value) for name, value in values.items()})


def _copied(value: Any) -> Any:
    """Rows of the ledger are written in place; every other row is a value."""
    if isinstance(value, dict):
        return {key: copy(row) if hasattr(row, "lease_until") else row for key, row in value.items()}
    return copy(value)
