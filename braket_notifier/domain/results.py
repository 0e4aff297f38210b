"""The results of a quantum task, as far as messages need them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from braket_notifier.domain.resource import Snapshot

#: Bytes of a file that are read at most; 100,000 shots of 20 qubits take six million.
MOST = 8 * 1024 * 1024

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
class Preview:
    """The most frequent outcomes of a quantum task's measurements."""

    #: At most five outcomes with their counts, the most frequent first.
    outcomes: tuple[tuple[str, int], ...]
    #: All measurements, and how many different outcomes they have.
    total: int
    different: int
    #: The executables of a program set whose measurements are counted together; None for any other task.
    executables: int | None = None


@dataclass(frozen=True, slots=True)
class TaskResults:
    """The failed executables of a program set, the file of the task's folder that lists them, and the preview."""

    failures: tuple[Failures, ...]
    #: `results.json`, or the file that it names; a QPU's results.json names metadata.json.
    file: str
    #: Successful shots of all executables; None if the file does not give them.
    successful_shots: int | None = None
    #: None if the files have no measurements, or are not as Braket documents them.
    preview: Preview | None = None
    #: The execution time of a simulator; None on a QPU.
    ran: timedelta | None = None


#: Reads the results of a quantum task; returns None if they are not available.
ReadResults = Callable[[Snapshot], TaskResults | None]


def no_results(_: Snapshot) -> None:
    """Return None, because the settings do not allow reading results."""
