"""Call a function for many elements in threads, as for the rows of one message."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

#: Threads that write the rows of one message, each row on its own condition.
WRITERS = 8

Answer = TypeVar("Answer")
Each = TypeVar("Each")


def at_once(do: Callable[[Each], Answer], many: Sequence[Each]) -> list[Answer]:
    """Return the results in order; no call begins after an error, which is raised."""
    if len(many) < 2:  # noqa: PLR2004 - one needs no thread
        return [do(each) for each in many]
    with ThreadPoolExecutor(WRITERS) as writers:
        return list(writers.map(do, many))


def despite_errors(do: Callable[[Each], object], many: Sequence[Each]) -> list[Exception]:
    """Call it for each element, although it fails for another one, and return the errors."""

    def failure(each: Each) -> Exception | None:
        try:
            do(each)
        except Exception as error:  # noqa: BLE001 - returned
            return error
        return None

    return [error for error in at_once(failure, many) if error]


def raise_first(errors: Sequence[Exception]) -> None:
    if errors:
        raise errors[0]
