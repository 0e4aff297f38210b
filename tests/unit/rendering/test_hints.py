"""Hints for failure reasons."""

import re

import pytest

from braket_notifier.domain.policy import HintRule
from braket_notifier.rendering.words.hints import MOST, hint, is_explained
from braket_notifier.rendering.words.known_reasons import KNOWN_REASONS

REASONS = [
    # as the spending-limit notebook of amazon-braket-examples shows it
    (
        "Attempted to spend over the spending limit or outside the spending limit time window. Limit: 3",
        "spending limit",
    ),
    # validation of an analog program: positions of its atoms, and its driving field
    ("error for AtomArrangementValidator\n Sites have y-separation (0.0000034). It must be zero", "paradigm.lattice"),
    ("1 validation error for DrivingFieldValidator: Value 1 (14e8) outside the allowed range", "paradigm.rydberg"),
    ("ProgramSetValidationFailed", "programIndex"),
    ("[line 196] uses a gate: i which is not supported by the device or defined via a defcal", "supportedOperations"),
    ("[line 5] arbitrary unitary gates are not supported on the requested device", "supportedOperations"),
    ("barrier gate is not supported", "barrier"),
    ("Unable to complete Rigetti compilation; the circuit may be too large", "less depth"),
    ("Failed to compile task; device: Aspen-10.", "native gates"),
    ("Predicted runtime based on best contraction path found exceeds TN1 limit", "tensor network"),
    ("Failed to run task; lattice: Aspen-9", "submit it again"),
    ("AlgorithmError: ModuleNotFoundError: No module named 'smdistributed', exit code: 1", "requirements.txt"),
    ("AlgorithmError: Unable to install requirements.\nException: x", "pip"),
    ("AlgorithmError: Unable to download code.\nException: x", "entry_point"),
    ("AlgorithmError: FileNotFoundError: [Errno 2] No such file or directory: 'x'", "AMZN_BRAKET_INPUT_DIR"),
    ("AlgorithmError: MemoryError, exit code: 1", "larger instance type"),
    ("CapacityError: Unable to provision requested ML compute capacity.", "another instance type"),
    ("ServiceQuotaExceededException: You have exceeded the service quota", "Service Quotas"),
    ("ThrottlingException: Rate exceeded", "pause"),
    ("AccessDeniedException: not authorized to perform braket:CreateQuantumTask", "permission"),
    ("MaxRuntimeExceeded", "maxRuntimeInSeconds"),
    ("DeviceOfflineException", "back"),
    ("DeviceRetiredException: the device has been retired", "for good"),
    ("AlgorithmError: ZeroDivisionError: division by zero, exit code: 1", "logs"),
    ("Program validation failed: site spacing 3.9 um is below the minimum", "same program will fail again"),
    ("Internal device error", "not in your program"),
]


@pytest.mark.parametrize(("reason", "helps"), REASONS)
def test_a_known_reason_has_a_hint(reason: str, helps: str) -> None:
    assert helps in hint(reason)
    assert is_explained(reason)


@pytest.mark.parametrize("reason", ["6 of 96 executables failed", "Qubit 17 is unhappy", "Cancelled by the operator"])
def test_an_unknown_reason_has_no_hint(reason: str) -> None:
    """A guessed hint would mislead people."""
    assert hint(reason) == ""
    assert not is_explained(reason)


def test_an_empty_reason_needs_no_hint() -> None:
    assert is_explained("")


def test_the_users_own_hints_come_first() -> None:
    own = (HintRule(r"exit code: 1\b", "ask Anna"), HintRule("exit", "never reached"))

    assert hint("AlgorithmError: boom, exit code: 1", own) == "ask Anna"
    assert hint("Internal device error", own).startswith("a fault on Braket's")


def test_a_hint_of_the_users_own_is_one_short_line() -> None:
    long = hint("x", (HintRule("x", "word\n" * 200),))

    assert "\n" not in long
    assert len(long) <= MOST


@pytest.mark.parametrize("known", KNOWN_REASONS, ids=lambda known: known.pattern[:30])
def test_every_known_reason_is_reachable_and_names_its_source(known: tuple[str, str, str]) -> None:
    pattern, says, source = known

    assert any(hint(reason) == says for reason, _ in REASONS), "a wider pattern hides this one"
    assert re.match(r"https://(docs\.aws\.amazon\.com|github\.com|docs\.python\.org)/", source)
    assert re.compile(pattern)
    assert len(says) <= 200
