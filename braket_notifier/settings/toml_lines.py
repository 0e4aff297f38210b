"""What `tomllib` leaves to do: the line of a key in a TOML file, and its times as JSON has them."""

import tomllib
from datetime import date, time
from typing import Any


def as_json(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """The value with times as texts, because neither the schema nor JSON knows times."""
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


def line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line on which the value begins, otherwise the line of the table that lacks it, otherwise None.

    The text is read again with one more line each time; the shortest text that has the key ends with its value.
    """
    lines, begins = text.splitlines(), 1
    for number in range(1, len(lines) + 1):
        document = _read(lines[:number])
        if document is None:
            continue  # the value spans several lines
        if _has(document, where):
            return begins
        begins = number + 1
    return line_of(text, where[:-1]) if len(where) > 1 else None


def _read(lines: list[str]) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _has(document: Any, where: tuple[str | int, ...]) -> bool:  # noqa: ANN401 - any TOML value
    try:
        for key in where:
            document = document[key]
    except (KeyError, IndexError, TypeError):
        return False
    return True
