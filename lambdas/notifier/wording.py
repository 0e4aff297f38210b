"""What a channel is given to tell, one notification or a digest, as a message and as what programs find it by: pure."""

from notifier.digest import Digest
from notifier.message import Message
from notifier.model import Notification
from notifier.policy import Policy
from notifier.render import render
from notifier.render_digest import render_digest


def message_of(told: Notification | Digest, policy: Policy, channel: str) -> Message:
    """The channel decides whether an owner is mentioned."""
    if isinstance(told, Digest):
        return render_digest(told, policy, channel)
    return render(told.transition, policy, channel)


def metadata_of(told: Notification | Digest) -> dict[str, object]:
    """What lets a program find a Slack message again: the notification's id, resource and status, or all its ids."""
    if isinstance(told, Digest):
        return {"event_type": "braket_digest", "event_payload": {"ids": list(told.news)}}
    transition = told.transition
    payload = {"id": told.id, "arn": transition.arn.text, "status": transition.status}
    return {"event_type": "braket_status", "event_payload": payload}
