"""The message as users' handlers get it, without the code that makes its forms."""

from dataclasses import dataclass
from typing import Literal

#: How bad the news is.
Severity = Literal["failure", "warning", "success", "info"]


@dataclass(frozen=True, slots=True)
class HandlerMessage:
    """A transition or digest in words, for a handler; handlers know the class as `Message`."""

    push: str
    text: str
    markdown: str
    links: tuple[tuple[str, str], ...]
    severity: Severity
