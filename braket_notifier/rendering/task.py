"""The texts about a quantum task: figures for a phone, and lines; pure."""

from datetime import datetime, timedelta

from braket_notifier.braket.devices import device, device_type
from braket_notifier.braket.results import RESULTS
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Children, Snapshot, has_failed_executables, is_program_set, may_have_results
from braket_notifier.domain.results import Failures, TaskResults
from braket_notifier.domain.transition import Transition, has_results, took
from braket_notifier.rendering.message import Beside
from braket_notifier.rendering.words.outcomes import PARTLY_FAILED, Outcome
from braket_notifier.rendering.words.queue import ahead
from braket_notifier.text.wording import clean, clock_time, cut, duration, number, plural, zoned_time

#: Time within which a failed task was rejected, not run; its message shows the duration instead of clock times.
SOON = timedelta(minutes=1)
#: Kinds of failed executables: Braket has three categories, each retryable or not.
KINDS = 6
#: Time before the end of a reservation in which it may cancel tasks already.
BEFORE_END = timedelta(minutes=15)
PROBABLY = "probably your reservation ended"
CAUSE = "Probable cause: the window ended (Braket gives no reason)"


def figures(transition: Transition, policy: Policy) -> tuple[str, ...]:
    return device(transition.snapshot.device).pushed, _figure(transition, policy)


def lines(transition: Transition, ends: Outcome, policy: Policy, beside: Beside) -> tuple[str, ...]:
    snapshot = transition.snapshot
    shots, good = snapshot.shots, snapshot.successful_shots
    shown = "" if shots is None else f"{plural(shots, 'shot')} asked"
    if shots and good is not None:
        shown = f"{number(good)} of {plural(shots, 'shot')}"
    if snapshot.executables is None or not is_program_set(snapshot):
        soon = f"failed {_soon(transition)}" if _failed_soon(transition) else ""
        where = [device(snapshot.device).described, snapshot.arn.region, _booked(transition, policy) or shown, soon]
        usable = ""
    else:
        programs = plural(snapshot.programs, "program") + ", " if snapshot.programs is not None else ""
        size = f"program set: {programs}{plural(snapshot.executables, 'executable')}"
        where = [device(snapshot.device).full, snapshot.arn.region, size]
        usable = f"Usable: {shown}" if shots and good is not None else shown
    texts = (
        " · ".join(filter(None, (*where, _in_reservation(transition, policy), ahead(transition)))),
        usable,
        *_times(transition, ends, policy, beside.as_of),
        _which_failed(transition, beside),
        *_reservation(transition, policy, beside),
    )
    return tuple(filter(None, texts))


def is_left_over(transition: Transition, policy: Policy) -> bool:
    """Whether the end of its reservation probably cancelled the task, as far as the settings know that end."""
    at, arn = transition.snapshot.ended_at or transition.at, transition.snapshot.reservation
    ends = [each.ends for each in (*policy.reservations, *policy.reserved) if each.arn == arn]
    return transition.left_over and (at is None or not ends or any(at >= each - BEFORE_END for each in ends))


def _reservation(transition: Transition, policy: Policy, beside: Beside) -> tuple[str, ...]:
    if not is_left_over(transition, policy):
        return ()
    return (counted(beside.reservation), CAUSE, "To run it: resubmit on demand or book another window.")


def _booked(transition: Transition, policy: Policy) -> str:
    booked = short_arn(transition.snapshot.reservation)
    return f"reservation {booked} (the task carries its ARN)" if is_left_over(transition, policy) else ""


def _in_reservation(transition: Transition, policy: Policy) -> str:
    booked = transition.snapshot.reservation
    return f"in reservation {short_arn(booked)}" if booked and not is_left_over(transition, policy) else ""


def short_arn(arn: str) -> str:
    return "…/" + cut(clean(arn.rsplit("/", 1)[-1]), 9)


def counted(tasks: Children | None) -> str:
    """Return the counts of all quantum tasks of a reservation."""
    if tasks is None:
        return ""
    ends = (("ok", tasks.completed), ("partial", tasks.partial), ("failed", tasks.failed))
    outcomes = [f"{number(count)} {word}" for word, count in ends if count]
    outcomes += [f"{number(tasks.cancelled)} cancelled, did not run"] if tasks.cancelled else []
    return f"Of this reservation's {plural(tasks.submitted, 'task')}: {', '.join(outcomes)}"


def _which_failed(transition: Transition, beside: Beside) -> str:
    snapshot, results = transition.snapshot, beside.results
    file = file_of_failures(snapshot, results)
    if not results or not results.failures:
        return f"{file} says which ones failed" if file else ""
    kinds = " + ".join(map(kind_of, results.failures[:KINDS]))
    lost = plural(sum(each.count for each in results.failures), "executable")
    return f"Failed: {lost} = {kinds}; which ones, in {'the thread' if beside.threaded else file}"


def file_of_failures(snapshot: Snapshot, results: TaskResults | None) -> str:
    """Name the file that lists failed executables; a QPU's results are spread over files, as Braket documents it."""
    if results and results.failures:
        return results.file
    if not has_failed_executables(snapshot):
        return ""
    return "metadata.json" if device_type(snapshot.device) == "qpu" else RESULTS


def kind_of(failures: Failures) -> str:
    retryable = {True: " (retryable)", False: " (not retryable)", None: ""}[failures.retryable]
    return f"{number(failures.count)} {cut(clean(failures.category), 20)}{retryable}"


def _figure(transition: Transition, policy: Policy) -> str:
    """Return the most important number, or the time if there is none."""
    snapshot, span = transition.snapshot, took(transition)
    shots, good = snapshot.shots, snapshot.successful_shots
    if is_left_over(transition, policy):
        return PROBABLY
    if may_have_results(snapshot):
        return "results may exist"
    if transition.status == "FAILED" and not good:
        return clean(snapshot.failure_reason) or ("no results" if good == 0 else _soon(transition))
    taken = f"took {duration(span)}" if span and snapshot.terminal else ""
    if queued := ahead(transition):
        return queued
    if not shots or good is None or not snapshot.terminal:  # a simulator computes exactly with 0 shots
        return taken
    share = f" ({min(99, round(100 * good / shots))} %)" if good < shots else f" · {taken}" if taken else ""
    return f"{number(good)}/{number(shots)} shots{share}"


def _times(transition: Transition, ends: Outcome, policy: Policy, as_of: datetime | None) -> tuple[str, ...]:
    """Show waiting and running apart only if RUNNING was recorded, because a quantum task has no startedAt."""
    created, ended = transition.snapshot.created_at, transition.snapshot.ended_at or transition.at
    if not (created and ended and transition.snapshot.terminal) or _failed_soon(transition) or ends is PARTLY_FAILED:
        return ()
    submitted = clock_time(created, policy.time_zone, as_of or ended, named=ended)
    spans = f"took {duration(ended - created)}"
    if running := transition.running_at:
        spans = f"waited {duration(running - created)}, ran {duration(ended - running)}"
    return (f"Submitted {submitted}, {ends.ended} {zoned_time(ended, policy.time_zone, as_of)} · {spans}",)


def _soon(transition: Transition) -> str:
    span = took(transition)
    if span is None:
        return ""
    return f"{duration(span)} after submission" if _failed_soon(transition) else f"took {duration(span)}"


def _failed_soon(transition: Transition) -> bool:
    span = took(transition)
    return transition.status == "FAILED" and not has_results(transition) and span is not None and span < SOON
