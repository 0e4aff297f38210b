"""A message as an Adaptive Card of Microsoft Teams within its limits; pure.

Every text is a `TextRun`, in which no reader looks for Markdown, so other people's words are literal.
"""

import json
from collections.abc import Iterator, Mapping

from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.formats.handler import SEVERITIES
from braket_notifier.rendering.formats.table import Rows, aligned
from braket_notifier.rendering.message import Link, Message, Words
from braket_notifier.text.wording import cut

#: Bytes of a request. Teams refuses 28 KB, which it counts after changes of its own, so a card may have two thirds.
LARGEST = 18 * 1024
#: The version in which Teams shows every element used here; it has no table.
VERSION = "1.4"
#: Characters of a card's parts, and bytes of its lists, before a card that is too large gets shares of them.
HEADER, FACTS, QUOTE, NOTES, CLOSING, CODE, LISTS = 150, 1200, 1800, 700, 400, 400, 7000
_SHARES = (1.0, 0.5, 0.25, 0.1)
#: Links that Teams shows as buttons.
MOST_LINKS = 6
_STYLES: Mapping[str, str] = {"failure": "attention", "warning": "warning", "success": "good", "info": "emphasis"}
_FIXED_SPACE = "\N{NO-BREAK SPACE}"

Element = dict[str, object]


def envelope(message: Message, *, may_repeat: bool) -> Element:
    """Return the message that a workflow of Teams posts, with the largest card that fits."""
    cards = (_attached(_card(message, share, may_repeat=may_repeat)) for share in _SHARES)
    return next((each for each in cards if _size(each) <= LARGEST), plain_envelope(message, may_repeat=may_repeat))


def plain_envelope(message: Message, *, may_repeat: bool) -> Element:
    """Return the message as one text, for a Teams that refuses the card."""
    text = cut(body(message, may_repeat=False).rstrip(), FACTS)
    lines = [message.push_line(may_repeat=may_repeat), *text.splitlines()]
    return _attached([_paragraph(_run(each)) for each in lines if each])


def _size(element: Element) -> int:
    """Return the bytes with every other character than ASCII escaped, the most that a server makes of them."""
    return len(json.dumps(element))


def _attached(elements: list[Element]) -> Element:
    card: Element = {"type": "AdaptiveCard", "version": VERSION, "body": elements}
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}


def _card(message: Message, share: float, *, may_repeat: bool) -> list[Element]:
    style = _STYLES[SEVERITIES.get(message.mark, "info")]
    title = _paragraph(_run(cut(message.headline, HEADER), weight="Bolder", size="Medium"))
    header: Element = {"type": "Container", "style": style, "bleed": True, "items": [title]}
    small = message.small_print(may_repeat=may_repeat)
    return [
        header,
        *_lines(message.owned_lines, int(FACTS * share)),
        *_table(message.table),
        *_reason(message, int(QUOTE * share)),
        *_lines("\n".join(message.notes), int(NOTES * share)),
        *_listed(message, int(LISTS * share)),
        *_closing(message),
        *_links(message),
        *([_paragraph(_run(" · ".join(small), isSubtle=True, size="Small"))] if small else []),
        *_code(message),
    ]


def _lines(text: str, most: int) -> Iterator[Element]:
    """Yield a paragraph for each line, because a `TextRun` need not show a line break."""
    yield from (_paragraph(_run(each), spacing="Small") for each in cut(text, most).splitlines() if each)


def _reason(message: Message, most: int) -> Iterator[Element]:
    if message.reason:
        yield _paragraph(_run("Braket says:"))
        yield {"type": "Container", "style": "emphasis", "items": list(_lines(message.reason, most))}


def _listed(message: Message, room: int) -> Iterator[Element]:
    """Yield whole rows as long as they fit, because half a link leads nowhere."""
    for section in message.sections:
        rows = [_paragraph(_run(section.title, weight="Bolder"))]
        rows += [_paragraph(*_row(*each), spacing="Small") for each in section.rows]
        for row in rows:
            room -= _size(row)
            if room < 0:
                yield _paragraph(_run("…"))
                return
            yield row


def _row(left: Words, right: Words) -> Iterator[Element]:
    yield _run("• ")
    yield from map(_word, left)
    if right:
        yield from (_run(" — "), *map(_word, right))


def _word(each: str | Link) -> Element:
    return _run(each) if isinstance(each, str) else _run(each.text, selectAction=_opening(each.url))


def _links(message: Message) -> Iterator[Element]:
    """Yield the pages as buttons, which a thumb finds."""
    buttons = [{**_opening(url), "title": label} for label, url in message.links[:MOST_LINKS]]
    if buttons:
        yield {"type": "ActionSet", "actions": buttons}


def _closing(message: Message) -> Iterator[Element]:
    words = [_run(cut(message.closing, CLOSING))] if message.closing else []
    words += [_run(" ")] if message.closing and message.command else []
    words += [_run(cut(message.command, CODE), fontType="Monospace")] if message.command else []
    yield from [_paragraph(*words)] if words else []


def _code(message: Message) -> Iterator[Element]:
    if message.code:
        shown = _run(cut(message.code, CODE), fontType="Monospace", isSubtle=True, size="Small")
        note = [_run(f" {message.code_note}", isSubtle=True, size="Small")] if message.code_note else []
        yield _paragraph(shown, *note)


def _table(rows: Rows) -> Iterator[Element]:
    """Yield aligned lines; a space that may break would be shown once."""
    for line in aligned(rows):
        yield _paragraph(_run(line.replace(" ", _FIXED_SPACE), fontType="Monospace"), spacing="None")


def _opening(url: str) -> Element:
    return {"type": "Action.OpenUrl", "url": url}


def _paragraph(*runs: Element, **how: object) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), **how}


def _run(text: str, **how: object) -> Element:
    return {"type": "TextRun", "text": text, **how}
