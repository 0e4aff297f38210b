"""A transition as a message, the same for every channel that people read; pure."""

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Children
from braket_notifier.domain.transition import Transition, has_results
from braket_notifier.rendering import job, task
from braket_notifier.rendering.message import LINK, PUSH, Beside, Message
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.hints import hint
from braket_notifier.rendering.words.money import amount
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import PARTLY_FAILED, Outcome, corrected, is_known, outcome
from braket_notifier.rendering.words.preview import preview
from braket_notifier.rendering.words.recipients import shown_owner, why_received
from braket_notifier.routing import tags
from braket_notifier.text.wording import clean, cut, plural

#: Characters of a failure reason.
QUOTE = 1500
#: The tag with which a hybrid job's script says its result.
SAY = "say"
NOTHING = Beside()
#: Marks of failures, for owners who are mentioned for failures only.
FAILURES = {"❌", "🟠"}


def render(transition: Transition, policy: Policy, channel: str = "", beside: Beside = NOTHING) -> Message:
    """Render status, resource, device, shots, times and reason, and nothing that Braket did not give.

    The channel decides whether the owner is mentioned.
    """
    snapshot, ends = transition.snapshot, outcome(transition, policy)
    if transition.beside_card and snapshot.children:
        return _last_tasks(transition, snapshot.children, policy, channel)
    is_job = snapshot.arn.kind == "job"
    words = job.headline(transition, ends) if is_job else ends.headline
    figures = job.figures(transition) if is_job else task.figures(transition, policy)
    called, was = name(snapshot), corrected(transition)
    push = " · ".join(filter(None, (f"{ends.mark} {called} {ends.push}{was}", *figures)))
    return Message(
        mark=ends.mark,
        push=cut(push, PUSH),
        headline=f"{ends.mark} {called} — {words}{was}",
        lines=(*_lines(transition, ends, policy, beside), *_cautions(transition, policy, channel)),
        owner=shown_owner(transition, policy, channel, failed=ends.mark in FAILURES),
        reason=cut(clean(snapshot.failure_reason), QUOTE),
        notes=_notes(transition, policy, beside),
        code=_code(transition, ends) if policy.show_code else "",
        code_note="returns the good ones" if policy.show_code and ends is PARTLY_FAILED else "",
        links=_links(transition, beside),
        short_id=snapshot.arn.short_id,
    )


def _lines(transition: Transition, ends: Outcome, policy: Policy, beside: Beside) -> tuple[str, ...]:
    """Return the lines with amount and submitter in the second, and results in the third; no lock screen shows them."""
    body = job if transition.arn.kind == "job" else task
    lines, by = body.lines(transition, ends, policy, beside), clean(transition.snapshot.submitter)
    second = (amount(transition.snapshot), f"submitted by {by}" if by else "")
    further = (" · ".join(filter(None, second)), _results(transition, policy, beside))
    return (*lines[:1], *filter(None, further), *lines[1:])


def _results(transition: Transition, policy: Policy, beside: Beside) -> str:
    """Return the most frequent outcomes, or what an ended hybrid job's own tag says of its result."""
    if beside.results and beside.results.preview:
        return preview(beside.results.preview)
    snapshot = transition.snapshot
    said = clean(snapshot.tags.get(SAY, "")) if snapshot.arn.kind == "job" and snapshot.terminal else ""
    return f"It says: {said}" if said and policy.read_results else ""


def render_briefly(transition: Transition, policy: Policy) -> Message:
    """Render name, status and the page in the console alone, of what reached its person by no address."""
    snapshot, ends = transition.snapshot, outcome(transition, policy)
    words, arn = f"{ends.mark} {name(snapshot)}", snapshot.arn
    return Message(
        mark=ends.mark,
        push=f"{words} {ends.push}",
        headline=f"{words} — {ends.headline}",
        lines=(),
        links=() if arn.invented else (("Console", links.resource(arn)),),
        short_id=arn.short_id,
    )


def _last_tasks(transition: Transition, last: Children, policy: Policy, channel: str) -> Message:
    """Render one line, because the job's own message or card has everything else."""
    snapshot, line = transition.snapshot, job.last_tasks(last)
    mark = job.mark_of_last(last)
    return Message(
        mark=mark,
        push=cut(f"{mark} {name(snapshot)}: {line}", PUSH),
        headline=f"{mark} {name(snapshot)} — {line}",
        lines=(),
        owner=shown_owner(transition, policy, channel, failed=mark in FAILURES),
        links=_links(transition, NOTHING),
        short_id=snapshot.arn.short_id,
    )


def _notes(transition: Transition, policy: Policy, beside: Beside) -> tuple[str, ...]:
    snapshot = transition.snapshot
    batch, others = cut(clean(snapshot.tags.get("batch", "")), 60), beside.same_reason or 0
    advised = hint(snapshot.failure_reason, snapshot.arn.kind, policy.hint_rules)
    same = f"{plural(others, 'other task')} of batch {batch} failed with the same reason." if batch and others else ""
    return tuple(filter(None, (f"Hint: {advised}" if advised else "", same)))


def _cautions(transition: Transition, policy: Policy, channel: str) -> tuple[str, ...]:
    received = why_received([transition], policy, channel)
    cautions = [received] if received else []
    if transition.snapshot.degraded and transition.status != "GONE":  # that one keeps what Braket said of it before
        cautions.append("Known from Braket's event alone; the other details are missing.")
    if not is_known(transition.status):
        cautions.append("This notifier does not know this status; the console may say more.")
    return (*cautions, *tags.cautions(transition.snapshot, policy))


def _code(transition: Transition, ends: Outcome) -> str:
    if transition.arn.invented or (transition.status != "COMPLETED" and ends is not PARTLY_FAILED):
        return ""
    kind = "AwsQuantumJob" if transition.arn.kind == "job" else "AwsQuantumTask"
    return f'from braket.aws import {kind}; {kind}("{transition.arn}").result()'


def _links(transition: Transition, beside: Beside) -> tuple[tuple[str, str], ...]:
    """Return the links; those of a hybrid job come in the order of use: logs, output, console."""
    snapshot, ended = transition.snapshot, transition.snapshot.terminal
    if transition.arn.invented:
        return ()
    console, folder = ("Console", links.resource(transition.arn)), links.folder(snapshot) if ended else ""
    if transition.arn.kind == "job":
        candidates = [("Logs", links.logs(snapshot)), ("Output in S3", folder), console]
    else:
        results = transition.status == "COMPLETED" or has_results(transition)
        candidates = [console, ("Results in S3" if results else "Task folder in S3", folder)]
        if file := task.file_of_failures(snapshot, beside.results):
            candidates.append((file, links.file(snapshot, file)))
    return tuple((text, url) for text, url in candidates if 0 < len(url) <= LINK)
