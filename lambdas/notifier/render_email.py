"""A message as a plain-text e-mail: pure; an ASCII subject that says what happened, a body made for reading."""

from textwrap import fill

from notifier.render import Message
from notifier.text import cut, to_ascii

SUBJECT = 99
COLUMNS = 72


def subject(message: Message) -> str:
    """Under 100 ASCII characters, as SNS asks; the push line without its mark."""
    told = to_ascii(message.push.removeprefix(message.mark)) or message.short_id
    return cut(f"[Braket] {told}", SUBJECT).replace("…", "")


def body(message: Message, *, may_repeat: bool) -> str:
    """Prose is wrapped at 72 columns; code and URLs never are."""
    paragraphs = [_wrapped(message.headline), "\n".join(map(_wrapped, message.lines))]
    if message.reason:
        quoted = fill(message.reason, COLUMNS, initial_indent="> ", subsequent_indent="> ", break_long_words=False)
        paragraphs.append(f"Braket says:\n{quoted}")
    paragraphs += [f"{message.code}\n{message.code_note}".strip()] if message.code else []
    paragraphs.append("\n".join(f"{label}: {url}" for label, url in message.links))
    paragraphs.append(f"id {message.short_id}" + (" (may repeat an earlier e-mail)" if may_repeat else ""))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _wrapped(text: str) -> str:
    return fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False)
