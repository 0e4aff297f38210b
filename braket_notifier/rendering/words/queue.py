"""The tasks or jobs ahead of one that waits, as Braket counts them; pure."""

import re

from braket_notifier.domain.transition import Transition
from braket_notifier.text.wording import plural

#: Braket's position, which is the number ahead, like `14` or `>2000`.
_POSITION = re.compile(r"(>?)(\d{1,9})")


def ahead(transition: Transition) -> str:
    """Return "14 tasks ahead" for a QUEUED resource that was read; Braket shows no queue in a reservation."""
    snapshot = transition.snapshot
    found = _POSITION.fullmatch(snapshot.queue_position)
    read = transition.status == snapshot.status == "QUEUED" and not (snapshot.degraded or snapshot.reservation)
    if found is None or not read:
        return ""
    more, count = found[1], int(found[2])
    things = plural(count, snapshot.arn.kind)
    return f"more than {things} ahead" if more else f"{things} ahead" if count else f"no {snapshot.arn.kind} ahead"
