"""One thing that was looked at, before a deployment or after it."""

from dataclasses import dataclass
from typing import Literal

from rich.text import Text

Mark = Literal["✓", "!", "✗"]
_COLOURS: dict[Mark, str] = {"✓": "green", "!": "yellow", "✗": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Fine, in need of something, or in the way; what it says is what to do about it."""

    mark: Mark
    says: str

    @property
    def stops(self) -> bool:
        return self.mark == "✗"

    def line(self) -> Text:
        return Text.assemble((self.mark, _COLOURS[self.mark]), " ", self.says)


def good(says: str) -> Finding:
    return Finding("✓", says)


def needs(says: str) -> Finding:
    return Finding("!", says)


def bad(says: str) -> Finding:
    return Finding("✗", says)
