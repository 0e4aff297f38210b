"""A channel of programs, the queue of undelivered records, and the timer that closes groups, in memory."""

from dataclasses import dataclass, field

from braket_notifier.domain.notification import Closing, Notification


@dataclass
class MemoryChannel:
    """A channel that accepts every notification, and raises the given errors in order."""

    raises: list[Exception | None] = field(default_factory=list)
    taken: list[tuple[Notification, bool]] = field(default_factory=list)

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        if self.raises and (error := self.raises.pop(0)):
            raise error
        self.taken.append((notification, may_repeat))


@dataclass
class MemoryUndelivered:
    """The queue of undelivered records, with raw text and reason."""

    kept: list[tuple[str, str]] = field(default_factory=list)

    def put(self, raw: str, reason: str) -> None:
        self.kept.append((raw, reason))


@dataclass
class MemoryCloseTimer:
    """The reminders that close groups, with their delays."""

    put: list[tuple[Closing, int]] = field(default_factory=list)

    def schedule(self, closing: Closing, after_s: int) -> None:
        self.put.append((closing, after_s))
