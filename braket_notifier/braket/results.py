"""The failed executables in the results.json of a program set; pure. Measured values are not kept."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from braket_notifier.domain.program_set import Failed, Failures, Kind

#: Characters kept of a failure reason.
LONGEST = 1000
_CATEGORY = re.compile(r"[A-Z_]{1,20}")


def parse_results(text: str) -> tuple[Failures, ...] | None:
    """Return the failed executables by category, the most first; None if the file is not as Braket documents it.

    In Braket's schemas an executable has its results, a failure with category and `retryable`, or a cancellation.
    """
    try:
        document = json.loads(text)
        metadata = document["taskMetadata"]
        failed = list(_failed(metadata["programMetadata"]))
        if len(failed) != metadata["totalFailedExecutables"]:
            return None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    counts = Counter(kind for kind, _, _ in failed)
    return tuple(
        Failures(category, count, retryable, _reasons((category, retryable), failed))
        for (category, retryable), count in counts.most_common()
    )


def _failed(programs: list[Mapping[str, list[Mapping[str, object]]]]) -> Iterator[Failed]:
    for place, program in enumerate(programs):
        for inside, executable in enumerate(program["executables"]):
            category, retryable = executable.get("category"), executable.get("retryable")
            if category is None:
                continue
            if not isinstance(category, str) or not _CATEGORY.fullmatch(category):
                raise ValueError(f"category {str(category)[:50]!r} is not a valid category")
            reason = executable.get("failureReason")
            kind = category, retryable if isinstance(retryable, bool) else None
            yield kind, _words(reason) if isinstance(reason, str) else "", f"[{place}][{inside}]"


def _reasons(kind: Kind, failed: Sequence[Failed]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Group equal reasons, the most frequent first."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for its_kind, reason, place in failed:
        if its_kind == kind:
            places[reason].append(place)
    return tuple((reason, tuple(each)) for reason, each in sorted(places.items(), key=lambda item: -len(item[1])))


def _words(reason: str) -> str:
    """Cut the reason and replace lone surrogates, which JSON allows."""
    return reason[:LONGEST].encode("utf-8", "replace").decode()
