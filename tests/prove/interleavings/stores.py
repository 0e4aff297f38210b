"""The stores that workers share besides the memory adapters: recording channels, and a Braket that changes."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, TypeVar

from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import MendableError, TryLaterError

#: Time for which a queue hides a received record.
HIDDEN = timedelta(minutes=6)
MOST = 2
Store = TypeVar("Store")


def batches(queue: MemoryQueue[Notification], now: datetime) -> Iterator[tuple[int, ...]]:
    """Every batch that a worker may receive now: one or two records, in any order, equal ones once."""
    seen = set()
    for size in range(1, MOST + 1):
        for chosen in permutations(queue.visible(now), size):
            contents = tuple((each.content.id, each.receives) for each in chosen)
            if contents not in seen:
                seen.add(contents)
                yield tuple(each.number for each in chosen)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted message of the channel, with its time."""

    notification: Notification
    may_repeat: bool
    at: datetime


@dataclass
class RecordingChannel:
    """A channel that accepts everything and records the time. At first it may ask for time, or refuse a person."""

    accepted: list[Accepted] = field(default_factory=list)
    busy: int = 0
    refuses: str = ""

    def send(self, notification: Notification, *, may_repeat: bool, at: datetime) -> None:
        if self.busy:
            self.busy -= 1
            raise TryLaterError("429", after_s=1)
        if notification.channel == self.refuses:
            raise MendableError("user_not_found", one_person=True)
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
    """Rows of the ledger and the entries of a group are written in place. Every other row is a value."""
    if isinstance(value, dict):
        in_place = {key for key, row in value.items() if isinstance(row, dict) or hasattr(row, "lease_until")}
        return {key: copy(row) if key in in_place else row for key, row in value.items()}
    return copy(value)
