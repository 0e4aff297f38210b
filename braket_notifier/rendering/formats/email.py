"""A message as a plain-text e-mail with an ASCII subject; pure."""

import re
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from braket_notifier.rendering.message import Message, Section
from braket_notifier.text.wording import cut, to_ascii

#: Characters of a subject, because SNS accepts fewer than 100.
SUBJECT = 99
#: Characters of a line of prose.
COLUMNS = 72
#: Characters of a line of a list; mail programs break longer lines anywhere.
WIDE = 80
_GAP = " " * 6
_UNIT = re.compile(r"(?<=\d) (?=(?:d|h|min|s)\b|%)|(?<=\w) (?=\d\d:\d\d)")


def subject(message: Message, *, may_repeat: bool = False) -> str:
    """Return the push line without its mark in fewer than 100 ASCII characters, as SNS requires."""
    text = to_ascii(message.push.removeprefix(message.mark)) or message.short_id
    doubt = ", may repeat" if may_repeat else ""
    return cut(f"[Braket] {text}", SUBJECT - len("..") - len(doubt)).replace("…", "...") + doubt


def body(message: Message, *, may_repeat: bool) -> str:
    """Return the body with prose wrapped at 72 columns; tables, code and URLs are not wrapped."""
    small = [f"id {message.short_id}"] if message.short_id else []
    small += ["may repeat an earlier e-mail"] if may_repeat else []
    paragraphs = (
        "" if message.table else _wrapped(_headline(message)),  # the headline of a digest is its subject
        "\n".join((*map(_wrapped, message.lines), *_table(message.table))),
        *map(_section, message.sections),
        f"Braket says:\n{_quoted(message.reason)}" if message.reason else "",
        "\n".join(map(_wrapped, message.notes)),
        "\n".join(filter(None, (_wrapped(message.closing), message.command))),
        "\n".join(f"{label}: {url}" for label, url in message.links),
        f"{message.code}\n{message.code_note}".strip(),
        " · ".join(small),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _headline(message: Message) -> str:
    return f"{message.headline} · {message.owner.name}" if message.owner else message.headline


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Align names left and figures right below their titles."""
    widths = [max(16, *(len(row[0]) for row in rows))] if rows else []
    widths += [max(3, *map(len, column)) for column in list(zip(*rows, strict=True))[1:]]
    for row in rows:
        figures = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join(("", row[0].ljust(widths[0]), *figures)).rstrip()


def _section(section: Section) -> str:
    """Align rows in columns if they fit; otherwise the second cell stands below the first."""
    if section.flowing:
        return "\n".join((section.title, *_flowed("  ".join(filter(None, row)) for row in section.rows)))
    width = max(len(left) for left, _ in section.rows)
    lines = [f"  {left.ljust(width)}   {right}".rstrip() for left, right in section.rows]
    if max(map(len, lines)) > WIDE:
        lines = [f"{_hung(left, 2)}\n{_hung(right, 6)}" for left, right in section.rows]
    return "\n".join((section.title, *lines))


def _hung(text: str, by: int) -> str:
    return indent(_wrapped(text, COLUMNS - by), " " * by)


def _flowed(items: Iterable[str]) -> Iterator[str]:
    """Fill each line with as many items as fit."""
    line = ""
    for item in items:
        if line and len(line) + len(_GAP) + len(item) > COLUMNS:
            yield line
            line = ""
        line = f"{line}{_GAP}{item}" if line else f"  {item}"
    yield line


def _quoted(text: str) -> str:
    return fill(
        text, COLUMNS, initial_indent="> ", subsequent_indent="> ", break_long_words=False, break_on_hyphens=False
    )


def _wrapped(text: str, columns: int = COLUMNS) -> str:
    """Wrap the text, but never between a number and its unit or a word and its time."""
    glued = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    lines = fill(glued, columns, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")
