"""The tasks ahead in the queue of a device, and two hours ago; pure.

Braket's position is approximate, and no forecast follows from it. A sweep asks about the first and the last queued task
of each device, at most once in ten minutes, and remembers twelve positions of each.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from braket_notifier.domain.resource import Arn
from braket_notifier.watching.watched import Seen

#: The time between two positions of a task, less what the times of two sweeps may vary.
EVERY = timedelta(minutes=9)
#: The age of the earlier position that is shown, and by how much it may differ.
EARLIER, ABOUT = timedelta(hours=2), timedelta(minutes=20)
#: The age until which the last position is shown.
FRESH = timedelta(minutes=30)


def first_and_last(queued: Sequence[Arn]) -> tuple[Arn, ...]:
    """Return the tasks of one device that are asked about, of those in the order of their creation."""
    return tuple(dict.fromkeys((*queued[:1], *queued[-1:])))


def is_to_ask(seen: Seen | None, arn: Arn, now: datetime) -> bool:
    """Whether the last position is old enough for another one; a clock that went back asks too."""
    last = [at for at, _ in seen.queue.get(arn.text, ())][-1:] if seen else []
    return not last or abs(now - last[0]) >= EVERY


def last_position(seen: Seen | None, arn: Arn, now: datetime) -> str:
    """Return the last position of a task; empty if none of the last half hour is known."""
    found = seen.queue.get(arn.text, ()) if seen else ()
    return next((position for at, position in found[-1:] if now - at <= FRESH), "")


def earlier_position(seen: Seen | None, arn: Arn, now: datetime) -> str:
    """Return the position of about two hours ago; empty if none is known."""
    found = seen.queue.get(arn.text, ()) if seen else ()
    off, position = min(((abs(now - at - EARLIER), position) for at, position in found), default=(EARLIER, ""))
    return position if off <= ABOUT else ""
