"""The ports of grouping."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, Self

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn
from braket_notifier.domain.results import ReadResults, no_results
from braket_notifier.grouping.group import Group
from braket_notifier.sending.claims import Sender
from braket_notifier.tracking.ports import ChannelQueues, Counts


class HumanChannel(Protocol):
    """A destination that people read: many notifications may become one message."""

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Send once; answers the message's place, empty if unknown. The errors of `Channel`."""


class EditableChannel(HumanChannel, Protocol):
    """A destination whose messages can be edited and replied to in a thread; both may also raise GoneError."""

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:
        """Reply once in the thread, and if it is loud in the channel as well.

        False if the message is gone and the channel shows the reply by itself.
        """

    def edit(self, place: str, content: Notification | Digest) -> None:
        """Replace a message's content; doing it twice is harmless."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One notification of a group, and whether a message has shown it."""

    notification: Notification
    shown: bool
    #: The settings sent it to the channel when it began to wait; an operator may send any other.
    routed: bool = False


class Groups(Protocol):
    """The state of each group in each channel, and the notifications of its present episode."""

    def get(self, channel: str, key: str) -> Group: ...

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        """Save it as its next version, to be visited at that time; False if another sender did meanwhile."""

    def to_visit(self, channel: str) -> Sequence[str]:
        """List the keys of the groups that are to be visited at some time, perhaps without the last changes."""

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        """Add it once, however often it comes; a shown entry stays shown, and `routed` keeps its first value.

        What a person's address passed on has only name and status, so it replaces no whole notification.
        """

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        """Remove the entry, because its notification was finished without this group."""

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]: ...


@dataclass(frozen=True, slots=True)
class Card:
    """Where the card of a resource stands in a channel (empty: nowhere any more), and which status it shows."""

    place: str
    order: float


class Cards(Protocol):
    """The place of each resource's card in each channel."""

    def get(self, channel: str, arn: Arn) -> Card | None: ...

    def save(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None: ...


class CloseTimer(Protocol):
    """The channel's own queue, for the record that closes a card."""

    def schedule(self, closing: Closing, after_s: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Fallback:
    """The destination that gets notifications while another one cannot be reached, with its queue."""

    channel: str
    queue: ChannelQueues
    #: The channel that announces once that the other one cannot be reached; None: this one, empty: no channel.
    announced_in: str | None = None

    @property
    def announces_to(self) -> str:
        return self.channel if self.announced_in is None else self.announced_in


@dataclass(frozen=True, slots=True)
class GroupingPorts:
    """The ports of a channel that people read: groups and cards, and the channel's own queue for later."""

    channel: HumanChannel
    #: The same channel, where its messages can be edited.
    editable: EditableChannel | None
    groups: Groups
    cards: Cards
    close_timer: CloseTimer
    policy: Policy
    counts: Counts
    #: Reads which executables of a quantum task failed.
    read_results: ReadResults = no_results
    #: None: nobody gets the channel's notifications while it is down.
    fallback: Fallback | None = None


#: Returns the ports of one person.
Address = Callable[[str], GroupingPorts]


@dataclass(frozen=True, slots=True)
class HumanSender(Sender):
    """The sender of a channel that people read: it groups notifications into messages."""

    ports: GroupingPorts = field(kw_only=True)
    #: None where the channel writes to no owners.
    address: Address | None = field(default=None, kw_only=True)

    def addressed(self, destination: str) -> Self:
        """Return the sender of one destination of the channel, which shares its lease and health."""
        if self.address is None:
            return self
        ports = self.address(destination)
        return replace(self, channel=ports.channel, destination=destination, ports=ports)
