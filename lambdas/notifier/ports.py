"""What the pipeline needs from the outside, as Protocols; `adapters/` has a real one and a fake one of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from notifier.digest import Digest
from notifier.group import Group
from notifier.model import Arn, Children, Closing, Kind, Notification, Snapshot, Step, Tracked
from notifier.results import Failures


class UnreadableError(Exception):
    """Braket refuses to tell or does not know the resource (yet)."""


class NotKnownError(UnreadableError):
    """Braket does not know the resource: not yet, or no longer."""


class BusyError(Exception):
    """Braket throttles or fails for the moment; the same question may be asked later."""


class LateError(BusyError):
    """No time was left to ask."""


def raised(error: Exception) -> None:
    """For whoever would rather end than leave out what cannot be read; a function logs it and goes on."""
    raise error


@dataclass(frozen=True, slots=True)
class Window:
    """From one time of creation to another, both included; None: without a bound."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, created: datetime | None) -> bool:
        """Whether it was created in the window; what was created nobody knows when is among the oldest."""
        if created is None:
            return self.since is None
        return (self.since is None or created >= self.since) and (self.until is None or created <= self.until)


class Braket(Protocol):
    """Amazon Braket's own word, in the region of the resource."""

    def read(self, arn: Arn) -> Snapshot:
        """GetQuantumTask or GetJob; UnreadableError, NotKnownError, BusyError."""
        ...

    def open_tasks(self, region: str, window: Window) -> Sequence[Snapshot]:
        """Every quantum task of the window that has not ended, as summaries without details; whole, or BusyError."""
        ...

    def created(self, region: str, kind: Kind, window: Window) -> Sequence[Snapshot]:
        """Every quantum task or hybrid job of the window, as summaries without details; whole, or BusyError."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row as it stands after `record`, and whether this call moved it."""

    row: Tracked
    moved: bool


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What the sparse index tells of a row that is not terminal or not fully dispatched."""

    arn: Arn
    rank: float
    undispatched: bool
    changed_at: datetime
    created_at: datetime | None
    #: How often, a day apart, Braket has not known it any more, and when that was noted last.
    misses: int = 0
    missed_at: datetime | None = None
    status: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the sweeps of one region have come; a pass may take several runs."""

    #: When the last complete pass began.
    watermark: datetime | None = None
    #: When the pass under way began, and up to which time of creation its open tasks have been compared.
    began: datetime | None = None
    reached: datetime | None = None
    #: The daily look further back: when it began, and how far it has come (None: to its end).
    looked_back_at: datetime | None = None
    looked_back_to: datetime | None = None
    #: When the oldest hybrid job that was open at the last run was created.
    oldest_job: datetime | None = None
    #: When the last run began that came further, and had trouble with no resource.
    swept_at: datetime | None = None


class Counts(Protocol):
    """What the table `snapshots` counts for those who tell."""

    def count_open(self, among: str) -> int:
        """How many that have not ended are open in this (`Snapshot.open_in`), up to the most that are counted."""
        ...

    def children(self, of: str) -> Children:
        """How the quantum tasks stand that have been part of this so far (`Snapshot.part_of`)."""
        ...


class Looked(Protocol):
    """What the status board reads of the table `snapshots`: so much of each, and nothing is written."""

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]: ...

    def ended(self, region: str, window: Window, most: int) -> Sequence[tuple[Arn, datetime]]:
        """What ended in the window and was dispatched, the last first."""
        ...

    def known(self, arns: Sequence[Arn]) -> Mapping[Arn, Tracked]:
        """The row of each that has one."""
        ...

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        """When each region was last swept as it should be; one that never was is missing."""
        ...


