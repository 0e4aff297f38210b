"""Channels in memory."""

from dataclasses import dataclass, field
from typing import Literal

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError

Content = Notification | Digest


@dataclass(frozen=True)
class SentMessage:
    """A post, a reply in a thread, a reply that the channel shows too, or an edit."""

    action: Literal["post", "reply", "broadcast", "edit"]
    content: Content
    place: str
    may_repeat: bool = False

    @property
    def pings(self) -> bool:
        """Whether the message may notify a phone."""
        return self.action in {"post", "broadcast"}


@dataclass
class MemoryEditableChannel:
    """A channel whose messages can be edited; it raises the given errors in order."""

    raises: list[Exception | None] = field(default_factory=list)
    sent: list[SentMessage] = field(default_factory=list)
    #: Places of deleted messages; the channel shows a reply to them by itself.
    gone: set[str] = field(default_factory=set)

    def send(self, content: Content, *, may_repeat: bool) -> str:
        self._may_fail("")
        self.sent.append(SentMessage("post", content, f"C1/{len(self.sent)}", may_repeat))
        return self.sent[-1].place

    def reply(self, place: str, content: Content, *, may_repeat: bool, loud: bool) -> bool:
        self._may_fail("")
        if place in self.gone:
            self.sent.append(SentMessage("post", content, f"C1/{len(self.sent)}", may_repeat))
            return False
        self.sent.append(
            SentMessage("broadcast" if loud else "reply", content, f"{place}/{len(self.sent)}", may_repeat)
        )
        return True

    def edit(self, place: str, content: Content) -> None:
        self._may_fail(place)
        self.sent.append(SentMessage("edit", content, place))

    @property
    def pings(self) -> list[SentMessage]:
        return [each for each in self.sent if each.pings]

    def _may_fail(self, place: str) -> None:
        if self.raises and (error := self.raises.pop(0)):
            raise error
        if place in self.gone:
            raise GoneError("message_not_found")


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
