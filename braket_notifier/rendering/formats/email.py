"""A message as a plain-text e-mail: pure; an ASCII subject that says what happened, a body made for reading."""

import re
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from braket_notifier.rendering.message import Message, Section
from braket_notifier.text.wording import cut, to_ascii

SUBJECT = 99
COLUMNS = 72
#: A list in columns may be this wide; beyond it a mail program would break it anywhere.
WIDE = 80
_GAP = " " * 6
_UNIT = re.compile(r"(?<=\d) (?=(?:d|h|min|s)\b|%)|(?<=\w) (?=\d\d:\d\d)")


def subject(message: Message) -> str:
    """Under 100 ASCII characters, as SNS asks; the push line without its mark."""
    told = to_ascii(message.push.removeprefix(message.mark)) or message.short_id
    return cut(f"[Braket] {told}", SUBJECT - 2).replace("…", "...")


def body(message: Message, *, may_repeat: bool) -> str:
    """Prose is wrapped at 72 columns; tables, code and URLs never are."""
    small = [f"id {message.short_id}"] if message.short_id else []
    small += ["may repeat an earlier e-mail"] if may_repeat else []
    paragraphs = (
        "" if message.table else _wrapped(_headline(message)),  # a digest's is its subject
        "\n".join((*map(_wrapped, message.lines), *_table(message.table))),
        *map(_section, message.sections),
        f"Braket says:\n{_quoted(message.reason)}" if message.reason else "",
        "\n".join(map(_wrapped, message.notes)),
        f"{message.code}\n{message.code_note}".strip(),
        "\n".join(filter(None, (_wrapped(message.closing), message.command))),
        "\n".join(f"{label}: {url}" for label, url in message.links),
        " · ".join(small),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _headline(message: Message) -> str:
    return f"{message.headline} · {message.owner.name}" if message.owner else message.headline


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Names to the left, figures to the right, under their titles."""
    widths = [max(16, *(len(row[0]) for row in rows))] if rows else []
    widths += [max(3, *map(len, column)) for column in list(zip(*rows, strict=True))[1:]]
    for row in rows:
        figures = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join(("", row[0].ljust(widths[0]), *figures)).rstrip()


def _section(section: Section) -> str:
    """In columns where they fit; else what belongs together below one another."""
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
    """As many on a line as it has room for."""
    line = ""
    for item in items:
        if line and len(line) + len(_GAP) + len(item) > COLUMNS:
            yield line
            line = ""
        line = f"{line}{_GAP}{item}" if line else f"  {item}"
    yield line


def _quoted(text: str) -> str:
    return fill(text, COLUMNS, initial_indent="> ", subsequent_indent="> ", break_long_words=False)


def _wrapped(text: str, columns: int = COLUMNS) -> str:
    """A figure and its unit stay together, and so do a word and its time."""
    glued = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    lines = fill(glued, columns, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")
