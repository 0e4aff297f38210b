"""Failed executables of a program set."""

from collections.abc import Callable
from dataclasses import dataclass

from braket_notifier.domain.resource import Snapshot

#: More of it is not read: a set of many programs may spread its results over many files and megabytes.
MOST = 1024 * 1024


#: A category and whether it is retryable; with the reason and the place of one executable.
Kind = tuple[str, bool | None]
Failed = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class Failures:
    """How many executables failed for one category of reasons; whether Braket calls it retryable, if it says."""

    category: str
    count: int
    retryable: bool | None = None
    #: Braket's words for each, and the executables that they befell: `[program][executable]`, in the file's order.
    reasons: tuple[tuple[str, tuple[str, ...]], ...] = ()


#: Which executables of a quantum task failed; None where that cannot be had.
ReadFailures = Callable[[Snapshot], tuple[Failures, ...] | None]


def no_failures(_: Snapshot) -> None:
    """Where the settings let nobody read results."""
