"""The ports of sending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from braket_notifier.domain.notification import Notification

#: The lifetime of a claim or a lease, which is longer than a send may take (connect 3 s, read 10 s).
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one notification now, or the reason against it, with the count of earlier attempts."""

    granted: bool
    finished: bool = False
    #: The channel accepted the notification.
    delivered: bool = False
    attempts: int = 0
    #: Earlier claims that ended without a result; each may have been a send whose acknowledgement was lost.
    doubts: int = 0
    may_repeat: bool = False
    first_claim: datetime | None = None
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The final state of a notification, DELIVERED, SUPERSEDED or UNDELIVERED, with a reason if there is one."""

    state: str
    reason: str = ""


class Ledger(Protocol):
    """The table `deliveries`, whose rows hold one notification per resource, channel and status."""

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        """Lease the notification and count the attempt, unless it is finished or another owner holds it.

        A notification is SUPERSEDED after a later status of its resource was claimed, delivered or given up in doubt
        in the same channel, because a channel never shows an older status after a newer one.
        """
        ...

    def finished(self, notification: Notification) -> Finished | None:
        """Read the final state without a claim; None if the notification is not finished."""
        ...

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        """Mark the notification as accepted by the channel, even if another owner holds the claim by now."""
        ...

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        """Mark the notification as covered by another message."""
        ...

    def release(self, notification: Notification, *, owner: str) -> None:
        """End the claim after a failure in which the channel certainly did not accept the message."""
        ...

    def undelivered(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        """Give the notification up; only `reopen` brings it back."""
        ...

    def all_undelivered(self) -> Iterable[Notification]:
        """List the notifications that were given up, or reopened and not claimed yet."""
        ...

    def reopen(self, notification: Notification, *, now: datetime) -> bool:
        """Make an undelivered notification claimable with a new horizon; False if it is not undelivered.

        A crash before it is enqueued is harmless, because it can be reopened again until it is claimed.
        """
        ...


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """A lease that was taken; no message may be sent before `not_before`."""

    not_before: datetime


class ChannelLeases(Protocol):
    """The leases of the channels that people read: one sender at a time in each channel."""

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        """Take the lease; None if another sender holds it."""
        ...

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        """Renew the lease and save the time of the next send; False if another sender holds the lease."""
        ...

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        """End the lease and save the time of the next send, unless another sender holds the lease."""
        ...


class Channel(Protocol):
    """A destination of notifications."""

    def send(self, notification: Notification, *, may_repeat: bool) -> object:
        """Send once; raises TryLaterError, UnacknowledgedError and RefusedError."""
        ...


class Undelivered(Protocol):
    """The queue of records that no retry can deliver, with their raw text."""

    def put(self, raw: str, reason: str) -> None: ...
