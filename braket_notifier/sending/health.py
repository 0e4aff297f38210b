"""A channel's health since its first refusal, and whether a notification may be sent to it now: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from braket_notifier.errors import ChannelError, MendableError, TryLaterError, UnacknowledgedError

Cause = Literal["", "later", "ambiguous", "mendable"]
Admission = Literal["send", "probe", "wait"]

#: The longest wait between two attempts or probes.
LONGEST_BACK_OFF = timedelta(minutes=15)
#: Doublings of one second that exceed the longest wait.
_MOST_DOUBLINGS = 10
#: How long a channel is tried without an acceptance before its notifications are given up until a redrive.
HORIZON = timedelta(hours=72)
#: A wake's probe comes so long after the probe before it, so that several wakes cause one.
REST = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Health:
    """The refusals of a channel since it last accepted a message; without `down_since` there is none."""

    down_since: datetime | None = None
    cause: Cause = ""
    reason: str = ""
    #: Refused messages and probes.
    refusals: int = 0
    #: The time of the next probe.
    next_try: datetime | None = None
    #: `down_since`, moved on by the time in which nobody tried, which counts for no notification.
    tried_since: datetime | None = None
    #: The last probe succeeded, so messages are sent until one is refused.
    probed: bool = False

    @property
    def closed(self) -> bool:
        return self.down_since is not None and not self.probed

    def refused(self, error: ChannelError, now: datetime) -> "Health":
        """Return the health after a refused message or probe: wait twice as long, or as long as was asked for."""
        refusals, down_since = self.refusals + 1, self.down_since or now
        asked = (error.after_s or 0) if isinstance(error, TryLaterError) else 0
        wait = max(_back_off(refusals, down_since), timedelta(seconds=int(asked + 1) if asked else 0))
        return Health(
            down_since=down_since,
            cause=_cause(error),
            reason=str(error),
            refusals=refusals,
            next_try=now + wait,
            tried_since=(self.tried_since or now) + self._idle(now),
        )

    def with_probe(self, now: datetime) -> "Health":
        """Reserve the present probe for its sender, by the time of the one after it."""
        return replace(self, next_try=now + _back_off(self.refusals + 1, self.down_since or now))

    def wait_s(self, now: datetime) -> float:
        return (self.next_try - now).total_seconds() if self.next_try else 0.0

    def has_rested(self, now: datetime) -> bool:
        """Whether the channel may be probed before the end of the back-off."""
        if not (self.next_try and self.down_since):
            return True
        return now - self.next_try + _back_off(self.refusals, self.down_since) > REST

    def tried_for(self, since: datetime | None, now: datetime) -> timedelta:
        """Return for how long the channel was tried without an acceptance, after `since` if there is one."""
        began = [each for each in (self.tried_since, since) if each]
        return now - max(began) if self.tried_since else timedelta(0)

    def _idle(self, now: datetime) -> timedelta:
        """Return by how much this attempt is late, because all records were held or the function did not run."""
        late = now - self.next_try if self.next_try else timedelta(0)
        return late if late > LONGEST_BACK_OFF else timedelta(0)


HEALTHY = Health()


def admission(health: Health, since: datetime | None, now: datetime) -> Admission:
    """Decide about a notification that has waited since then.

    After the horizon each notification is tried once more without a probe, because it is given up after an attempt
    only; otherwise it would end unnoticed with its queue record.
    """
    if not health.closed or health.tried_for(since, now) > HORIZON:
        return "send"
    return "wait" if health.wait_s(now) > 0 else "probe"


def refusing_channels(health: Mapping[str, Health]) -> tuple[str, ...]:
    """Return the channels that have accepted nothing since they refused a message or a probe."""
    return tuple(name for name, each in health.items() if each.down_since)


def _cause(error: ChannelError) -> Cause:
    if isinstance(error, MendableError):
        return "mendable"
    return "ambiguous" if isinstance(error, UnacknowledgedError) else "later"


def doubled(attempts: int) -> timedelta:
    """Double 1 s for each attempt after the first, up to the longest wait."""
    return min(LONGEST_BACK_OFF, timedelta(seconds=2.0 ** min(attempts - 1, _MOST_DOUBLINGS)))


def _back_off(refusals: int, down_since: datetime) -> timedelta:
    """Less a tenth at most; the jitter is the fraction of the outage's first second."""
    return doubled(refusals) * (0.9 + down_since.microsecond / 1e7)
