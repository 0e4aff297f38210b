"""Failed executables of a program set."""

from collections.abc import Callable
from dataclasses import dataclass

from braket_notifier.domain.resource import Snapshot

#: Bytes of a results.json that are read at most, because large sets spread their results over many files.
MOST = 1024 * 1024


#: Category of a failed executable, and whether Braket calls it retryable.
Kind = tuple[str, bool | None]
#: A failed executable: its kind, its failure reason and its place, `[program][executable]`.
Failed = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class Failures:
    """The number of executables that failed in one category; `retryable` is None if Braket does not give it."""

    category: str
    count: int
    retryable: bool | None = None
    #: Braket's failure reasons, each with its executables as `[program][executable]`, in the file's order.
    reasons: tuple[tuple[str, tuple[str, ...]], ...] = ()


#: Reads the failed executables of a quantum task; returns None if they are not available.
ReadFailures = Callable[[Snapshot], tuple[Failures, ...] | None]


def no_failures(_: Snapshot) -> None:
    """Return None, because the settings do not allow reading results."""
