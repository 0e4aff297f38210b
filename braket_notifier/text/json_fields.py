"""Members of JSON that others wrote, read tolerantly and given our types."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

#: More than any count of Braket's, and few enough for every store and for a time span in seconds.
MOST = 10**12
#: Seconds since 1970 that no event will ever mean: they are milliseconds.
_MILLISECONDS = 10**11


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
        number = int(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} {shown(value)} is not a whole number") from error
    if not 0 <= number < MOST:
        raise ValueError(f"{name} {shown(value)} is no count")
    return number


def moment(value: object) -> datetime | None:
    """A time in UTC that every zone has; botocore answers in the machine's own zone, events say Z."""
    if value is None or value == "":
        return None
    try:
        when = _when(value)
        at = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{shown(value)} is not an ISO 8601 time") from error
    if not 1970 <= at.year < 3000:  # noqa: PLR2004 - between the epoch and what no row outlives
        raise ValueError(f"{shown(value)} is not an ISO 8601 time of Braket's")
    return at


def _when(value: object) -> datetime:
    """Braket: a spending limit's times are seconds since 1970 in the API and milliseconds in its event."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    return value if isinstance(value, datetime) else datetime.fromisoformat(text(value))


def iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def inside(words: Mapping[str, object], *path: str) -> object:
    value: object = words
    for key in path:
        if not isinstance(value, dict):  # as parsers make them; to ask for any mapping takes four times as long
            return None
        value = value.get(key)
    return value
