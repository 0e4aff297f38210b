"""A message as the JSON of a webhook, for people behind a service of the receiver's choice; pure."""

from datetime import datetime
from hashlib import sha256

from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.rendering.formats.handler import handler_message
from braket_notifier.rendering.message import Message
from braket_notifier.text.json_fields import iso, utf8_json

#: The event type of every message, because a digest has many statuses.
TYPE = "braket.message"
#: Resources that a digest names.
MOST_NAMED = 200


def message_id(content: Notification | Digest) -> str:
    """Return the notification's id, or for a digest one that only a repeat with the same content shares."""
    if isinstance(content, Notification):
        return content.id
    about = (f"{each.arn}|{each.status}" for each in content.transitions)
    words = "\n".join((content.title, content.occasion, f"{content.closing}", *content.news, *about))
    return sha256(words.encode()).hexdigest()[:16]


def to_json(
    message: Message, content: Notification | Digest, *, at: datetime, may_repeat: bool, brief: bool = False
) -> str:
    """Return the members that Standard Webhooks advises: type, timestamp and data; a brief one has no whole text."""
    every = content.transitions if isinstance(content, Digest) else (content.transition,)
    others = (each for each in every if not is_announcement(each.status))  # whose ARNs only the ledger knows
    named = [{"arn": each.arn.text, "status": each.status} for each in others]
    shown = handler_message(message, may_repeat=may_repeat)
    whole = {"text": shown.text, "markdown": shown.markdown, "resources": named[:MOST_NAMED]}
    data = {
        "id": message_id(content),
        "may_repeat": may_repeat,
        "severity": shown.severity,
        "push": shown.push,
        "title": message.headline,
        **({} if brief else whole),
        "links": [{"text": text, "url": url} for text, url in shown.links],
    }
    return utf8_json({"type": TYPE, "timestamp": iso(at), "data": data})
