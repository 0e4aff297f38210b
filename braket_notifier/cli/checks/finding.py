"""The result of one check, before or after a deployment."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from rich.text import Text

from braket_notifier.cli.show import print_json, print_line

Mark = Literal["✓", "•", "!", "✗"]
_COLOURS: dict[Mark, str] = {"✓": "green", "•": "cyan", "!": "yellow", "✗": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """✓ fine, • as intended, ! needs something, ✗ stops a deployment or a delivery. The message has the remedy."""

    mark: Mark
    message: str

    @property
    def stops(self) -> bool:
        return self.mark == "✗"

    @property
    def asks(self) -> bool:
        """Whether somebody has something to do."""
        return self.mark in {"!", "✗"}

    def line(self) -> Text:
        return Text.assemble((self.mark, _COLOURS[self.mark]), " ", self.message)


def good(message: str) -> Finding:
    return Finding("✓", message)


def noted(message: str) -> Finding:
    return Finding("•", message)


def needs(message: str) -> Finding:
    return Finding("!", message)


def bad(message: str) -> Finding:
    return Finding("✗", message)


def print_findings(found: Iterable[Finding], *, as_json: bool) -> list[Finding]:
    """Print each finding as it comes, or all of them as one JSON document, and return them."""
    kept = list[Finding]()
    for each in found:
        kept.append(each)
        if not as_json:
            print_line(each.line())
    if as_json:
        print_json([asdict(each) for each in kept])
    return kept
