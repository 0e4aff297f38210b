"""The result of one check, before or after a deployment."""

from dataclasses import dataclass
from typing import Literal

from rich.text import Text

Mark = Literal["✓", "!", "✗"]
_COLOURS: dict[Mark, str] = {"✓": "green", "!": "yellow", "✗": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """✓ fine, ! needs something, ✗ stops a deployment or a delivery. The message has the remedy."""

    mark: Mark
    message: str

    @property
    def stops(self) -> bool:
        return self.mark == "✗"

    def line(self) -> Text:
        return Text.assemble((self.mark, _COLOURS[self.mark]), " ", self.message)


def good(message: str) -> Finding:
    return Finding("✓", message)


def needs(message: str) -> Finding:
    return Finding("!", message)


def bad(message: str) -> Finding:
    return Finding("✗", message)
