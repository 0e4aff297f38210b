"""A message as Slack's Block Kit: pure, escaped exactly once, within Slack's limits by construction."""

from notifier.model import Notification
from notifier.render import Message
from notifier.text import cut

HEADER = 150
SECTION = 2900

Block = dict[str, object]


def blocks(message: Message, *, may_repeat: bool) -> list[Block]:
    """Header, facts, Braket's words, the line of code, and a quiet last line with the links."""
    quote = f"Braket says:\n> {_fitting(message.reason)}" if message.reason else ""
    small = [f"<{url}|{escape(label)}>" for label, url in message.links] + [f"id {message.short_id}"]
    small += ["may repeat an earlier message"] if may_repeat else []
    code = f"`{escape(message.code)}` {message.code_note}".strip() if message.code else ""
    sections = (_fitting("\n".join(message.lines)), quote, code)
    facts: list[Block] = [{"type": "section", "text": _mrkdwn(section)} for section in sections if section]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": cut(message.headline, HEADER)}},
        *facts,
        {"type": "context", "elements": [_mrkdwn(" · ".join(small))]},
    ]


def metadata(notification: Notification) -> dict[str, object]:
    """What lets a program find the message again: the notification's id, resource and status."""
    transition = notification.transition
    payload = {"id": notification.id, "arn": transition.arn.text, "status": transition.status}
    return {"event_type": "braket_status", "event_payload": payload}


def escape(text: str) -> str:
    """Slack gives meaning to these three only; `&` first, so that nothing is escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fitting(text: str) -> str:
    """Escaped and short enough; cut before it is escaped, for a cut through `&amp;` leaves a piece of it to be read."""
    escaped = escape(text)
    return escaped if len(escaped) <= SECTION else _fitting(cut(text, len(text) * SECTION // len(escaped)))


def _mrkdwn(text: str) -> Block:
    """`verbatim` keeps Slack from making links and mentions of what only looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
