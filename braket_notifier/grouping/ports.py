"""What grouping needs from the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.program_set import Failures
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.grouping.group import Group


class Results(Protocol):
    """What Braket wrote about the results of a quantum task."""

    def failures(self, snapshot: Snapshot) -> tuple[Failures, ...] | None:
        """The failed executables of a program set; None for whatever reason they cannot be had."""
        ...


class HumanChannel(Protocol):
    """A destination that people read: many notifications may become one message."""

    def send(self, told: Notification | Digest, *, may_repeat: bool) -> str:
        """Send once; answers where it stands, or nothing if nobody can say. The errors of `Channel`."""
        ...


class EditableChannel(HumanChannel, Protocol):
    """A destination whose messages can be edited and answered in a thread; both may also raise GoneError."""

    def reply(self, place: str, told: Notification | Digest, *, may_repeat: bool, loud: bool) -> str:
        """Answer once in the thread, and if it is loud in the channel as well; answers where it stands."""
        ...

    def edit(self, place: str, told: Notification | Digest) -> None:
        """Let a message say this; doing it twice is harmless."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One notification of a group, and whether people have been shown it."""

    notification: Notification
    shown: bool


class Groups(Protocol):
    """What is remembered of each group in each channel, and the notifications of its present episode."""

    def get(self, channel: str, key: str) -> Group: ...

    def save(self, channel: str, key: str, group: Group, *, now: datetime) -> bool:
        """Keep it as its next version; False if somebody else did meanwhile."""
        ...

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        """Once, however often: what is shown stays shown."""
        ...

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        """It is told in another way, or not at all."""
        ...

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True)
class Card:
    """Where the card of a resource stands in a channel, and which status it shows."""

    place: str
    order: float


class Cards(Protocol):
    """The place of each resource's card in each channel."""

    def get(self, channel: str, arn: Arn) -> Card | None: ...

    def save(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None: ...


class CloseTimer(Protocol):
    """The channel's own queue, for what is to come later."""

    def schedule(self, closing: Closing, after_s: int) -> None: ...
