"""The timeline of a hybrid job in a line, from Braket's event log; pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from braket_notifier.domain.resource import JobEvent, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.words.outcomes import Outcome
from braket_notifier.text.wording import clean, clock_time, cut, span, zone_name

#: Names of waits, which are shown with their duration; other events are shown with their start.
_WAITS = {"WAITING_FOR_PRIORITY": "priority queue", "QUEUED_FOR_EXECUTION": "queue"}
_WORDS = {
    "RUNNING": "running",
    "DEPRIORITIZED_DUE_TO_INACTIVITY": "lost its priority (inactive)",
    "MAX_RUNTIME_EXCEEDED": "stopped at its maximum run time",
}
#: Events that are not shown: steps of the instance, and ends, for which Braket has a time of its own.
_NOT_SHOWN = {"STARTING_INSTANCE", "DOWNLOADING_DATA", "UPLOADING_RESULTS", "COMPLETED", "FAILED", "CANCELLED"}


def timeline(transition: Transition, ends: Outcome, zone: str, as_of: datetime | None) -> str:
    """Return the recorded steps in order; `as_of` is the time of the message."""
    snapshot = transition.snapshot
    ended = snapshot.ended_at if snapshot.terminal else None
    seen = _seen(snapshot)
    moments = [at for at in (snapshot.created_at, *(at for at, _ in seen), ended) if at]
    if not moments:
        return ""
    clock = partial(clock_time, zone=zone, beside=as_of or moments[-1], named=moments[-1])
    steps = [f"submitted {clock(snapshot.created_at)}"] if snapshot.created_at else []
    steps += _steps(seen, ended, clock)
    steps += [f"{ends.ended} {clock(ended)}"] if ended else []
    return f"Timeline: {' → '.join(steps)} {zone_name(moments[-1], zone)}"


def _seen(snapshot: Snapshot) -> list[tuple[datetime, str]]:
    """Sort the events, because Braket promises no order; `startedAt` replaces a missing RUNNING event."""
    events = [*snapshot.events]
    if all(each.type != "RUNNING" for each in events):
        events.append(JobEvent("RUNNING", snapshot.started_at))
    return sorted(((each.at, each.type) for each in events if each.at), key=lambda pair: pair[0])


def _steps(seen: list[tuple[datetime, str]], ended: datetime | None, clock: Callable[[datetime], str]) -> Iterator[str]:
    later = [at for at, _ in seen[1:]] + [ended]
    for (at, kind), until in zip(seen, later, strict=bool(seen)):
        since = clock(at)
        if kind in _WAITS:
            yield f"{_WAITS[kind]} {span(until - at)}" if until else f"in the {_WAITS[kind]} since {since}"
        elif kind not in _NOT_SHOWN:
            yield f"{_WORDS.get(kind) or cut(clean(kind).lower().replace('_', ' '), 40)} {since}"
