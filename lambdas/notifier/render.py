"""A transition in words, the same for every channel that people read: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier import links
from notifier.devices import device
from notifier.model import RANKS, Snapshot, Transition
from notifier.policy import Policy
from notifier.route import is_partial, took
from notifier.text import clean, clock_time, cut, duration, number, plural, zoned_time

PUSH = 110
QUOTE = 1500
#: A folder's name may be longer than any message has room for.
LINK = 2000
#: A task that failed this soon was rejected, not run; the time says so better than the clock does.
SOON = timedelta(minutes=1)
_LONG_NAME = 16
_UNTELLING = {"tasks", "results", "output", "quantum-task", "quantum-tasks"}


@dataclass(frozen=True, slots=True)
class Message:
    """What people are told; every text is cleaned of control characters but not yet escaped for any channel."""

    mark: str
    push: str
    headline: str
    lines: tuple[str, ...]
    reason: str
    code: str
    code_note: str
    links: tuple[tuple[str, str], ...]
    short_id: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one way to end (or to go on) is marked and worded."""

    mark: str
    push: str
    headline: str
    ended: str


_OUTCOMES = {
    "RUNNING": _Outcome("▶", "running", "RUNNING", "running"),
    "COMPLETED": _Outcome("✅", "done", "COMPLETED", "done"),
    "FAILED": _Outcome("❌", "FAILED", "FAILED", "failed"),
    "CANCELLED": _Outcome("⏹", "cancelled", "CANCELLED", "cancelled"),
    "GONE": _Outcome("❔", "is gone", "GONE: Braket no longer knows it", "gone"),
}
_PARTLY_DONE = _Outcome("🟠", "partly done", "COMPLETED with part of the results", "done")
_PARTLY_FAILED = _Outcome("🟠", "partly failed", "FAILED by Braket, but results exist", "failed")


def render(transition: Transition, policy: Policy) -> Message:
    """Say what happened, to what, where, with how many shots, when and why; nothing that Braket did not give."""
    snapshot = transition.snapshot
    outcome = _outcome(transition, policy)
    label = name(snapshot)
    figure = _job_figure(transition) if snapshot.arn.kind == "job" else _task_figure(transition)
    where = device(snapshot.device)
    shown = where.full if snapshot.arn.kind == "task" and len(where.full) <= _LONG_NAME else where.short
    push = " · ".join(part for part in (f"{outcome.mark} {label} {outcome.push}", shown, figure) if part)
    kind = "hybrid job " if snapshot.arn.kind == "job" else ""
    corrected = f" (corrected: was {transition.was})" if transition.correction else ""
    body = _job_lines if snapshot.arn.kind == "job" else _task_lines
    return Message(
        mark=outcome.mark,
        push=cut(push, PUSH),
        headline=f"{outcome.mark} {label} — {kind}{outcome.headline}{corrected}",
        lines=(*body(transition, outcome, policy), *_cautions(transition)),
        reason=cut(clean(snapshot.failure_reason), QUOTE),
        code=_code(transition, outcome),
        code_note="returns the good ones" if outcome is _PARTLY_FAILED else "",
        links=_links(transition),
        short_id=snapshot.arn.short_id,
    )


def name(snapshot: Snapshot) -> str:
    """Tag `Name`, else `batch`, else the job's name, else the last telling folder, else the short id."""
    folders = [part for part in snapshot.directory.split("/") if part and part != snapshot.arn.id]
    telling = [part for part in folders if part not in _UNTELLING]
    wanted = (snapshot.tags.get("Name"), snapshot.tags.get("batch"), snapshot.job_name, *telling[-1:])
    return next((cut(clean(each), 60) for each in wanted if each and clean(each)), snapshot.arn.short_id)


def _outcome(transition: Transition, policy: Policy) -> _Outcome:
    if transition.status == "FAILED" and transition.snapshot.successful_shots:
        return _PARTLY_FAILED
    if transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below):
        return _PARTLY_DONE
    word = clean(transition.status)
    return _OUTCOMES.get(transition.status, _Outcome("❔", word, word, word.lower()))


def _task_figure(transition: Transition) -> str:
    """The one number that matters, and the time where that is not it."""
    snapshot, span = transition.snapshot, took(transition)
    shots, good = snapshot.shots, snapshot.successful_shots
    if transition.status == "FAILED" and not good:
        return "no results" if good == 0 else _soon(transition)
    if shots is None or good is None or not snapshot.terminal:
        return duration(span) if span and snapshot.terminal else ""
    share = f" ({min(99, round(100 * good / shots))} %)" if good < shots else f" · {duration(span)}" if span else ""
    return f"{number(good)}/{number(shots)} shots{share}"


def _job_figure(transition: Transition) -> str:
    snapshot = transition.snapshot
    ran = _between(snapshot.started_at, snapshot.ended_at)
    return duration(ran) if ran is not None else ""


