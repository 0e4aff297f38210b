"""What the operator sees: text, tables, JSON, and a question before anything is done."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from braket_notifier.text.wording import zoned_time


def console() -> Console:
    """Made anew for each use: standard output may be another one by then."""
    return Console(highlight=False)


def say(line: str | Text = "") -> None:
    """One line as it is: no markup is read out of what others wrote, and nothing is wrapped."""
    console().print(Text(line) if isinstance(line, str) else line, soft_wrap=True)


def say_json(document: object) -> None:
    sys.stdout.write(f"{json.dumps(document, indent=2, default=str, ensure_ascii=False)}\n")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Columns under their titles; a column that nobody needs to read whole may fold."""
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        shown.add_column(title, overflow="fold", no_wrap=title in {"id", "when", "status"})
    for row in rows:
        shown.add_row(*map(Text, row))
    return shown


def agreed(question: str, *, yes: bool) -> bool:
    """Whether the operator wants it; without a terminal to ask at, only --yes is a yes."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say(f"{question} Nobody is there to ask: --yes does it.")
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def local(at: datetime | None, zone: str, now: datetime) -> str:
    """The time of day, with the date in front where it is not today's."""
    if at is None:
        return "-"
    same_day = at.date() == now.date()
    return zoned_time(at, zone) if same_day else f"{at:%Y-%m-%d} {zoned_time(at, zone)}"
