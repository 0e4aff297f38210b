"""The ports of sending."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from braket_notifier.domain.notification import Notification
from braket_notifier.sending.health import HEALTHY, Health

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
    #: The channel's fallback got the notification while the channel was down.
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The final state of a notification, DELIVERED, SUPERSEDED or UNDELIVERED, with a reason if there is one."""

    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The final state of a notification in the ledger, and whether the channel's fallback got it."""

    #: None if the notification is not finished.
    end: Finished | None = None
    passed_on: bool = False
    #: The destination that got it last; empty in a row of an older version.
    passed_to: str = ""


class Ledger(Protocol):
    """The table `deliveries`, whose rows hold one notification per resource, channel and status."""

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        """Lease the notification and count the attempt, unless it is finished or another owner holds it.

        A notification is SUPERSEDED after a later status of its resource was claimed, delivered or given up in doubt
        in the same channel, because a channel never shows an older status after a newer one.
        """

    def progress(self, notification: Notification) -> Progress:
        """Read without a claim whether the notification is finished or was passed on."""

    def passed_on(self, notification: Notification, *, to: str, now: datetime) -> None:
        """Mark that the fallback `to` got the notification; its own channel still claims and sends it."""

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        """Mark the notification as accepted by the channel, even if another owner holds the claim by now."""

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        """Mark the notification as covered by another message."""

    def release(self, notification: Notification, *, owner: str, unsure: bool = False) -> None:
        """End the claim after a failure in which the channel did not accept the message.

        `unsure` marks all repeats of the notification, without a doubt that counts.
        """

    def undelivered(
        self, notification: Notification, *, owner: str, reason: str, now: datetime, unsure: bool = False
    ) -> None:
        """Give the notification up; only `reopen` brings it back. `unsure` as in `release`."""

    def all_undelivered(self) -> Iterable[Notification]:
        """List the notifications that were given up, or reopened and not claimed yet."""

    def reopen(self, notification: Notification, *, now: datetime, superseded: bool = False) -> bool:
        """Make an undelivered notification claimable with a new horizon; False if it is not undelivered.

        `superseded`: also one that was left out.

        A crash before it is enqueued is harmless, because it can be reopened again until it is claimed.
        """


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """A lease that was taken, with the channel's health; no message may be sent before `not_before`."""

    not_before: datetime
    health: Health = HEALTHY


class ChannelLeases(Protocol):
    """The lease and health of each channel; only channels that people read are leased, to one sender at a time."""

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        """Take the lease; None if another sender holds it."""

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> bool:
        """Renew the lease, and save the time of the next send and the health; False if another sender holds it."""

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> None:
        """End the lease, and save the time of the next send and the health, unless another sender holds it."""

    def health(self, channels: Sequence[str]) -> Mapping[str, Health]:
        """Read the health of channels; those without a row are healthy."""

    def save_health(self, channel: str, health: Health, *, before: Health) -> bool:
        """Save the health of a channel without leases; False if another sender saved a refusal or probe meanwhile."""


class Channel(Protocol):
    """A destination of notifications."""

    def send(self, notification: Notification, *, may_repeat: bool) -> object:
        """Send once; raises TryLaterError, UnacknowledgedError, MendableError and RefusedError."""


@runtime_checkable
class Probed(Protocol):
    """A channel with a call that shows whether it would accept a message, and posts nothing."""

    def probe(self) -> None:
        """Return if the channel answers as usual; raises the errors of `Channel.send`.

        A probe without permission returns too, because it shows nothing about the messages.
        """
