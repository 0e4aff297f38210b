"""The results of a program set, as far as messages need them."""

from collections.abc import Callable
from dataclasses import dataclass

from braket_notifier.domain.resource import Snapshot

#: Bytes of a file that are read at most.
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


@dataclass(frozen=True, slots=True)
class ProgramSetResults:
    """The failed executables of a program set, and the file of the task's folder that lists them."""

    failures: tuple[Failures, ...]
    #: `results.json`, or the file that it names; a QPU's results.json names metadata.json.
    file: str
    #: Successful shots of all executables; None if the file does not give them.
    successful_shots: int | None = None


#: Reads the results of a quantum task; returns None if they are not available.
ReadResults = Callable[[Snapshot], ProgramSetResults | None]


def no_results(_: Snapshot) -> None:
    """Return None, because the settings do not allow reading results."""
