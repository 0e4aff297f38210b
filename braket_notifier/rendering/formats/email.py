"""A message as a plain-text e-mail with an ASCII subject; pure."""

import re
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from braket_notifier.rendering.message import Link, Message, Section, Words, plain
from braket_notifier.text.ascii import to_ascii
from braket_notifier.text.graphemes import boundary
from braket_notifier.text.wording import cut

#: Characters of a subject, because SNS accepts fewer than 100.
SUBJECT = 99
#: Characters of a line, because mail programs break longer ones anywhere; code and URLs are not wrapped.
COLUMNS = 72
_GAP = " " * 6
_GLUE = "\N{NO-BREAK SPACE}"
_UNIT = re.compile(r"(?<=\d) (?=(?:d|h|min|s)\b|%)|(?<=\w) (?=\d\d:\d\d)")


def subject(message: Message, *, may_repeat: bool = False) -> str:
    """Return the push line without its mark in fewer than 100 ASCII characters, as SNS requires."""
    text = to_ascii(message.push.removeprefix(message.mark)).lstrip(": ") or message.short_id
    doubt = ", may repeat" if may_repeat else ""
    return cut(f"[Braket] {text}", SUBJECT - len("..") - len(doubt)).replace("…", "...") + doubt


def body(message: Message, *, may_repeat: bool, called: str = "e-mail") -> str:
    """Return the body with lines of at most 72 columns; code and URLs are not wrapped. `called` is its own name."""
    paragraphs = (
        "" if message.table else _wrapped(_headline(message)),  # the headline of a digest is its subject
        "\n".join((*map(_wrapped, message.lines), *_table(message.table))),
        *map(_section, message.sections),
        f"Braket says:\n{_quoted(message.reason)}" if message.reason else "",
        "\n".join(map(_wrapped, message.notes)),
        "\n".join(filter(None, (_wrapped(message.closing), message.command))),
        "\n".join(f"{label}: {url}" for label, url in message.links),
        f"{message.code}\n{message.code_note}".strip(),
        " · ".join(message.small_print(may_repeat=may_repeat, called=called)),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _headline(message: Message) -> str:
    return f"{message.headline} · {message.owner.name}" if message.owner else message.headline


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Align names left and figures right below their titles; a name is cut where the figures need its room."""
    widths = [max(3, *map(len, column)) for column in list(zip(*rows, strict=True))[1:]]
    room = COLUMNS - len("  ") - sum(len("  ") + width for width in widths)
    first = min(room, max(16, *(len(row[0]) for row in rows))) if rows else 0
    for row in rows:
        figures = (cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))
        yield "  ".join(("", cut(row[0], first).ljust(first), *figures)).rstrip()


def _section(section: Section) -> str:
    """Align rows in columns if they fit; otherwise the second cell stands below the first."""
    rows = [(plain(left), plain(right)) for left, right in section.rows]
    if section.flowing:
        return "\n".join((section.title, *_flowed("  ".join(filter(None, row)) for row in rows)))
    width = max(len(left) for left, _ in rows)
    lines = [f"  {left.ljust(width)}   {right}".rstrip() for left, right in rows]
    if max(map(len, lines)) > COLUMNS:
        lines = [f"{_hung(left, 2)}\n{_hung(right, 6)}" for left, right in rows]
    listed = zip(lines, map(_url, section.rows), strict=True)
    return "\n".join((section.title, *(line for pair in listed for line in pair if line)))


def _url(row: tuple[Words, Words]) -> str:
    """Return the page of the first name, because plain text has no links behind names."""
    url = next((each.url for words in row for each in words if isinstance(each, Link)), "")
    return f"{_GAP}{url}" if url else ""


def _hung(text: str, by: int) -> str:
    return indent(_wrapped(text, COLUMNS - by), " " * by)


def _flowed(items: Iterable[str]) -> Iterator[str]:
    """Fill each line with as many items as fit."""
    line = ""
    for item in items:
        if len(item) > COLUMNS - len("  "):
            yield from filter(None, (line, _hung(item, 2)))
            line = ""
            continue
        if line and len(line) + len(_GAP) + len(item) > COLUMNS:
            yield line
            line = ""
        line = f"{line}{_GAP}{item}" if line else f"  {item}"
    if line:
        yield line


def _quoted(text: str) -> str:
    return indent(_wrapped(text, COLUMNS - len("> ")), "> ")


def _wrapped(text: str, columns: int = COLUMNS) -> str:
    """Wrap the text, but never between a number and its unit or a word and its time."""
    glued = _UNIT.sub(_GLUE, text).split(" ")
    words = " ".join(piece for word in glued for piece in _pieces(word, columns))
    return fill(words, columns, break_long_words=False, break_on_hyphens=False).replace(_GLUE, " ")


def _pieces(word: str, columns: int) -> Iterator[str]:
    """Break a word that fits no line, unless it is a URL."""
    if len(word) > columns and _GLUE in word:
        yield from (piece for each in word.split(_GLUE) for piece in _pieces(each, columns))
        return
    while len(word) > columns and "://" not in word:
        end = boundary(word, columns) or columns
        yield word[:end]
        word = word[end:]
    yield word
