"""In memory: what a channel that people read needs, and such a channel; held to the contract of the real adapters."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from notifier.digest import Digest
from notifier.group import Group
from notifier.model import Arn, Closing, Notification
from notifier.ports import Card, Entry, GoneError

Told = Notification | Digest


@dataclass
class MemoryGroups:
    """What is remembered of each group in each channel, and the notifications of each episode."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    added: dict[tuple[str, str, int], dict[str, Entry]] = field(default_factory=dict)

    def get(self, channel: str, key: str) -> Group:
        return self.groups.get((channel, key), Group())

    def keep(self, channel: str, key: str, group: Group, *, now: datetime) -> bool:  # noqa: ARG002 - memory keeps everything
        if self.get(channel, key).version != group.version:
            return False
        self.groups[channel, key] = replace(group, version=group.version + 1)
        return True

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:  # noqa: ARG002 - as above
        entries = self.added.setdefault((entry.notification.channel, key, episode), {})
        before = entries.get(entry.notification.id, entry)
        entries[entry.notification.id] = replace(entry, shown=entry.shown or before.shown)

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        self.added.get((notification.channel, key, episode), {}).pop(notification.id, None)

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]:
        return list(self.added.get((channel, key, episode), {}).values())


@dataclass
class MemoryCards:
    """Where each card stands."""

    cards: dict[tuple[str, Arn], Card] = field(default_factory=dict)

    def get(self, channel: str, arn: Arn) -> Card | None:
        return self.cards.get((channel, arn))

    def keep(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None:  # noqa: ARG002 - as above
        self.cards[channel, arn] = card


@dataclass
class MemoryReminders:
    """The channel's queue, as far as it holds reminders."""

    put: list[tuple[Closing, int]] = field(default_factory=list)

    def remind(self, closing: Closing, after_s: int) -> None:
        self.put.append((closing, after_s))


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
class MemoryBoard:
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
