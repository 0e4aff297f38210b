"""Channel leases in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.ports import LEASE, LeaseTaken


@dataclass
class MemoryChannelLeases:
    """The holder of each channel's lease, the time of its next send, and its health if it is down."""

    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    slots: dict[str, datetime] = field(default_factory=dict)
    down: dict[str, Health] = field(default_factory=dict)

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        holder, until = self.held.get(channel, (owner, now))
        if holder != owner and until > now:
            return None
        self.held[channel] = (owner, now + LEASE)
        return LeaseTaken(self.slots.setdefault(channel, now), self.down.get(channel, HEALTHY))

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> bool:
        if self.held.get(channel, ("", now))[0] != owner:
            return False
        self.held[channel], self.slots[channel] = (owner, now + LEASE), not_before
        self._put(channel, health)
        return True

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> None:
        if self.held.get(channel, ("", now))[0] == owner:
            self.held[channel], self.slots[channel] = (owner, now), not_before
            self._put(channel, health)

    def health(self, channels: Sequence[str]) -> Mapping[str, Health]:
        return {each: self.down.get(each, HEALTHY) for each in channels}

    def save_health(self, channel: str, health: Health, *, before: Health) -> bool:
        if self.down.get(channel, HEALTHY).next_try != before.next_try:
            return False
        self._put(channel, health)
        return True

    def _put(self, channel: str, health: Health) -> None:
        self.down.pop(channel, None)
        if health != HEALTHY:
            self.down[channel] = health
