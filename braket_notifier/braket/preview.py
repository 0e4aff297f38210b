"""The most frequent outcomes in the results of a quantum task, counted as amazon-braket-sdk counts them; pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from braket_notifier.domain.results import Preview

#: Outcomes that a preview has at most.
MOST = 5
#: Qubits or sites of an outcome, and shots of a task.
MOST_DIGITS, MOST_SHOTS = 1000, 10_000_000
#: The most by which the sum of probabilities may differ from 1, because Braket's devices round them.
ROUNDING = 0.01
_BITS = re.compile(f"[01]{{1,{MOST_DIGITS}}}")
_DIGITS = bytes((0, 1)), b"01"
#: The states of a site of an analog program: empty, Rydberg or ground state, by what stood there before and after.
_STATES = {(0, 0): "e", (0, 1): "e", (1, 0): "r", (1, 1): "g"}

Counts = Counter[str]


def preview_of(results: object) -> Preview | None:
    """Return the most frequent outcomes; None without measurements, or if any of them is not as Braket documents it.

    `results` is the content of a results.json: of a gate model task (`measurements` or `measurementProbabilities`), of
    an analog program, or of a program set that has all its results inside. Braket's schemas: braket.task_result.
    """
    try:
        if not isinstance(results, dict):
            return None
        counts, executables = _of_program_set(results) if "programResults" in results else (_of_task(results), None)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    total = counts.total()
    return Preview(tuple(counts.most_common(MOST)), total, len(counts), executables) if total else None


def _of_task(results: Mapping[str, object]) -> Counts:
    metadata = results["taskMetadata"]
    if not isinstance(metadata, dict):
        raise TypeError("taskMetadata is no object")
    shots = _shots(metadata["shots"])
    measurements = results.get("measurements")
    if isinstance(measurements, list) and measurements and isinstance(measurements[0], dict):
        return _of_sites(measurements, shots)
    return _measured(results, shots)


def _of_program_set(results: Mapping[str, object]) -> tuple[Counts, int]:
    """Count the good executables together, each with its share of the shots."""
    metadata, programs = results["taskMetadata"], results["programResults"]
    if not isinstance(metadata, dict) or not isinstance(programs, list):
        raise TypeError("the results of the program set stand in other files")
    executables = [each for program in programs for each in program["executableResults"]]
    good = [each for each in executables if "failureMetadata" not in each]
    shots = _shots(metadata["requestedShots"]) // len(executables)
    counts: Counts = Counter()
    for each in good:
        counts.update(_measured(each, shots))
    return counts, len(good)


def _measured(results: Mapping[str, object], shots: int) -> Counts:
    """Count bitstrings, from their probabilities where there are no measurements."""
    if measurements := results.get("measurements"):
        return _of_qubits(measurements, shots)
    probabilities = results.get("measurementProbabilities") or {}
    if not isinstance(probabilities, dict) or not all(map(_BITS.fullmatch, probabilities)):
        raise ValueError("measurementProbabilities have other keys than bitstrings")
    if not all(isinstance(each, int | float) and each >= 0 for each in probabilities.values()):
        raise ValueError("a probability is negative")
    if probabilities and (len({*map(len, probabilities)}) > 1 or abs(sum(probabilities.values()) - 1) > ROUNDING):
        raise ValueError("probabilities of other qubits, or that are not 1 together")
    return Counter({bits: count for bits, each in probabilities.items() if (count := round(each * shots))})


def _of_qubits(measurements: object, shots: int) -> Counts:
    rows = Counter(map(bytes, _rows(measurements, shots)))  # five times as fast as texts, and only small numbers fit
    if any(row.strip(_DIGITS[0]) for row in rows):
        raise ValueError("a measured qubit is neither 0 nor 1")
    zeros_and_ones = bytes.maketrans(*_DIGITS)
    return Counter({row.translate(zeros_and_ones).decode(): count for row, count in rows.items()})


def _rows(measurements: object, shots: int) -> Iterable[list[int]]:
    """Return the shots if each has as many digits as the first one."""
    if not isinstance(measurements, list) or not all(isinstance(each, list) for each in measurements):
        raise TypeError("measurements are no lists")
    if len(measurements) > shots or len({*map(len, measurements)}) != 1 or not 0 < len(measurements[0]) <= MOST_DIGITS:
        raise ValueError("measurements of other shots or qubits than the task has")
    return measurements


def _of_sites(measurements: list[Mapping[str, Mapping[str, object]]], shots: int) -> Counts:
    """Count the states of all sites in the successful shots."""
    good = [each["shotResult"] for each in measurements if each["shotMetadata"]["shotStatus"] == "Success"]
    pairs = zip(*(_rows([each[when] for each in good], shots) for when in ("preSequence", "postSequence")), strict=True)
    return Counter("".join(_STATES[site] for site in zip(*pair, strict=True)) for pair in pairs)


def _shots(value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= MOST_SHOTS:
        raise ValueError("shots are no number of shots")
    return value
