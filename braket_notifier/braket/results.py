"""The failed executables of a program set and the preview in the results of a quantum task; pure."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from braket_notifier.braket.preview import preview_of
from braket_notifier.domain.results import Failed, Failures, Kind, TaskResults
from braket_notifier.text.json_fields import inside as member_of
from braket_notifier.text.json_fields import shown, whole

#: The file that Braket writes for every quantum task with results.
RESULTS = "results.json"
#: Characters kept of a failure reason.
LONGEST = 1000
#: The longest run of a simulator that is believed.
LONGEST_RUN = timedelta(days=7)
_EXECUTION_DURATION = ("additionalMetadata", "simulatorMetadata", "executionDuration")
_CATEGORY = re.compile(r"[A-Z_]{1,20}")
#: A path inside the task's folder, because no part of it begins with a dot or is empty; Slack sees no mark in it.
_INSIDE = re.compile(r"(?:[A-Za-z0-9-][A-Za-z0-9.-]{0,63}/){0,8}[A-Za-z0-9-][A-Za-z0-9.-]{0,63}")


def parse_results(read: Callable[[str], str]) -> TaskResults | None:
    """Return the preview and the failed executables; None if the files have neither, or are not as Braket documents.

    `read` gets a path inside the task's folder.
    """
    try:
        results: object = json.loads(read(RESULTS))
    except (ValueError, RecursionError):
        return None
    found, preview, ran = _failed_of(results, read), preview_of(results), _ran(results)
    if found is None:
        return TaskResults((), RESULTS, preview=preview, ran=ran) if preview or ran else None
    return replace(found, preview=preview, ran=ran)


def _ran(results: object) -> timedelta | None:
    """Return a simulator's execution time (`simulatorMetadata.executionDuration`, in milliseconds)."""
    members = results if isinstance(results, dict) else {}
    try:
        found = whole("executionDuration", member_of(members, *_EXECUTION_DURATION))
    except ValueError:
        return None
    return None if found is None else min(timedelta(milliseconds=found), LONGEST_RUN)


def _failed_of(results: object, read: Callable[[str], str]) -> TaskResults | None:
    """Return the failed executables by category, the most first; None without the metadata of a program set.

    The metadata of the task stand in results.json, or in a file that it names. An executable has its results, a failure
    with category and `retryable`, or a cancellation; Braket does not document whether a cancellation counts as a
    failure.
    """
    try:
        file, metadata = RESULTS, results["taskMetadata"]  # type: ignore[index]  # a TypeError is caught
        if isinstance(metadata, str):
            file = _inside(metadata)
            metadata = json.loads(read(file))
        executables = [each for program in metadata["programMetadata"] for each in program["executables"]]
        cancelled = sum(each.get("status") == "CANCELLED" for each in executables)
        failed = list(_failed(metadata["programMetadata"]))
        if not len(failed) <= metadata["totalFailedExecutables"] <= len(failed) + cancelled:
            return None
        good = whole("successfulShots", metadata.get("successfulShots"))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    counts = Counter(kind for kind, _, _ in failed)
    failures = (
        Failures(category, count, retryable, _reasons((category, retryable), failed))
        for (category, retryable), count in counts.most_common()
    )
    return TaskResults(tuple(failures), file, good)


def _inside(path: str) -> str:
    if not _INSIDE.fullmatch(path):
        raise ValueError(f"{shown(path)} is no path inside the task's folder")
    return path


def _failed(programs: list[Mapping[str, list[Mapping[str, object]]]]) -> Iterator[Failed]:
    for place, program in enumerate(programs):
        for inside, executable in enumerate(program["executables"]):
            category, retryable = executable.get("category"), executable.get("retryable")
            if category is None:
                continue
            if not isinstance(category, str) or not _CATEGORY.fullmatch(category):
                raise ValueError(f"category {shown(category)} is not a valid category")
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
