"""Channels in memory."""

from dataclasses import dataclass, field
from typing import Literal

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError

Told = Notification | Digest


@dataclass(frozen=True)
class Said:
    """One thing that was said in a channel: a post, a reply in a thread, one shown in the channel too, an edit."""

    how: Literal["post", "reply", "broadcast", "edit"]
    told: Told
    place: str
    may_repeat: bool = False

    @property
    def pings(self) -> bool:
        """Whether somebody's phone may ring."""
        return self.how in {"post", "broadcast"}


@dataclass
class MemoryEditableChannel:
    """A channel whose messages can be edited; it raises what it is given to raise, in order."""

    raises: list[Exception | None] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    #: Places of messages that were deleted.
    gone: set[str] = field(default_factory=set)

    def send(self, told: Told, *, may_repeat: bool) -> str:
        self._may_fail("")
        self.said.append(Said("post", told, f"C1/{len(self.said)}", may_repeat))
        return self.said[-1].place

    def reply(self, place: str, told: Told, *, may_repeat: bool, loud: bool) -> str:
        self._may_fail(place)
        self.said.append(Said("broadcast" if loud else "reply", told, f"{place}/{len(self.said)}", may_repeat))
        return self.said[-1].place

    def edit(self, place: str, told: Told) -> None:
        self._may_fail(place)
        self.said.append(Said("edit", told, place))

    @property
    def pings(self) -> list[Said]:
        return [each for each in self.said if each.pings]

    def _may_fail(self, place: str) -> None:
        if self.raises and (error := self.raises.pop(0)):
            raise error
        if place in self.gone:
            raise GoneError("message_not_found")


@dataclass
class MemoryChannel:
    """A channel that takes everything, except that it raises what it is given to raise, in order."""

    raises: list[Exception | None] = field(default_factory=list)
    taken: list[tuple[Notification, bool]] = field(default_factory=list)

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        if self.raises and (error := self.raises.pop(0)):
            raise error
        self.taken.append((notification, may_repeat))


@dataclass
class MemoryUndelivered:
    """The dead-letter queue: raw text and reason."""

    kept: list[tuple[str, str]] = field(default_factory=list)

    def put(self, raw: str, reason: str) -> None:
        self.kept.append((raw, reason))