class Snapshots(Counts, Looked, Protocol):
    """The table `snapshots`: it only moves forward, and marks in the same write what is not yet dispatched."""

    def record(self, snapshot: Snapshot, step: Step, *, told: bool, now: datetime) -> Recorded:
        """Move the row if the snapshot supersedes it, or corrects its terminal status for the first time.

        `told` marks a row that is first seen now as already dispatched.
        """
        ...

    def dispatched(self, row: Tracked, now: datetime) -> None:
        """Raise the marker to the row's version; a terminal row then leaves the index and starts to expire."""
        ...

    def get(self, arn: Arn) -> Tracked | None: ...

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        """Keep newer details of the same status; False if the row has moved on from this version."""
        ...

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        """Note that Braket did not know it so often, or (0) that it does after all."""
        ...

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
        """The rank of each that has a row."""
        ...

    def open(self, region: str) -> Iterable[OpenRow]: ...

    def start(self, region: str, now: datetime) -> datetime:
        """When this region was first watched: `now`, if it is the first time."""
        ...

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        """The region's cursor, until then for this owner alone; None while it is another's."""
        ...

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        """Move the cursor and give it back, unless it has passed to another."""
        ...


class ChannelQueues(Protocol):
    """One queue for each channel, where notifications wait on their own."""

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put all of them, or raise; putting one twice is harmless, because the ledger decides."""
        ...


#: How long a claim or a turn keeps others away: longer than a send may take (connect 3 s, read 10 s).
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one notification now, or why not; what became of earlier attempts."""

    granted: bool
    finished: bool = False
    #: It is finished because the channel took it.
    delivered: bool = False
    attempts: int = 0
    #: How many earlier claims ended without a verdict: each may have been a send whose acknowledgement was lost.
    doubts: int = 0
    may_repeat: bool = False
    first_claim: datetime | None = None
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a notification ended: DELIVERED, SUPERSEDED or UNDELIVERED, and why, where there is a reason."""

    state: str
    reason: str = ""


class Ledger(Protocol):
    """The table `deliveries`: one row for each channel and status of a resource, and the durable notification."""

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        """Take the lease, counting the attempt before it is made; refused if it is finished or another's.

        A notification is SUPERSEDED, and so finished, once a later status of its resource was claimed, delivered
        or given up in doubt in its channel: a channel never tells anything backwards.
        """
        ...

    def finished(self, notification: Notification) -> Finished | None:
        """How it ended, if nothing is left to be done for it; asking claims nothing."""
        ...

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        """The channel took it; true whoever holds the claim by now."""
        ...

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        """Something else tells it."""
        ...

    def release(self, notification: Notification, *, owner: str) -> None:
        """Give the lease back after a failure that certainly reached nobody."""
        ...

    def undelivered(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        """Give up on it for now; only `reopen` brings it back."""
        ...

    def all_undelivered(self) -> Iterable[Notification]:
        """What was given up, and what was reopened and not claimed yet."""
        ...

    def reopen(self, notification: Notification, *, now: datetime) -> bool:
        """Let an undelivered notification be claimed again, its horizon restarted; False if it is not undelivered.

        Dying before it is enqueued is harmless: until it is claimed it can be reopened once more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """A turn that was taken: nothing is to be sent in it before this moment."""

    not_before: datetime


class Turns(Protocol):
    """Whose turn it is to send to a human channel, and how soon: one sender at a time."""

    def take(self, channel: str, *, owner: str, now: datetime) -> Slot | None:
        """The turn, unless another has it."""
        ...

    def keep(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        """Renew the turn and keep the pace; False if it has passed to another."""
        ...

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        """Leave it to the next, who sends nothing before this moment; nothing happens if it has passed to another."""
        ...


class TryLaterError(Exception):
    """The channel certainly did not take it; it may after `after_s` seconds (None: the pipeline's own back-off)."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class UnacknowledgedError(Exception):
    """The channel may have taken it: the answer was lost."""


class RefusedError(Exception):
    """The channel will never take it; the message says why, without any secret."""


class GoneError(Exception):
    """A message that was to be edited or answered is not there any more, or cannot be edited any more."""


class Channel(Protocol):
    """A destination with a name."""

    def send(self, notification: Notification, *, may_repeat: bool) -> object:
        """Send once; TryLaterError, UnacknowledgedError, RefusedError."""
        ...


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


class Board(HumanChannel, Protocol):
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

    def keep(self, channel: str, key: str, group: Group, *, now: datetime) -> bool:
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

    def keep(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None: ...


class Reminders(Protocol):
    """The channel's own queue, for what is to come later."""

    def remind(self, closing: Closing, after_s: int) -> None: ...


class Undelivered(Protocol):
    """The dead-letter queue: what no retry can mend, with its raw text."""

    def keep(self, raw: str, reason: str) -> None: ...
