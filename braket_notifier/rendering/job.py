"""The texts about a hybrid job: figures for a phone, counts of its quantum tasks, timeline; pure."""

from datetime import datetime, timedelta

from braket_notifier.braket.devices import device
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.message import Beside
from braket_notifier.rendering.words.outcomes import Outcome
from braket_notifier.rendering.words.queue import ahead
from braket_notifier.rendering.words.timeline import timeline
from braket_notifier.text.wording import clean, clock_time, duration, number, plural, zone_name

#: Failed tasks that a thread may list one by one; of more with the same reason it shows only the first.
FEW = 3
#: Shortest run time in the message of a running job; a shorter one is of no use.
SOON = timedelta(minutes=1)


def figures(transition: Transition) -> tuple[str, ...]:
    snapshot = transition.snapshot
    where, counts = device(snapshot.device).short, snapshot.children
    ran = _between(snapshot.started_at, snapshot.ended_at)
    if transition.status == "FAILED" and snapshot.failure_reason:
        return where, clean(snapshot.failure_reason)
    pushed = _pushed(transition, counts) if counts else ""
    return where, pushed, ahead(transition), f"ran {duration(ran)}" if ran is not None else ""


def headline(transition: Transition, ends: Outcome) -> str:
    counts = transition.snapshot.children
    if transition.status == FAILING:
        return f"hybrid job {ends.headline}" + (f", {_failing(counts)}" if counts else ", many tasks fail")
    need_look = counts.partial + counts.failed if counts and transition.snapshot.terminal else 0
    of = ""
    if counts and need_look:
        of = f", {number(need_look)} of {plural(counts.submitted, 'task')} need{'s' * (need_look == 1)} a look"
    return f"hybrid job {ends.headline}{of}"


def lines(transition: Transition, ends: Outcome, policy: Policy, beside: Beside) -> tuple[str, ...]:
    snapshot, counts = transition.snapshot, transition.snapshot.children
    where = (device(snapshot.device).full, clean(snapshot.instance_type), snapshot.arn.region)
    runtime = _runtime(snapshot, None if snapshot.terminal else beside.as_of, policy.time_zone)
    tasks = f"Tasks: {_tasks(counts, ended=snapshot.terminal)}" if counts else ""
    steps = timeline(transition, ends, policy.time_zone, beside.as_of)
    texts = (
        " · ".join(filter(None, (*where, runtime, ahead(transition)))),
        tasks,
        steps,
        _thread(beside, counts, policy),
    )
    return tuple(filter(None, texts))


def mark_of_last(counts: Children) -> str:
    return "🟠" if counts.partial or counts.failed else "✅" if counts.completed else "⏹"


def last_tasks(counts: Children) -> str:
    """Return the line about the quantum tasks that ended after their hybrid job."""
    ends = ", ".join(_named(("ok", counts.completed)) + _not_ok(counts))
    which = f"last {number(counts.submitted)}" if counts.submitted > 1 else "last"
    return f"the {which} of its tasks ended: {ends}"


def _runtime(snapshot: Snapshot, as_of: datetime | None, zone: str) -> str:
    """Return "ran 42 min of max 5 h by 10:45 CET"; a running job needs the time, because its card changes seldom."""
    limit = f"max {duration(timedelta(seconds=snapshot.max_runtime_s))}" if snapshot.max_runtime_s else ""
    ran = _between(snapshot.started_at, as_of or (snapshot.ended_at if snapshot.terminal else None))
    if ran is None or (as_of and ran < SOON):
        return limit
    by = f" by {clock_time(as_of, zone, snapshot.started_at)} {zone_name(as_of, zone)}" if as_of else ""
    return f"ran {duration(ran)}" + (f" of {limit}" if limit else "") + by


def _pushed(transition: Transition, counts: Children) -> str:
    if transition.status == FAILING:
        return _failing(counts)
    so_far = "" if transition.snapshot.terminal else " so far"
    return ", ".join((f"{number(counts.completed)}/{plural(counts.submitted, 'task')} ok", *_not_ok(counts))) + so_far


def _failing(counts: Children) -> str:
    return f"{number(counts.failed)} of {plural(counts.finished, 'ended task')} failed"


def so_far(counts: Children | None) -> str:
    """Return the counts of a hybrid job that still runs; empty without tasks."""
    if not counts:
        return ""
    ends = " · ".join((f"{number(counts.completed)} ok", *_not_ok(counts)))
    return f"{ends} of {number(counts.submitted)} submitted so far"


def _tasks(counts: Children, *, ended: bool) -> str:
    if not ended:
        return so_far(counts)
    still_open = counts.submitted - counts.finished
    shots = ""
    if counts.partial_shots is not None and counts.partial_successful_shots is not None:
        shots = f" ({number(counts.partial_successful_shots)}/{number(counts.partial_shots)} shots)"
    partial = tuple(f"{each}{shots}" for each in _named(("partial", counts.partial)))
    rest = _named(("failed", counts.failed), ("cancelled", counts.cancelled), ("still open", still_open))
    return " · ".join((f"{number(counts.completed)} ok", *partial, *rest))


def _not_ok(counts: Children) -> tuple[str, ...]:
    return _named(("partial", counts.partial), ("failed", counts.failed), ("cancelled", counts.cancelled))


def _named(*counts: tuple[str, int]) -> tuple[str, ...]:
    return tuple(f"{number(count)} {word}" for word, count in counts if count > 0)


def _thread(beside: Beside, counts: Children | None, policy: Policy) -> str:
    """Name the contents of the card's thread: failures (of many alike only the first) and tasks with too few shots."""
    if not beside.threaded or counts is None:
        return ""
    if counts.failed > FEW:
        return "In thread: failed tasks, with reason and link"
    kinds = (("failed", counts.failed), ("partial", int(_is_one_partial(counts, policy))))
    kinds_listed = [f"the {word}" if count == 1 else f"{number(count)} {word}" for word, count in kinds if count]
    task = "tasks" if counts.failed > 1 else "task"
    return f"In thread: {' and '.join(kinds_listed)} {task}, with reason and link" if kinds_listed else ""


def _is_one_partial(counts: Children, policy: Policy) -> bool:
    good, requested = counts.partial_successful_shots, counts.partial_shots
    if counts.partial != 1 or good is None or requested is None:
        return False
    return good < policy.partial_below * requested


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start and end else None
