"""A message as blocks of Slack's Block Kit within Slack's limits; pure.

Everything that another person or Braket wrote stands in `rich_text` or in plain text without emoji names, in which
Slack looks for no marks, mentions or links.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from braket_notifier.rendering.formats.table import Rows, aligned, columns
from braket_notifier.rendering.message import Link, Message, Section
from braket_notifier.text.wording import cut

#: Characters of a card's parts. Slack accepts 150 in a header, 3,000 in a section, and about 8,000 in total.
HEADER = 150
FACTS, QUOTE, NOTES, TABLE, LISTS, CODE = 1200, 1800, 700, 900, 2800, 400

Block = dict[str, object]
_CHANNEL_ID = re.compile("[CDG][A-Z0-9]{2,20}")
#: Entities that Slack decodes in plain text.
_ENTITY = re.compile("&(?=(?:amp|lt|gt);)")


def forms(message: Message, *, may_repeat: bool) -> Iterator[list[Block]]:
    """Yield the message's blocks, and for a Slack that refuses a table's block those with the table as a text."""
    yield blocks(message, may_repeat=may_repeat)
    if message.table:
        yield blocks(message, may_repeat=may_repeat, table_as_text=True)


def blocks(message: Message, *, may_repeat: bool, table_as_text: bool = False) -> list[Block]:
    """Return header, facts, failure reason with notes, table, lists, a line with links, and the code."""
    header: Block = {"type": "header", "text": _title(message.headline)}
    shown = _preformatted if table_as_text else _table
    table = [shown(message.table)] if message.table else []
    body = [*map(_rich, filter(None, _facts(message))), *table, *map(_rich, filter(None, _listed(message)))]
    links = (f"<{url}|{escape(label)}>" for label, url in message.links)
    small = (*links, *message.small_print(may_repeat=may_repeat))
    code = [f"`{_fitting(message.code, CODE)}` {message.code_note}".strip()] if message.code else []
    quiet = (" · ".join(small), *code)
    contexts: list[Block] = [{"type": "context", "elements": [_mrkdwn(each)]} for each in quiet if each]
    return [header, *body, *contexts]


def moved_blocks(title: str, channel: str) -> list[Block]:
    """Return the line that replaces a card whose story goes on in another channel."""
    link: Block = {"type": "channel", "channel_id": channel} if _CHANNEL_ID.fullmatch(channel) else _text(channel)
    elements = [_text(f"➡ {cut(title, HEADER)} goes on in "), link]
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def escape(text: str) -> str:
    """Escape the three characters that Slack interprets; `&` comes first, otherwise it is escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _facts(message: Message) -> Iterator[list[Block]]:
    first, *rest = (cut(line, FACTS) for line in message.lines or ("",))
    between = ("" if not first else " " if first.endswith(".") else " · ") if message.owner else ""
    more = cut("\n".join(rest), FACTS)
    yield _section(_text(f"{first}{between}"), _owner(message), _text(f"\n{more}" if more else ""))
    quote: Block = {"type": "rich_text_quote", "elements": [_text(cut(message.reason, QUOTE))]}
    yield [*_section(_text("Braket says:")), quote] if message.reason else []
    yield _section(_text(cut("\n".join(message.notes), NOTES)))


def _listed(message: Message) -> Iterator[list[Block]]:
    for section in message.sections:
        rows = _fitted(_rows(section), LISTS // len(message.sections))
        yield _section(_text(section.title, "bold"), *map(_linked, rows))
    space = " " if message.closing and message.command else ""
    yield _section(_text(f"{message.closing}{space}"), _text(cut(message.command, CODE), "code"))


def _section(*elements: Block) -> list[Block]:
    """Return a paragraph of the elements that have a text; nothing if none has one."""
    shown = [each for each in elements if each.get("text") or "user_id" in each]
    return [{"type": "rich_text_section", "elements": shown}] if shown else []


def _owner(message: Message) -> Block:
    """Return a mention made of a Slack id in the settings, never of a text, or else the name."""
    if message.owner and message.owner.slack:
        return {"type": "user", "user_id": message.owner.slack}
    return _text(message.owner.name if message.owner else "")


def _rows(section: Section) -> Iterator[str | Link]:
    for left, right in section.rows:
        yield from ("\n• ", *left, *((" — ", *right) if right else ()))


def _fitted(words: Iterable[str | Link], most: int) -> Iterator[str | Link]:
    """Return the words up to that number of characters, texts in one piece."""
    run = ""
    for each in words:
        text = each if isinstance(each, str) else each.text
        if len(text) > most:
            yield cut(f"{run}{text}", len(run) + most)
            return
        most -= len(text)
        if isinstance(each, str):
            run += each
        else:
            yield from (run, each) if run else (each,)
            run = ""
    yield from [run] if run else []


def _linked(each: str | Link) -> Block:
    return _text(each) if isinstance(each, str) else {"type": "link", "url": each.url, "text": each.text}


def _table(rows: Rows) -> Block:
    """Return a table that a phone can scroll and a screen reader can read, its titles bold and its figures right."""
    shown = columns(rows)
    cells = ([_section(_text(cell, "" if place else "bold")) for place, cell in enumerate(each)] for each in shown)
    align = [{"align": "left", "is_wrapped": True}, *({"align": "right"} for _ in shown[1:])]
    lines = [[_rich(cell) for cell in row] for row in zip(*cells, strict=True)]
    return {"type": "table", "column_settings": align, "rows": lines}


def _preformatted(rows: Rows) -> Block:
    """Return the table as a text of aligned columns."""
    text = cut("\n".join(aligned(rows)), TABLE)
    return _rich([{"type": "rich_text_preformatted", "elements": [_text(text)]}])


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _fitting(text: str, most: int, escape: Callable[[str], str] = escape) -> str:
    """Cut before escaping; otherwise a cut through `&amp;` leaves a visible piece of it."""
    escaped = escape(text)
    return escaped if len(escaped) <= most else _fitting(cut(text, len(text) * most // len(escaped)), most, escape)


def _text(text: str, style: str = "") -> Block:
    """Return an element of `rich_text`, which Slack shows as it is."""
    return {"type": "text", "text": text, **({"style": {style: True}} if style else {})}


def _title(text: str) -> Block:
    """Return a header's text without emoji names; Slack decodes its three entities even there."""
    shown = _fitting(text, HEADER, lambda each: _ENTITY.sub("&amp;", each))
    return {"type": "plain_text", "text": shown, "emoji": False}


def _mrkdwn(text: str) -> Block:
    """Return a text of the notifier's own words, in which `verbatim` keeps Slack from adding links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
