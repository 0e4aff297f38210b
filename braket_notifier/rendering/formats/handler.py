"""A message in the forms that users' handlers get; pure."""

from collections.abc import Mapping

from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.formats.handler_message import HandlerMessage, Severity
from braket_notifier.rendering.formats.markdown import markdown
from braket_notifier.rendering.message import Message

#: The severity of each mark; any other mark is no more than information.
SEVERITIES: Mapping[str, Severity] = {
    "❌": "failure",
    "🟠": "warning",
    "❔": "warning",
    "⚠": "warning",
    "⏱": "warning",
    "✅": "success",
}


def handler_message(message: Message, *, may_repeat: bool) -> HandlerMessage:
    """Return the message as a push line, in plain text and in Markdown, with its links and its severity."""
    return HandlerMessage(
        push=message.push_line(may_repeat=may_repeat),
        text=body(message, may_repeat=may_repeat, called="message"),
        markdown=markdown(message, may_repeat=may_repeat),
        links=message.links,
        severity=SEVERITIES.get(message.mark, "info"),
    )
