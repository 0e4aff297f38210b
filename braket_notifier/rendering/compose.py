"""What a channel is given to tell, one notification or a digest, as a message and as what programs find it by: pure."""

from collections.abc import Callable

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.program_set import ReadFailures, no_failures
from braket_notifier.domain.resource import has_failed_executables
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.executables import render_executables
from braket_notifier.rendering.message import Beside, Message
from braket_notifier.rendering.transition import render

#: Slack refuses a message whose metadata is too large, and does not say what that is.
MOST_IDS = 200
#: How a channel gets its messages: `message_of` with all but its first argument given.
Compose = Callable[[Notification | Digest], Message]


def message_of(
    told: Notification | Digest,
    policy: Policy,
    channel: str,
    *,
    read: ReadFailures = no_failures,
    threads: bool = False,
) -> Message:
    """The channel decides whether an owner is mentioned; in one with threads a job's own tasks are told there."""
    if isinstance(told, Digest):
        return render_digest(told, policy, channel)
    snapshot = told.transition.snapshot
    if told.which:
        return render_executables(told.transition, told.which)
    failures = read(snapshot) if has_failed_executables(snapshot) else None
    threaded = threads and not (told.silent and snapshot.job_arn)  # which is in a thread itself
    beside = Beside(told.alike, told.reservation, failures=failures, threaded=threaded, as_of=told.as_of)
    return render(told.transition, policy, channel, beside)


def metadata_of(told: Notification | Digest) -> dict[str, object]:
    """What lets a program find a Slack message again: the notification's id, resource and status, or its ids."""
    if isinstance(told, Digest):
        payload: dict[str, object] = {"ids": list(told.news[:MOST_IDS]), "count": len(told.news)}
        return {"event_type": "braket_digest", "event_payload": payload}
    transition = told.transition
    payload = {"id": told.id, "arn": transition.arn.text, "status": transition.status}
    return {"event_type": "braket_status", "event_payload": payload}
