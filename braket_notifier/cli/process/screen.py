"""Show lines and messages, and below them in a terminal the table of open resources."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from rich.live import Live
from rich.text import Text

from braket_notifier.braket.devices import device
from braket_notifier.cli.show import console, table
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.words.names import name
from braket_notifier.text.wording import clock_time, duration, plural, printable

#: Rows of the table.
MOST_SHOWN = 15
TITLES = ("status", "name", "device", "ahead", "age", "id")


class Screen:
    """A terminal with a live table, or plain lines. Several threads print."""

    def __init__(self, time_zone: str, *, plain: bool) -> None:
        self._zone = time_zone
        self._console = console()
        is_live = self._console.is_terminal and not plain
        self.live = Live(console=self._console, auto_refresh=False) if is_live else None
        self._said: dict[str, str] = {}
        self._noted = set[str]()
        self._troubles: Mapping[str, str] = {}
        self._lock = Lock()

    def shown(self) -> "Live | nullcontext[None]":
        return self.live or nullcontext()

    def print(self, line: str, style: str = "") -> None:
        """Print a line, or lose it on a full disk, because channels are notified all the same."""
        try:
            self.show(line, style)
            self._said["output"] = ""
        except BrokenPipeError:
            raise
        except OSError as error:
            self._said["output"] = str(error)

    def show(self, line: str, style: str = "") -> None:
        """Print a line; OSError if the output does not take it."""
        at = clock_time(datetime.now(UTC), self._zone)
        with self._lock:
            self._console.print(Text(f"{at}  {printable(line)}", style), soft_wrap=True)

    def once(self, about: str, line: str) -> None:
        """Print what lasts only as it begins and as it ends; an empty line: all is well."""
        before, self._said[about] = self._said.get(about, ""), line
        if line != before:
            self.print(line or f"{about} works again", "" if not line else "yellow")

    def note(self, about: str, line: str) -> None:
        """Print the first line about something that is no trouble."""
        if about not in self._noted:
            self._noted.add(about)
            self.print(line)

    def troubles(self, found: Mapping[str, str]) -> None:
        """Print what stands in the way of each round as it begins and as it ends; what regions have in common once."""
        before, self._troubles = self._troubles, found
        common: dict[str, list[str]] = {}
        for about, line in found.items():
            if before.get(about) != line:
                common.setdefault(line.replace(about.split()[-1], ""), []).append(about)
        for abouts in common.values():
            self.print(f"{', '.join(abouts)}: {found[abouts[0]]}; tried again in the next round", "yellow")
        if ended := [about for about in before if about not in found]:
            self.print(f"{', '.join(ended)} {'works' if len(ended) == 1 else 'work'} again")

    @property
    def has_trouble(self) -> bool:
        return bool(self._troubles) or any(self._said.values())

    def show_open(self, rows: Iterable[Snapshot], devices: Iterable[str]) -> None:
        """Show the table of open resources, and below it what is to say of their devices."""
        if self.live:
            now = datetime.now(UTC)
            found = sorted(rows, key=lambda each: each.created_at or now)
            shown = table(TITLES, [_cells(each, now) for each in found[:MOST_SHOWN]])
            shown.title, shown.title_justify = f"{plural(len(found), 'open resource')}", "left"
            shown.caption, shown.caption_justify = Text("\n".join(map(printable, devices))), "left"
            self.live.update(shown if found else Text("nothing is open"), refresh=True)


class TerminalChannel:
    """The port `HumanChannel` over the screen."""

    def __init__(self, show: Callable[[str], object], compose: Compose) -> None:
        self._show = show
        self._compose = compose

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Show the push line, and below it the message; no place, because what scrolled away cannot be edited."""
        message = self._compose(content)
        rest = body(replace(message, headline="", owner=None), may_repeat=False).strip()
        lines = (f"    {line}".rstrip() for line in rest.splitlines() if line)
        self._show("\n".join((message.push_line(may_repeat=may_repeat), *lines)))
        return ""


def _cells(it: Snapshot, now: datetime) -> tuple[str, ...]:
    age = duration(now - it.created_at) if it.created_at else ""
    return it.status, name(it), device(it.device).short if it.device else "", it.queue_position, age, it.arn.short_id
