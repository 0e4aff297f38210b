"""One thing that was looked at, before a deployment or after it."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["✓", "!", "✗"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Fine, in need of something, or in the way; what it says is what to do about it."""

    mark: Mark
    says: str

    @property
    def stops(self) -> bool:
        return self.mark == "✗"

    def __str__(self) -> str:
        return f"{self.mark} {self.says}"


def good(says: str) -> Finding:
    return Finding("✓", says)


def needs(says: str) -> Finding:
    return Finding("!", says)


def bad(says: str) -> Finding:
    return Finding("✗", says)
