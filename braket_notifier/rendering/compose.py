"""The message of a notification or digest, and the metadata by which programs find it in Slack; pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from braket_notifier.domain.announcement import MONTH, UNKNOWN_WORD, is_announcement, is_unreachable
from braket_notifier.domain.cost import for_time
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import REMINDERS
from braket_notifier.domain.resource import has_measurements, lists_failures
from braket_notifier.domain.results import ReadResults, TaskResults, no_results
from braket_notifier.domain.spending import SPENDING
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.executables import render_executables
from braket_notifier.rendering.message import Beside, Message
from braket_notifier.rendering.monthly import render_month
from braket_notifier.rendering.reminder import render_reminder
from braket_notifier.rendering.spending import render_spending
from braket_notifier.rendering.transition import render, render_briefly
from braket_notifier.rendering.unknown_word import render_unknown_word
from braket_notifier.rendering.unreachable import render_unreachable
from braket_notifier.rendering.weekly import render_week
from braket_notifier.rendering.words.names import name
from braket_notifier.sending.fallback import is_for_team
from braket_notifier.sending.unwanted import as_allowed
from braket_notifier.text.wording import clean

#: Ids in the metadata of a message, because Slack refuses large metadata without documenting its limit.
MOST_IDS = 200
#: Composes the message of a channel: `message_of` with all but its first argument given.
Compose = Callable[[Notification | Digest], Message]


def message_of(
    content: Notification | Digest,
    policy: Policy,
    channel: str,
    *,
    read: ReadResults = no_results,
    threads: bool = False,
    now: datetime | None = None,
) -> Message:
    """Compose the message; the channel decides about mentions, and `threads` about the place of a job's own tasks.

    `now` is the time of a message that has none yet.
    """
    content = _as_allowed(replace(content, as_of=content.as_of or now), policy)
    if isinstance(content, Digest):
        return render_digest(content, policy, channel)
    snapshot = content.transition.snapshot
    if is_announcement(content.transition.status):
        return _announced(content, policy, channel)
    if is_for_team(replace(content, channel=channel)):
        return render_briefly(content.transition, policy)
    if content.results:
        return render_executables(content.transition, content.results)
    results = read(snapshot) if lists_failures(snapshot) or has_measurements(snapshot) else None
    threaded = threads and not (content.silent and snapshot.job_arn)  # such a task is itself in a thread
    beside = Beside(content.alike, content.reservation, results=results, threaded=threaded, as_of=content.as_of)
    return render(_timed(_counted(content.transition, results), results), policy, channel, beside)


def _as_allowed(content: Notification | Digest, policy: Policy) -> Notification | Digest:
    if isinstance(content, Digest):
        return replace(content, transitions=tuple(as_allowed(each, lambda: policy) for each in content.transitions))
    return replace(content, transition=as_allowed(content.transition, lambda: policy))


def _announced(content: Notification, policy: Policy, channel: str) -> Message:
    transition, snapshot = content.transition, content.transition.snapshot
    word, _, period = transition.status.partition(" ")
    if word in REMINDERS:
        return render_reminder(transition, policy, channel, content.as_of)
    if word in SPENDING:
        return render_spending(transition, policy, channel)
    if is_unreachable(word):
        return render_unreachable(transition, content.passed_from, policy, content.as_of)
    if word == UNKNOWN_WORD:
        return render_unknown_word(snapshot, policy)
    if word == MONTH:
        return render_month(snapshot, period, money=policy.money)
    return render_week(snapshot.tags, snapshot.cost)


def _counted(transition: Transition, results: TaskResults | None) -> Transition:
    """Complete the transition by the count of successful shots, which Braket's answer lacks for a FAILED task."""
    if results is None or transition.snapshot.successful_shots is not None:
        return transition
    return replace(transition, snapshot=replace(transition.snapshot, successful_shots=results.successful_shots))


def _timed(transition: Transition, results: TaskResults | None) -> Transition:
    """Complete the cost of a simulator by its execution time, which only its results have."""
    cost = transition.snapshot.cost
    if results is None or results.ran is None or cost is None or cost.minute is None:
        return transition
    return replace(transition, snapshot=replace(transition.snapshot, cost=for_time(cost.minute, results.ran)))


def title_of(content: Notification | Digest) -> str:
    """Return the name of the content's resource or group."""
    if isinstance(content, Notification):
        return name(content.transition.snapshot)
    return clean(content.batch or content.title) or "this digest"


def metadata_of(content: Notification | Digest) -> dict[str, object]:
    """Return the metadata that identifies a Slack message: id, resource and status, or the ids of a digest.

    A list of executables repeats the id of the card in whose thread it stands.
    """
    if isinstance(content, Digest):
        payload: dict[str, object] = {"ids": list(content.news[:MOST_IDS]), "count": len(content.news)}
        return {"event_type": "braket_digest", "event_payload": payload}
    transition = content.transition
    payload = {"id": content.id, "arn": transition.arn.text, "status": transition.status}
    return {"event_type": "braket_executables" if content.results else "braket_status", "event_payload": payload}
