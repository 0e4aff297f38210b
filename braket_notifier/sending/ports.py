"""What sending one notification needs from the outside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from braket_notifier.domain.notification import Notification

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
class LeaseTaken:
    """A turn that was taken: nothing is to be sent in it before this moment."""

    not_before: datetime


class ChannelLeases(Protocol):
    """Whose turn it is to send to a human channel, and how soon: one sender at a time."""

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        """The turn, unless another has it."""
        ...

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        """Renew the turn and keep the pace; False if it has passed to another."""
        ...

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        """Leave it to the next, who sends nothing before this moment; nothing happens if it has passed to another."""
        ...


class Channel(Protocol):
    """A destination with a name."""

    def send(self, notification: Notification, *, may_repeat: bool) -> object:
        """Send once; TryLaterError, UnacknowledgedError, RefusedError."""
        ...


class Undelivered(Protocol):
    """The dead-letter queue: what no retry can mend, with its raw text."""

    def put(self, raw: str, reason: str) -> None: ...
