"""Queues in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from braket_notifier.domain.notification import Closing, Notification


@dataclass
class MemoryChannelQueues:
    """The channels' queues, in one list with repeats."""

    put: list[Notification] = field(default_factory=list)

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        self.put.extend(notifications)


@dataclass
class MemoryCloseTimer:
    """The reminders that close groups, with their delays."""

    put: list[tuple[Closing, int]] = field(default_factory=list)

    def schedule(self, closing: Closing, after_s: int) -> None:
        self.put.append((closing, after_s))
