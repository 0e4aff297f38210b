"""A message as Slack's Block Kit: pure, escaped exactly once, within Slack's limits by construction."""

from collections.abc import Iterator

from braket_notifier.rendering.message import Message, Section
from braket_notifier.text.wording import cut

#: Slack takes 150 characters in a header, 3,000 in a section, and an undocumented number in all: 8,000 are safe.
HEADER = 150
FACTS, QUOTE, NOTES, TABLE, LISTS, CODE = 1200, 1800, 700, 900, 2800, 400

Block = dict[str, object]


def blocks(message: Message, *, may_repeat: bool) -> list[Block]:
    """Header, facts, Braket's words and what is known of them, lists, code, and a quiet last line with the links."""
    sections = filter(None, (*_told(message), *_listed(message)))
    small = [f"<{url}|{escape(label)}>" for label, url in message.links]
    small += [f"id {message.short_id}"] if message.short_id else []
    small += ["may repeat an earlier message"] if may_repeat else []
    head: Block = {"type": "header", "text": {"type": "plain_text", "text": cut(message.headline, HEADER)}}
    told: list[Block] = [{"type": "section", "text": _mrkdwn(section)} for section in sections]
    quiet: list[Block] = [{"type": "context", "elements": [_mrkdwn(" · ".join(small))]}] if small else []
    return [head, *told, *quiet]


def escape(text: str) -> str:
    """Slack gives meaning to these three only; `&` first, so that nothing is escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(message: Message) -> Iterator[str]:
    first, *rest = message.lines or ("",)
    facts = _fitting("\n".join(rest), FACTS)
    between = " " if first.endswith(".") else " · "
    yield "\n".join(filter(None, (between.join(filter(None, (_fitting(first, FACTS), _owner(message)))), facts)))
    yield f"Braket says:\n> {_fitting(message.reason, QUOTE)}" if message.reason else ""
    yield _fitting("\n".join(message.notes), NOTES)
    yield f"`{_fitting(message.code, CODE)}` {message.code_note}".strip() if message.code else ""


def _listed(message: Message) -> Iterator[str]:
    yield f"```\n{_fitting(_table(message.table), TABLE)}\n```" if message.table else ""
    for section in message.sections:
        yield f"*{escape(section.title)}*\n{_fitting(_section(section), LISTS // len(message.sections))}"
    command = f"`{_fitting(message.command, CODE)}`" if message.command else ""
    yield " ".join(filter(None, (escape(message.closing), command)))


def _owner(message: Message) -> str:
    """A mention is made of a Slack ID in the settings, never of a text."""
    if message.owner is None:
        return ""
    return f"<@{message.owner.slack}>" if message.owner.slack else escape(message.owner.name)


def _section(section: Section) -> str:
    return "\n".join("• " + " — ".join(filter(None, row)) for row in section.rows)


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    """Only columns that say something: a phone is narrow."""
    columns = [column for column in zip(*rows, strict=True) if set(column[1:]) != {"-"}]
    widths = [max(map(len, column)) for column in columns]
    lines = (zip(row, widths, strict=True) for row in zip(*columns, strict=True))
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(line)
        ).rstrip()
        for line in lines
    )


def _fitting(text: str, most: int) -> str:
    """Escaped and short enough; cut before it is escaped, for a cut through `&amp;` leaves a piece of it to be read."""
    escaped = escape(text)
    return escaped if len(escaped) <= most else _fitting(cut(text, len(text) * most // len(escaped)), most)


def _mrkdwn(text: str) -> Block:
    """`verbatim` keeps Slack from making links and mentions of what only looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
