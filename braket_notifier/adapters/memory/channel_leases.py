"""Channel leases in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from braket_notifier.sending.ports import LEASE, LeaseTaken


@dataclass
class MemoryChannelLeases:
    """The holder of each channel's lease, and the time of its next send."""

    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    slots: dict[str, datetime] = field(default_factory=dict)

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        holder, until = self.held.get(channel, (owner, now))
        if holder != owner and until > now:
            return None
        self.held[channel] = (owner, now + LEASE)
        return LeaseTaken(self.slots.setdefault(channel, now))

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        if self.held.get(channel, ("", now))[0] != owner:
            return False
        self.held[channel], self.slots[channel] = (owner, now + LEASE), not_before
        return True

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        if self.held.get(channel, ("", now))[0] == owner:
            self.held[channel], self.slots[channel] = (owner, now), not_before
