"""Recognise rows that only a newer version of the notifier can read."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.text.json_fields import why_malformed

#: A condition that no row of another format meets. This version writes rows without this attribute.
OUR_FORMAT = "attribute_not_exists(#format)"

Rest = ParamSpec("Rest")
Read = TypeVar("Read")


def of_this_version(read: Callable[Concatenate[Row, Rest], Read]) -> Callable[Concatenate[Row, Rest], Read]:
    """Make the reader of a row raise NewerVersionError for another format and for a value that it cannot read."""

    @wraps(read)
    def checked(row: Row, /, *args: Rest.args, **kwargs: Rest.kwargs) -> Read:
        try:
            if "format" in row:
                raise ValueError(f"format {row['format']}")  # noqa: TRY301 - as every value that cannot be read
            return read(row, *args, **kwargs)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            key = [str(row[name]) for name in ("arn", "partition", "sort") if name in row]
            raise NewerVersionError(
                f"the row {' '.join(key)} is not readable by this version: {why_malformed(error)}"
            ) from error

    return checked


def if_readable(read: Callable[[Row], Read | None], row: Row) -> Read | None:
    """Read a row; None if only a newer version can read it."""
    with suppress(NewerVersionError):
        return read(row)
    return None


def readable(read: Callable[[Row], Read], rows: Iterable[Row], on_skipped: Callable[[Exception], object]) -> list[Read]:
    """Read rows, and skip those that this version cannot read; `on_skipped` gets the error of each."""
    found = list[Read]()
    for row in rows:
        try:
            found.append(read(row))
        except (NewerVersionError, MalformedNotificationError) as error:
            on_skipped(error)
    return found
