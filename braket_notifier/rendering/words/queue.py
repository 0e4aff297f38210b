"""The tasks or jobs ahead of one that waits, as Braket counts them; pure."""

import re

from braket_notifier.domain.resource import Kind
from braket_notifier.domain.transition import Transition
from braket_notifier.text.wording import number, plural

#: Braket's position, which is the number ahead, like `14` or `>2000`.
_POSITION = re.compile(r"(>?)(\d{1,9})")


def ahead(transition: Transition) -> str:
    """Return "14 tasks ahead" for a QUEUED resource that was read; Braket shows no queue in a reservation."""
    snapshot = transition.snapshot
    read = transition.status == snapshot.status == "QUEUED" and not (snapshot.degraded or snapshot.reservation)
    return tasks_ahead(snapshot.arn.kind, snapshot.queue_position) if read else ""


def tasks_ahead(kind: Kind, position: str, earlier: str = "") -> str:
    """Return "14 tasks ahead (30 two hours ago)"; empty if the position is no number.

    The number may have grown, because Braket prefers some tasks.
    """
    now, before = _POSITION.fullmatch(position), _POSITION.fullmatch(earlier)
    if now is None:
        return ""
    things = plural(int(now[2]), kind)
    found = f"more than {things} ahead" if now[1] else f"{things} ahead" if int(now[2]) else f"no {kind} ahead"
    return f"{found} ({'more than ' if before[1] else ''}{number(int(before[2]))} two hours ago)" if before else found
