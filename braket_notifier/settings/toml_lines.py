"""Where in a TOML file something stands: `tomllib` does not say."""

import tomllib
from typing import Any


def line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line on which the value begins, or the table that should have it; None if not even that is there.

    Read again and again with one line more: the first text that has the key ends where its value ends.
    """
    lines, begins = text.splitlines(), 1
    for number in range(1, len(lines) + 1):
        document = _read(lines[:number])
        if document is None:
            continue  # within a value of several lines
        if _has(document, where):
            return begins
        begins = number + 1
    return line_of(text, where[:-1]) if len(where) > 1 else None


def _read(lines: list[str]) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _has(document: Any, where: tuple[str | int, ...]) -> bool:  # noqa: ANN401 - whatever TOML holds
    try:
        for key in where:
            document = document[key]
    except (KeyError, IndexError, TypeError):
        return False
    return True
