"""Tolerant reading of foreign JSON members into the notifier's types, and JSON of few bytes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from braket_notifier.text.wording import clean, cut

#: Bound of every count: larger than any of Braket's, and storable everywhere, also as seconds of a time span.
MOST = 10**12
#: Seconds since 1970; a larger number is milliseconds, because no event is that far in the future.
_MILLISECONDS = 10**11


def shown(value: object) -> str:
    """Return a foreign value for a sentence about it: a text in quotes, anything else as JSON has it, if it can."""
    try:
        words = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # as of what is nested as deeply as json.loads just reads
        words = "a value"
    return cut(clean(words), 200)


def kind_of(value: object) -> str:
    """Return which kind of JSON a foreign value is, for a sentence that must not show it."""
    kinds = {str: "a text", list: "a list", dict: "a table", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def why_malformed(error: Exception) -> str:
    """Return what is wrong with a foreign text, by the error of its reading and without Python's own words."""
    match error:
        case json.JSONDecodeError():
            return f"no JSON at line {error.lineno}, column {error.colno}"
        case UnicodeDecodeError():
            return "no text in UTF-8"
        case RecursionError():
            return "nested without end"
        case KeyError():
            return f"{error.args[0]} is missing"
        case ValueError():
            return "a number has too many digits" if "integer string conversion" in str(error) else str(error)
        case _:
            return "a value has the wrong type"


def text(value: object, most: int = 1024) -> str:
    """Return a string that every store and channel accepts: no lone surrogates (JSON allows them), bounded length."""
    return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def object_in(raw: str) -> dict[str, object]:
    """Return the object in a foreign text, which is empty for any other text."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def utf8_json(value: object) -> str:
    """Return JSON in UTF-8, a third of its size with escapes, apart from two characters that SQS refuses."""
    return json.dumps(value, ensure_ascii=False).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def whole(name: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int | float | str | Decimal) or isinstance(value, bool):
        raise ValueError(f"{name} {shown(value)} is not a whole number")  # noqa: TRY004 - bad input, not a bad call
    try:
        number = int(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} {shown(value)} is not a whole number") from error
    if not 0 <= number < MOST:
        raise ValueError(f"{name} {shown(value)} is not a count")
    return number


def moment(value: object) -> datetime | None:
    """Return a time in UTC that exists in every zone. Botocore gives the machine's own zone, events give Z."""
    if value is None or value == "":
        return None
    try:
        when = _when(value)
        at = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{shown(value)} is not an ISO 8601 time") from error
    if not 1970 <= at.year < 3000:  # noqa: PLR2004 - a later time overflows a row's expiry
        raise ValueError(f"{shown(value)} is not an ISO 8601 time between 1970 and 2999")
    return at


def _when(value: object) -> datetime:
    """Read a text or a number. Braket gives a spending limit in seconds in its API, in milliseconds in its event."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    return value if isinstance(value, datetime) else datetime.fromisoformat(text(value))


def iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def inside(document: Mapping[str, object], *path: str) -> object:
    value: object = document
    for key in path:
        if not isinstance(value, dict):  # parsers return dicts, and a check for Mapping takes four times as long
            return None
        value = value.get(key)
    return value
