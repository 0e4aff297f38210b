"""Hold a channel's lease, so that one sender at a time sends at the channel's rate."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from braket_notifier.errors import DeferError
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.ports import ChannelLeases

#: The longest time that a batch waits for the lease.
PATIENCE = timedelta(seconds=20)
#: Seconds between two attempts to take the lease, few enough to meet the gap between two batches of another sender.
TAKE_EVERY_S = 0.25
#: The longest pause before a send; a notification that has to wait longer is deferred.
LONGEST_PAUSE = timedelta(seconds=5)
#: The time between two sends: Slack accepts about one post a second in a channel, Discord thirty a minute, and SNS
#: deletes an e-mail subscription at more than ten e-mails a second.
SEND_INTERVAL = {
    "slack": timedelta(seconds=1),
    "email": timedelta(milliseconds=200),
    "teams": timedelta(seconds=1),
    "discord": timedelta(seconds=2),
    "webhook": timedelta(seconds=1),
    "digest-handler": timedelta(seconds=1),
}
#: The time between two edits, at most forty a minute, because Slack accepts fifty.
EDIT_INTERVAL = timedelta(seconds=1.5)

Clock = Callable[[], datetime]
Sleep = Callable[[float], object]


@dataclass
class ChannelLease:
    """The right to send to one channel until the lease ends."""

    leases: ChannelLeases
    channel: str
    owner: str
    interval: timedelta
    not_before: datetime
    clock: Clock
    sleep: Sleep
    health: Health = HEALTHY
    #: The end of the send interval of each person in a channel that writes to owners.
    intervals: dict[str, datetime] = field(default_factory=dict)

    def await_slot(self, destination: str = "") -> None:
        """Wait for the next slot and renew the lease; raises DeferError if either fails."""
        pause = max(self.not_before, self.intervals.get(destination, self.not_before)) - self.clock()
        if pause > LONGEST_PAUSE:
            raise DeferError(math.ceil(pause.total_seconds()), f"{self.channel} asked to wait")
        if pause > timedelta(0):
            self.sleep(pause.total_seconds())
        self._renew()

    def answered(self, interval: timedelta | None = None, destination: str = "") -> None:
        """Start the interval at the channel's answer, because nobody knows when it accepted the message.

        Slack counts posts by conversation, and edits by workspace.
        """
        end = self.clock() + (interval or self.interval)
        if destination and interval is None:
            self.intervals[destination] = end
        else:
            self.not_before = max(self.not_before, end)

    def hold_back(self, seconds: float) -> None:
        """Wait as long as the channel asked; the next holder of the lease waits too."""
        self.not_before = self.clock() + timedelta(seconds=seconds)
        self._renew()

    def keep(self, health: Health) -> None:
        """Save a refusal at once, and an acceptance with the next renewal or the end of the lease."""
        self.health = health
        if health.closed:
            self._renew()

    def reserve_probe(self) -> bool:
        """Whether this sender may probe; nobody else probes during the lease."""
        return True

    def end(self) -> None:
        """End the lease now; after a crash it ends by itself, which takes longer than any interval."""
        last = max([self.not_before, *self.intervals.values()])
        self.leases.end(self.channel, owner=self.owner, now=self.clock(), not_before=last, health=self.health)

    def _renew(self) -> None:
        renewed = self.leases.renew(
            self.channel, owner=self.owner, now=self.clock(), not_before=self.not_before, health=self.health
        )
        if not renewed:
            raise DeferError(1, f"another sender has the lease of {self.channel}")


@dataclass
class HealthRow:
    """The health of a channel without a lease, whose senders work at the same time."""

    leases: ChannelLeases
    channel: str
    clock: Clock
    health: Health

    def keep(self, health: Health) -> None:
        """Save each change; a change that another sender saved first stays."""
        if health != self.health and not self.leases.save_health(self.channel, health, before=self.health):
            health = health_of(self.leases, self.channel)
        self.health = health

    def reserve_probe(self) -> bool:
        """Whether this sender may probe; the first one reserves the probe."""
        reserved = self.health.with_probe(self.clock())
        if self.leases.save_health(self.channel, reserved, before=self.health):
            self.health = reserved
            return True
        self.health = health_of(self.leases, self.channel)
        return False


def health_of(leases: ChannelLeases, channel: str) -> Health:
    return leases.health([channel]).get(channel, HEALTHY)


def take_lease(
    leases: ChannelLeases, channel: str, interval: timedelta, owner: str, clock: Clock, sleep: Sleep
) -> ChannelLease | None:
    """Take a channel's lease; None if another sender holds it for longer than `PATIENCE`."""
    give_up = clock() + PATIENCE
    while (slot := leases.take(channel, owner=owner, now=clock())) is None:
        if clock() >= give_up:
            return None
        sleep(TAKE_EVERY_S)
    return ChannelLease(leases, channel, owner, interval, slot.not_before, clock, sleep, slot.health)
