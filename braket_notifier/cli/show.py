"""Prints text, tables and JSON, without the control characters of foreign texts, and asks for confirmation."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from braket_notifier.text.wording import printable, zoned_time


def console() -> Console:
    """A new console, because standard output may have been replaced since the last one."""
    return Console(highlight=False)


def print_line(line: str | Text = "") -> None:
    """Print one line as it is, because foreign text may look like markup; a long line is not wrapped."""
    console().print(Text(printable(line)) if isinstance(line, str) else line, soft_wrap=True)


def print_json(document: object) -> None:
    shown = json.dumps(document, indent=2, default=str, ensure_ascii=False)
    escaped = shown if shown.isprintable() else "".join(c if _is_shown(c) else json.dumps(c)[1:-1] for c in shown)
    sys.stdout.write(f"{escaped}\n")


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
    same_day = at.date() == now.date()
    return zoned_time(at, zone) if same_day else f"{at:%Y-%m-%d} {zoned_time(at, zone)}"
