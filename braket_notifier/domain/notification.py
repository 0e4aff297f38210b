"""One transition addressed to one channel, and the record that closes a group."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from braket_notifier.domain.program_set import Failures
from braket_notifier.domain.resource import Children
from braket_notifier.domain.transition import Transition


@dataclass(frozen=True, slots=True)
class Notification:
    """One transition addressed to one channel: the unit of delivery, retry and dedup."""

    transition: Transition
    channel: str
    silent: bool = False
    #: Only brings the resource's card up to date, if there is one: no announcement, no ledger, no promise.
    refresh: bool = False
    #: How many others of its batch its channel was told of that failed for the same reason; None: nobody knows all.
    alike: int | None = None
    #: How all quantum tasks of its reservation stand, if somebody counted them.
    reservation: Children | None = None
    #: When it is told, for what goes on meanwhile.
    as_of: datetime | None = None
    #: Tell only which executables of the program set failed.
    which: tuple[Failures, ...] = ()

    @property
    def about(self) -> dict[str, str]:
        """What a log says of it."""
        return {**self.transition.about, "channel": self.channel, "notification_id": self.id}

    def latency_s(self, now: float) -> float | None:
        """How long ago Braket made the change, where it gave a time."""
        at = self.transition.at
        return round(now - at.timestamp(), 3) if at else None

    @property
    def order(self) -> float:
        return self.transition.order

    @property
    def id(self) -> str:
        """The same for every repeat: each status happens once per resource, and is told once per channel."""
        return sha256(f"{self.transition.arn}|{self.transition.status}|{self.channel}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Closing:
    """A reminder to a channel that a group's card may be complete, unless another card has followed it."""

    channel: str
    key: str
    episode: int

    @property
    def about(self) -> dict[str, str]:
        """What a log says of it."""
        return {"channel": self.channel, "group": self.key}

    def latency_s(self, _now: float) -> None:
        """It speaks of no change."""
