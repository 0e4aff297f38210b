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
#: A probe that a command brings forward comes so long after the last try, and a sender reserves a probe for so long.
REST = timedelta(seconds=30)
#: Seconds for which a record waits at most while somebody may mend the cause, so that it follows a command's probe
#: within two minutes of the command.
MENDED_WITHIN_S = 75
#: A channel whose next try is overdue by so long has no record that would try it.
LEFT_AFTER = timedelta(minutes=30)


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
    #: The last probe succeeded, or a command asks a channel without a probe: messages are sent until one is refused.
    probed: bool = False
    #: The time of the outage for which the fallback was last sent that the channel cannot be reached.
    announced_at: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.down_since is not None and not self.probed

    def refused(self, error: ChannelError, now: datetime, *, shows: bool = False) -> "Health":
        """Return the health after a refused message or probe: wait twice as long, or as long as was asked for.

        `shows`: no call probes the channel, so that people may see a message at each try without an acknowledgement.
        """
        refused = Health(
            down_since=self.down_since or now,
            cause=_cause(error),
            reason=str(error),
            refusals=self.refusals + 1,
            tried_since=(self.tried_since or now) + self._idle(now),
            announced_at=self.announced_at,
        )
        asked = (error.after_s or 0) if isinstance(error, TryLaterError) else 0
        wait = max(refused._back_off(shows=shows), timedelta(seconds=int(asked + 1) if asked else 0))
        return replace(refused, next_try=now + wait)

    def with_probe(self, now: datetime) -> "Health":
        """Reserve the present probe for its sender, for as long as the probe may take; another one follows a crash."""
        return replace(self, next_try=now + REST, tried_since=(self.tried_since or now) + self._idle(now))

    def wait_s(self, now: datetime) -> float:
        return (self.next_try - now).total_seconds() if self.next_try else 0.0

    def hidden_s(self, now: datetime) -> float:
        """Return for how long a record is put back, which is shorter than the back-off if somebody may mend the cause.

        SQS shows no hidden record early. After the horizon each record that comes is an attempt.
        """
        soon = self.cause == "mendable" and self.tried_for(None, now) <= HORIZON
        return min(self.wait_s(now), MENDED_WITHIN_S) if soon else self.wait_s(now)

    def mended_s(self, now: datetime, *, shows: bool) -> float:
        """Return in how many seconds a command may probe: `REST` after the last try, at the latest at the next one."""
        wait, rest_s = self.wait_s(now), REST.total_seconds()
        tried_ago_s = self._back_off(shows=shows).total_seconds() - wait
        return wait if wait <= rest_s else min(wait, max(0.0, rest_s - tried_ago_s))

    def is_left(self, now: datetime) -> bool:
        """Whether nobody tries a channel that is down, because its queue is empty or all its records are hidden."""
        return self.down_since is not None and now - (self.next_try or now) > LEFT_AFTER

    def is_over(self, now: datetime) -> bool:
        """Whether the channel was tried for so long that messages are sent only to be given up."""
        return self.closed and self.tried_for(None, now) > HORIZON

    def tried_for(self, since: datetime | None, now: datetime) -> timedelta:
        """Return for how long the channel was tried without an acceptance, after `since` if there is one."""
        began = [each for each in (self.tried_since, since) if each]
        return now - max(began) if self.tried_since else timedelta(0)

    def _back_off(self, *, shows: bool) -> timedelta:
        """Less a tenth at most; the jitter is the fraction of the outage's first second."""
        shown = min(LONGEST_BACK_OFF, REST * 3.0 ** min(self.refusals - 1, _MOST_DOUBLINGS))
        longest = shown if shows and self.cause == "ambiguous" else doubled(self.refusals)
        return longest * (0.9 + (self.down_since.microsecond if self.down_since else 0) / 1e7)

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
