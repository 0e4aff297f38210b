"""Prints text, tables and JSON, without the control characters of foreign texts, and asks for confirmation."""

import codecs
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from braket_notifier.text.ascii import to_ascii
from braket_notifier.text.wording import printable, zoned_time

#: Columns between two cells, and the least of a cell that gives way.
GAP, NARROWEST = 2, 8
#: Likenesses of the marks and signs of the command line itself.
LIKENESS = {"✓": "ok", "✗": "x", "·": "-", "→": "->", "│": "|", "─": "-"}


def console() -> Console:
    """A new console, because standard output may have been replaced since the last one."""
    return Console(highlight=False)


def print_line(line: str | Text = "") -> None:
    """Print one line as it is, because foreign text may look like markup; a long line is not wrapped."""
    console().print(Text(printable(line)) if isinstance(line, str) else line, soft_wrap=True)


def warn_of_skipped(error: Exception) -> None:
    """Name a row that was skipped, apart from the output, because that may be JSON."""
    sys.stderr.write(printable(f"skipped: {error}\n"))


def print_json(document: object) -> None:
    """JSON's own escapes stand for a character that the terminal would not show."""
    shown = json.dumps(document, indent=2, default=_as_json, ensure_ascii=False)
    if not _can_show(shown):
        shown = json.dumps(document, indent=2, default=_as_json)
    escaped = shown if shown.isprintable() else "".join(c if _is_shown(c) else json.dumps(c)[1:-1] for c in shown)
    sys.stdout.write(f"{escaped}\n")


def _as_json(value: object) -> str:
    """A time in ISO 8601, so that no command writes it in its own way."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _is_shown(character: str) -> bool:
    return printable(character) == character


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with titles; only the columns id, when and status never wrap."""
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        shown.add_column(title, overflow="fold", no_wrap=title in {"id", "when", "status"})
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown


def print_table(
    titles: Sequence[str], rows: Sequence[Sequence[str | Text]], *, cut: Sequence[str], whole: bool
) -> None:
    """Print a row a line. In a narrow terminal the columns `cut` give way, unless the table shall stay whole."""
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    widths = [max(len(title), *(row[at].cell_len for row in cells)) for at, title in enumerate(titles)]
    terminal = console()
    if not whole and terminal.is_terminal:
        excess = sum(widths) + GAP * (len(titles) - 1) - terminal.width
        for at in map(titles.index, cut):
            given = max(0, min(excess, widths[at] - NARROWEST))
            widths[at], excess = widths[at] - given, excess - given
            for row in cells:
                row[at].truncate(widths[at], overflow="ellipsis")
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        shown.add_column(title, no_wrap=True)
    for row in cells:
        shown.add_row(*row)
    terminal.width = max(terminal.width, sum(widths) + GAP * (len(titles) - 1))
    terminal.print(shown, soft_wrap=True)


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the operator confirms; without a terminal, only --yes does."""
    if yes:
        return True
    if not sys.stdin.isatty():
        print_line(f"{question} Not done, because there is no terminal to confirm at: use --yes.")
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def local(at: datetime | None, zone: str, now: datetime) -> str:
    """The time of day, after the date if it is not today."""
    if at is None:
        return "-"
    today, day = (each.astimezone(ZoneInfo(zone)).date() for each in (now, at))
    return zoned_time(at, zone) if day == today else date_and_time(at, zone)


def date_and_time(at: datetime, zone: str) -> str:
    """The time behind its date in the same zone, because the date in UTC may be another one."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d} {zoned_time(at, zone)}"


def open_closed_streams() -> None:
    """Put an empty stream in place of each that the caller closed, because Python has None there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open until the command ends


def tolerate_missing_characters() -> None:
    """Print the nearest likeness of a character that the encoding lacks, because an error would end the command."""
    codecs.register_error("likeness", _likeness)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a test's stream may be another
            stream.reconfigure(errors="likeness")


def _can_show(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _likeness(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(LIKENESS.get(character) or to_ascii(character) or "?" for character in missing), error.end