def _task_lines(transition: Transition, outcome: _Outcome, policy: Policy) -> tuple[str, ...]:
    snapshot = transition.snapshot
    shots, good = snapshot.shots, snapshot.successful_shots
    counted = "" if shots is None else f"{plural(shots, 'shot')} asked"
    if shots is not None and good is not None:
        counted = f"{number(good)} of {plural(shots, 'shot')}"
    if snapshot.executables is None:
        soon = _soon(transition) if _failed_soon(transition) else ""
        where = [device(snapshot.device).described, snapshot.arn.region, counted, soon]
        usable = ""
    else:
        programs = plural(snapshot.programs, "program") + ", " if snapshot.programs is not None else ""
        size = f"program set: {programs}{plural(snapshot.executables, 'executable')}"
        where = [device(snapshot.device).full, snapshot.arn.region, size]
        usable = f"Usable: {counted}" if good is not None else counted
    lines = (
        " · ".join(filter(None, where)),
        usable,
        *_task_times(transition, outcome, policy),
        _which_failed(snapshot),
    )
    return tuple(filter(None, lines))


def _which_failed(snapshot: Snapshot) -> str:
    incomplete = snapshot.executables and snapshot.successful_shots and is_partial(snapshot, 1.0)
    return "Which ones failed is in results.json" if incomplete else ""


def _task_times(transition: Transition, outcome: _Outcome, policy: Policy) -> tuple[str, ...]:
    """Waiting and running apart only if RUNNING was seen: a quantum task has no startedAt."""
    created, ended = transition.snapshot.created_at, transition.snapshot.ended_at or transition.at
    if not (created and ended and transition.snapshot.terminal) or _failed_soon(transition):
        return ()
    submitted = clock_time(created, policy.time_zone, beside=ended)
    spans = f"took {duration(ended - created)}"
    if running := transition.running_at:
        spans = f"waited {duration(running - created)}, ran {duration(ended - running)}"
    return (f"Submitted {submitted}, {outcome.ended} {zoned_time(ended, policy.time_zone)} · {spans}",)


def _job_lines(transition: Transition, outcome: _Outcome, policy: Policy) -> tuple[str, ...]:
    snapshot = transition.snapshot
    ended = snapshot.ended_at if snapshot.terminal else None
    ran, limit = _between(snapshot.started_at, ended), snapshot.max_runtime_s
    most = f" of max {duration(timedelta(seconds=limit))}" if limit else ""
    where = [device(snapshot.device).full, clean(snapshot.instance_type), snapshot.arn.region]
    where.append(f"ran {duration(ran)}{most}" if ran is not None else most.removeprefix(" of "))
    reached = [("submitted", snapshot.created_at), ("running", snapshot.started_at), (outcome.ended, ended)]
    seen = [(word, at) for word, at in reached if at]
    last = seen[-1][1] if seen else None
    words = [f"{word} {clock_time(at, policy.time_zone, beside=last)}" for word, at in seen[:-1]]
    words += [f"{word} {zoned_time(at, policy.time_zone)}" for word, at in seen[-1:]]
    first = " · ".join(part for part in where if part)
    return (first, "Timeline: " + " → ".join(words)) if words else (first,)


def _cautions(transition: Transition) -> tuple[str, ...]:
    cautions = []
    if transition.snapshot.degraded:
        cautions.append("Known from Braket's event only: the details could not be read.")
    if transition.status not in RANKS:
        cautions.append("This notifier does not know this status; the console may say more.")
    return tuple(cautions)


def _code(transition: Transition, outcome: _Outcome) -> str:
    if outcome.mark not in {"✅", "🟠"}:
        return ""
    kind = "AwsQuantumJob" if transition.arn.kind == "job" else "AwsQuantumTask"
    return f'{kind}("{transition.arn}").result()'


def _links(transition: Transition) -> tuple[tuple[str, str], ...]:
    snapshot, job = transition.snapshot, transition.arn.kind == "job"
    results = transition.status == "COMPLETED" or snapshot.successful_shots
    label = "Output in S3" if job else "Results in S3" if results else "Task folder in S3"
    found = [("Console", links.resource(transition.arn)), (label, links.folder(snapshot) if snapshot.terminal else "")]
    found += [("Logs", links.logs(transition.arn))] if job else []
    return tuple((text, url) for text, url in found if 0 < len(url) <= LINK)


def _soon(transition: Transition) -> str:
    span = took(transition)
    if span is None:
        return ""
    return f"failed {duration(span)} after submit" if _failed_soon(transition) else f"after {duration(span)}"


def _failed_soon(transition: Transition) -> bool:
    span = took(transition)
    return transition.status == "FAILED" and span is not None and span < SOON


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start and end else None
