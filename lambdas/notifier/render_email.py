"""A message as a plain-text e-mail: pure; an ASCII subject that says what happened, a body made for reading."""

from collections.abc import Iterable, Iterator
from textwrap import fill

from notifier.message import Message, Section
from notifier.text import cut, to_ascii

SUBJECT = 99
COLUMNS = 72
_GAP = " " * 6


def subject(message: Message) -> str:
    """Under 100 ASCII characters, as SNS asks; the push line without its mark."""
    told = to_ascii(message.push.removeprefix(message.mark)) or message.short_id
    return cut(f"[Braket] {told}", SUBJECT).replace("…", "")


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
    width = max(len(left) for left, _ in section.rows)
    if section.flowing:
        return "\n".join((section.title, *_flowed("  ".join(filter(None, row)) for row in section.rows)))
    return "\n".join((section.title, *(f"  {left.ljust(width)}   {right}".rstrip() for left, right in section.rows)))


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


def _wrapped(text: str) -> str:
    return fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False)
