"""A message as blocks of Slack's Block Kit, escaped once and within Slack's limits; pure."""

from collections.abc import Iterator

from braket_notifier.rendering.message import Message, Section
from braket_notifier.text.wording import cut

#: Characters of a card's parts. Slack accepts 150 in a header, 3,000 in a section, and about 8,000 in total.
HEADER = 150
FACTS, QUOTE, NOTES, TABLE, LISTS, CODE = 1200, 1800, 700, 900, 2800, 400

Block = dict[str, object]


def blocks(message: Message, *, may_repeat: bool) -> list[Block]:
    """Return header, facts, failure reason with notes, lists, code, and a last line with links."""
    sections = filter(None, (*_facts(message), *_listed(message)))
    small = [f"<{url}|{escape(label)}>" for label, url in message.links]
    small += [f"id {message.short_id}"] if message.short_id else []
    small += ["may repeat an earlier message"] if may_repeat else []
    header: Block = {"type": "header", "text": {"type": "plain_text", "text": cut(message.headline, HEADER)}}
    body: list[Block] = [{"type": "section", "text": _mrkdwn(section)} for section in sections]
    quiet: list[Block] = [{"type": "context", "elements": [_mrkdwn(" · ".join(small))]}] if small else []
    return [header, *body, *quiet]


def escape(text: str) -> str:
    """Escape the three characters that Slack interprets; `&` comes first, otherwise it is escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _facts(message: Message) -> Iterator[str]:
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
    """Return a mention made of a Slack id in the settings, never of a text, or else the name."""
    if message.owner is None:
        return ""
    return f"<@{message.owner.slack}>" if message.owner.slack else escape(message.owner.name)


def _section(section: Section) -> str:
    return "\n".join("• " + " — ".join(filter(None, row)) for row in section.rows)


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    """Return the table without columns that are empty, because a phone is narrow."""
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
    """Cut before escaping; otherwise a cut through `&amp;` leaves a visible piece of it."""
    escaped = escape(text)
    return escaped if len(escaped) <= most else _fitting(cut(text, len(text) * most // len(escaped)), most)


def _mrkdwn(text: str) -> Block:
    """Return a text in which `verbatim` keeps Slack from adding links and mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
