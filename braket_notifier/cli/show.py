"""Prints text, tables and JSON, without the control characters of foreign texts, and asks for confirmation."""

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from braket_notifier.text.ascii import to_ascii
from braket_notifier.text.wording import printable, zoned_time

#: Columns between two cells.
GAP = 2
#: Columns of a line that is not for a terminal.
PIPE = 10_000
#: Likenesses of the marks and signs of the command line itself, then of messages.
LIKENESS = {"✓": "ok", "✗": "x", "·": "-", "•": "-", "→": "->", "│": "|", "─": "-", "≤": "<=", "≈": "~"}
LIKENESS |= {"✅": "ok", "❌": "x", "🟠": "!", "⚠": "!", "⏹": "-", "▶": ">", "⏱": "!", "⏳": "...", "💰": "$"}


class Terminal(Console):
    """A console that leaves the end of its reader to the command, as any other output does."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """A new console, because standard output may have been replaced since the last one; a pipe's lines do not wrap."""
    found = Terminal(highlight=False)
    found.width = found.width if found.is_terminal else PIPE
    return found


def print_line(line: str | Text) -> None:
    """Print one line as it is, because foreign text may look like markup; a long line is not wrapped."""
    console().print(Text(printable(line)) if isinstance(line, str) else line, soft_wrap=True)


def warn(line: str) -> None:
    """Print a line apart from the output, because that may be JSON or go into a pipe."""
    sys.stderr.write(printable(f"{line}\n"))


def warn_of_skipped(error: Exception) -> None:
    warn(f"skipped: {error}")


def print_json(document: object) -> None:
    """JSON's own escapes stand for a character that the terminal would not show."""
    shown = json.dumps(document, indent=2, default=_as_json, ensure_ascii=False)
    if not _can_show(shown):
        shown = json.dumps(document, indent=2, default=_as_json)
    escaped = shown if shown.isprintable() else "".join(c if printable(c) == c else json.dumps(c)[1:-1] for c in shown)
    sys.stdout.write(f"{escaped}\n")


def _as_json(value: object) -> str:
    """A time in ISO 8601, so that no command writes it in its own way."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with titles; only the columns id, when and status never wrap."""
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        shown.add_column(title, overflow="fold", no_wrap=title in {"id", "when", "status"})
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown


def print_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    *,
    cut: Mapping[str, int],
    drop: Sequence[str],
    whole: bool,
) -> None:
    """Print a row a line, in a terminal only what fits, unless the table shall stay whole."""
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    widths = {title: max(len(title), *(row[at].cell_len for row in cells)) for at, title in enumerate(titles)}
    terminal = console()
    if not whole and terminal.is_terminal:
        widths = fitting(widths, terminal.width, cut, drop)
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for title in widths:
        shown.add_column(title, no_wrap=True)
    for row in cells:
        kept = [(cell, widths[title]) for title, cell in zip(titles, row, strict=True) if title in widths]
        for cell, width in kept:
            cell.truncate(width, overflow="ellipsis")
        shown.add_row(*(cell for cell, _ in kept))
    terminal.width = max(terminal.width, _room(widths))
    terminal.print(shown, soft_wrap=True)


def fitting(widths: Mapping[str, int], room: int, cut: Mapping[str, int], drop: Sequence[str]) -> dict[str, int]:
    """The columns that fit: those of `cut` give way down to a width, then those of `drop` are left out one by one."""
    kept = dict(widths)
    for count in range(len(drop) + 1):
        kept = {title: width for title, width in widths.items() if title not in drop[:count]}
        for title in (each for each in cut if each in kept):
            kept[title] -= max(0, min(_room(kept) - room, kept[title] - cut[title]))
        if _room(kept) <= room:
            break
    return kept


def _room(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the operator confirms; without a terminal, only --yes does."""
    if yes:
        return True
    if not sys.stdin.isatty():
        print_line(f"{question} Not done, because there is no terminal to confirm at: use --yes.")
        return False
    return answer(f"{question} [y/N] ").lower() in {"y", "yes"}


def answer(question: str, ask: Callable[[str], str] | None = None) -> str:
    """The answer of a terminal; Ctrl-C and Ctrl-D end the line of the question, so that what follows has its own."""
    try:
        return (ask or input)(question).strip()
    except (KeyboardInterrupt, EOFError):
        print_line("")
        raise


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


def flush_output() -> None:
    """Write the rest of the output; what a closed pipe or a full disk does not take goes nowhere.

    Otherwise Python would complain of it once more at the end.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


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
