"""What `tomllib` leaves to do: the line of a key or of a syntax error in a file, and its times as JSON has them."""

import re
import tomllib
from datetime import date, time
from typing import Any

_PLACE = re.compile(r" \(at line (\d+), (column \d+)\)$")
#: The key or table at the beginning of a line.
_KEY = re.compile(r"\s*(?:\[+\s*)?([\w.-]+)\s*[=:\]]")
#: What TOML allows in place of what people often write in a line.
_ALLOWED = (
    (re.compile(r"=\s*-?\d+,\d"), "a number with a point, like 0.95"),
    (re.compile(r"=\s*(True|False|TRUE|FALSE|yes|no|on|off)\b"), "true, false"),
    (re.compile(r"[=\[{,]\s*[«\u2018-\u201f]"), 'straight quotes, like "text"'),
    (re.compile(r"=.*\".*\\"), "single quotes around a text with \\, like '\\d'"),
    (re.compile(r"=\s*\{[^}]*$"), "a table in braces on one line"),
)


def as_json(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """The value with times as texts, because neither the schema nor JSON knows times."""
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


def syntax_mistake(text: str, error: tomllib.TOMLDecodeError) -> str:
    """The problem after its line and key, without the value, which may be a secret."""
    problem = str(error).replace("Cannot overwrite a value", "the key stands twice")
    if not (place := _PLACE.search(problem)):
        return f": is not TOML ({problem.replace('(', '').removesuffix(')')})"
    line = text.split("\n")[int(place[1]) - 1]
    key = f"{found[1]}: " if (found := _KEY.match(line)) else ""
    allowed = next((f"; allowed: {words}" for wrong, words in _ALLOWED if wrong.search(line)), "")
    return f":{place[1]}: {key}is not TOML ({problem[: place.start()]} at {place[2]}){allowed}"


def line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line on which the value begins, otherwise the line of the table that lacks it, otherwise None.

    The text is read again with one more line each time; the shortest text that has the key ends with its value.
    """
    lines, begins = text.split("\n"), 1
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
