"""Which executables of a program set failed, as its results.json tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failures:
    """How many executables failed for one category of reasons; whether Braket calls it retryable, if it says."""

    category: str
    count: int
    retryable: bool | None = None
