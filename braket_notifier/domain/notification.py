"""A transition addressed to a channel, and the records that close a group and wake a channel."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from braket_notifier.domain.resource import Children
from braket_notifier.domain.results import TaskResults
from braket_notifier.domain.transition import Transition


@dataclass(frozen=True, slots=True)
class Notification:
    """A transition addressed to one channel; it is the unit of delivery, retry and deduplication."""

    transition: Transition
    #: The channel, or one person in it as `CHANNEL#PERSON`.
    channel: str
    silent: bool = False
    #: True if it only updates the resource's card, if there is one: no new message, no ledger row, no certain delivery.
    refresh: bool = False
    #: Other tasks of the batch with the same failure reason that the channel was notified of; None if unknown.
    alike: int | None = None
    #: Counts of all quantum tasks of its reservation, if they were read.
    reservation: Children | None = None
    #: Time of the message, which bounds the run time of a resource that still runs, and decides which times need a day.
    as_of: datetime | None = None
    #: Results of the program set; if there are any, the message lists only the failed executables.
    results: TaskResults | None = None
    #: The channel that could not be reached, if this channel is its fallback; such a notification is never passed on.
    passed_from: str = ""

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the notification in a log line."""
        fields = {**self.transition.about, "channel": self.channel, "notification_id": self.id}
        return {**fields, "passed_from": self.passed_from} if self.passed_from else fields

    def latency_s(self, now: float) -> float | None:
        """Seconds since Braket made the change; None if Braket gave no time."""
        at = self.transition.at
        return round(now - at.timestamp(), 3) if at else None

    @property
    def order(self) -> float:
        return self.transition.order

    @property
    def id(self) -> str:
        """An id that every repeat shares, because a resource has each status once and a channel gets it once."""
        return sha256(f"{self.transition.arn}|{self.transition.status}|{self.channel}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Closing:
    """A record that closes the card of a group, unless a newer card has replaced it."""

    channel: str
    key: str
    episode: int

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the group in a log line."""
        return {"channel": self.channel, "group": self.key}

    def latency_s(self, _now: float) -> None:
        """None, because a closing reports no change of a resource."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A record that makes a channel visit its groups, because a hold ended early or nobody visited a group in time."""

    channel: str
    #: The time at which the visit was wanted; None in a record of an older version.
    at: datetime | None = None
    #: A command says that the cause may have ended for which the channel is down.
    mended: bool = False

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the channel in a log line."""
        return {"channel": self.channel}

    def latency_s(self, _now: float) -> None:
        """None, because a wake reports no change of a resource."""


#: The contents of a record in a channel's queue.
Carried = Notification | Closing | Wake
