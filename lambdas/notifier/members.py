"""Members of JSON that others wrote, read tolerantly and given our types."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal


def shown(value: object) -> str:
    return repr(value)[:200]


def text(value: object, most: int = 1024) -> str:
    """A string that every store and channel takes: no lone surrogates (JSON allows them), no endless length."""
    return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def whole(name: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int | float | str | Decimal) or isinstance(value, bool):
        raise ValueError(f"{name} {shown(value)} is not a whole number")  # noqa: TRY004 - bad input, not a bad call
    try:
        return int(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} {shown(value)} is not a whole number") from error


def moment(value: object) -> datetime | None:
    """A time in UTC; botocore answers in the machine's own zone, events say Z."""
    if value is None or value == "":
        return None
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(text(value))
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{shown(value)} is not an ISO 8601 time") from error


def iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def inside(words: Mapping[str, object], *path: str) -> object:
    value: object = words
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
