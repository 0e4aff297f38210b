"""Which executables of a program set failed, as its results.json tells: pure; nothing of what it measured is kept."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: More of it is not read: a set of many programs may spread its results over many files and megabytes.
MOST = 1024 * 1024
_CATEGORY = re.compile(r"[A-Z_]{1,20}")


@dataclass(frozen=True, slots=True)
class Failures:
    """How many executables failed for one category of reasons; whether Braket calls it retryable, if it says."""

    category: str
    count: int
    retryable: bool | None = None


def parse_results(text: str) -> tuple[Failures, ...] | None:
    """The failed executables by category, the most first; None where the file is not as Braket documents it.

    Braket's schemas: each executable has its results, or a failure with category and `retryable`, or a cancellation.
    """
    try:
        found = json.loads(text)
        metadata = found["taskMetadata"]
        failures = Counter(_failed(metadata["programMetadata"]))
        if failures.total() != metadata["totalFailedExecutables"]:
            return None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    return tuple(Failures(category, count, retryable) for (category, retryable), count in failures.most_common())


def _failed(programs: list[Mapping[str, list[Mapping[str, object]]]]) -> Iterator[tuple[str, bool | None]]:
    for executable in (each for program in programs for each in program["executables"]):
        category, retryable = executable.get("category"), executable.get("retryable")
        if category is None:
            continue
        if not isinstance(category, str) or not _CATEGORY.fullmatch(category):
            raise ValueError(f"category {str(category)[:50]!r} is not a word")
        yield category, retryable if isinstance(retryable, bool) else None
