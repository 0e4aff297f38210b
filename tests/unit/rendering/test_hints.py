"""Hints for failure reasons, by the kind of resource and the author of the reason."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from braket_notifier.domain.policy import HintRule
from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.rendering.words.hints import MOST, hint, is_explained
from braket_notifier.rendering.words.known_reasons import OF_JOBS, OF_SCRIPTS, OF_TASKS, KnownReason

TASKS = [
    # validation of an analog program: positions of its atoms, and its driving field
    ("error for AtomArrangementValidator\n Sites have y-separation (0.0000034). It must be zero", "paradigm.lattice"),
    ("1 validation error for DrivingFieldValidator: Value 1 (14e8) outside the allowed range", "paradigm.rydberg"),
    ("ProgramSetValidationFailed", "programIndex"),
    ("[line 196] uses a gate: i which is not supported by the device or defined via a defcal", "supportedOperations"),
    ("[line 5] arbitrary unitary gates are not supported on the requested device", "supportedOperations"),
    ("barrier gate is not supported", "barrier"),
    # Rigetti Cepheus
    ("Error occurred during compilation of the program.", "remove them, or send native gates in a verbatim box"),
    ("Unable to complete Rigetti compilation; the circuit may be too large", "less depth"),
    ("Failed to compile task; device: Aspen-10.", "native gates"),
    ("Predicted runtime based on best contraction path found exceeds TN1 limit", "tensor network"),
    ("Failed to run task; lattice: Aspen-9", "submit it again"),
    ("DeviceRetiredException: the device has been retired", "for good"),
    ("Program validation failed: site spacing 3.9 um is below the minimum", "same program will fail again"),
    ("Internal device error", "not in your program"),
]
JOBS = [
    ("CapacityError: Unable to provision requested ML compute capacity.", "another instance type"),
    ("ServiceQuotaExceededException: You have exceeded the service quota", "Service Quotas"),
    ("ClientError: User is not authorized to perform s3:GetObject", "the job's role"),
    ("MaxRuntimeExceeded", "maxRuntimeInSeconds"),
    ("InternalServerError: We encountered an internal error. Please try again.", "not in your script"),
]
CALL = "when calling the CreateQuantumTask operation"
SCRIPTS = [
    # killed: the exit code stands for a signal, and there are no words
    ("AlgorithmError: , exit code: 137", "the process was killed, mostly because the memory ran out"),
    ("AlgorithmError: ModuleNotFoundError: No module named 'smdistributed', exit code: 1", "requirements.txt"),
    ("AlgorithmError: Unable to install requirements.\nException: x", "pip"),
    ("AlgorithmError: Unable to download code.\nException: x", "entry_point"),
    ("AlgorithmError: Got an exception while trying to unpack archive: x", "entry_point"),
    ("AlgorithmError: FileNotFoundError: [Errno 2] No such file or directory: 'x'", "AMZN_BRAKET_INPUT_DIR"),
    ("AlgorithmError: MemoryError, exit code: 1", "larger instance type"),
    ("AlgorithmError: _ArrayMemoryError: Unable to allocate 64 GiB, exit code: 1", "larger instance type"),
    (f"AlgorithmError: AccessDeniedException: An error occurred (AccessDeniedException) {CALL}: no", "job's role"),
    (
        "AlgorithmError: ClientError: An error occurred (AccessDenied) when calling the PutObject operation",
        "job's role",
    ),
    (
        f"AlgorithmError: ServiceQuotaExceededException: An error occurred (ServiceQuotaExceededException) {CALL}: no",
        "Service Quotas",
    ),
    (f"AlgorithmError: ThrottlingException: An error occurred (ThrottlingException) {CALL}: Rate exceeded", "pause"),
    ("AlgorithmError: ZeroDivisionError: division by zero, exit code: 1", "your own script ended with this error"),
]
REASONS: list[tuple[Kind, str, str]] = [
    *(("task", *each) for each in TASKS),
    *(("job", *each) for each in [*JOBS, *SCRIPTS]),
]
OWN_ERROR = hint("AlgorithmError", "job")


@pytest.fixture
def of(a_task: Callable[..., Snapshot], a_job: Callable[..., Snapshot]) -> Callable[[Kind, str], Snapshot]:
    return lambda kind, reason: (a_task if kind == "task" else a_job)("FAILED", failure_reason=reason)


@pytest.mark.parametrize(("kind", "reason", "helps"), REASONS)
def test_a_known_reason_has_a_hint(of: Callable[[Kind, str], Snapshot], kind: Kind, reason: str, helps: str) -> None:
    assert helps in hint(reason, kind)
    assert is_explained(of(kind, reason))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("task", "6 of 96 executables failed"),
        ("task", "Qubit 17 is unhappy"),
        ("task", "Cancelled by the operator"),
        # a task has no stopping condition, no container and no role
        ("task", "Simulation exceeded the maximum runtime of 3 hours"),
        ("task", "AccessDenied: the results could not be written"),
        ("task", "CapacityError: no capacity"),
        ("task", "AlgorithmError: ValueError: x, exit code: 1"),
        ("task", ", exit code: 137"),
        # Braket refuses it before there is a task, so that no task has this reason
        ("task", "Attempted to spend over the spending limit or outside the spending limit time window. Limit: 3"),
        # a job is not compiled, validated or run by a device
        ("job", "Error occurred during compilation of the program."),
        ("job", "Program validation failed: site spacing 3.9 um is below the minimum"),
        ("job", "Internal device error"),
        ("job", "barrier gate is not supported"),
    ],
)
def test_an_unknown_reason_has_no_hint(of: Callable[[Kind, str], Snapshot], kind: Kind, reason: str) -> None:
    """A guessed hint would mislead people."""
    assert hint(reason, kind) == ""
    assert not is_explained(of(kind, reason))


@pytest.mark.parametrize(
    "words",
    [
        "ValueError: barrier height not supported by this optimizer",
        "ValueError: sites are outside the allowed range of the grid",
        "RuntimeError: Failed to compile model with torch.compile",
        "TypeError: AtomArrangementValidator() takes no arguments",
        "ValueError: AccessDenied by my own proxy",
        "RuntimeError: Unable to install requirements of my plan",
        "KeyError: 'maximum runtime'",
    ],
)
def test_a_script_s_own_words_give_no_other_hint_than_to_its_logs(words: str) -> None:
    assert hint(f"AlgorithmError: {words}, exit code: 1", "job") == OWN_ERROR


@given(
    st.from_regex(r"[A-Z][A-Za-z]{0,20}", fullmatch=True),
    st.lists(st.one_of(st.sampled_from([reason for _, reason, _ in REASONS]), st.text(max_size=30))).map(" ".join),
    st.sampled_from(["", ", exit code: 1", ", exit code: 137"]),
)
@example("AccessDeniedException", "An error occurred (AccessDeniedException) when calling x", ", exit code: 1")
@example("ValueError", "barrier is not supported; Internal device error", ", exit code: 1")
def test_no_words_of_a_user_s_exception_give_a_hint_about_a_device(error: str, words: str, end: str) -> None:
    assert hint(f"AlgorithmError: {error}: {words}{end}", "job") in {each.says for each in OF_SCRIPTS}


@given(st.lists(st.one_of(st.sampled_from([reason for _, reason, _ in REASONS]), st.text(max_size=30))).map(" ".join))
def test_no_words_of_a_plain_exception_give_another_hint_than_to_the_logs(words: str) -> None:
    assert hint(f"AlgorithmError: ValueError: {words}, exit code: 1", "job") == OWN_ERROR


@pytest.mark.parametrize("kind", ["task", "job"])
def test_an_empty_reason_needs_no_hint(of: Callable[[Kind, str], Snapshot], kind: Kind) -> None:
    assert is_explained(of(kind, ""))


def test_the_users_own_hints_come_first() -> None:
    own = (HintRule(r"exit code: 1\b", "ask Anna"), HintRule("exit", "never reached"))

    assert hint("AlgorithmError: boom, exit code: 1", "job", own) == "ask Anna"
    assert hint("Internal device error", "task", own).startswith("a fault on Braket's")


def test_a_hint_of_the_users_own_is_one_short_line() -> None:
    long = hint("x", "task", (HintRule("x", "word\n" * 200),))

    assert "\n" not in long
    assert len(long) <= MOST


@pytest.mark.parametrize(
    ("kind", "known"),
    [*(("task", each) for each in OF_TASKS), *(("job", each) for each in (*OF_JOBS, *OF_SCRIPTS))],
    ids=lambda value: value if isinstance(value, str) else value.pattern[:30],
)
def test_every_known_reason_is_reachable_and_names_its_source(kind: Kind, known: KnownReason) -> None:
    reachable = any(of == kind and hint(reason, of) == known.says for of, reason, _ in REASONS)

    assert reachable, "a wider pattern hides this one"
    assert re.match(r"https://(docs\.aws\.amazon\.com|github\.com|docs\.python\.org)/", known.source)
    assert re.compile(known.pattern)
    assert len(known.says) <= 200


def test_hints_about_devices_are_for_tasks_and_hints_about_containers_for_jobs() -> None:
    of_tasks = " ".join(each.says for each in OF_TASKS)
    of_jobs = " ".join(each.says for each in (*OF_JOBS, *OF_SCRIPTS))

    assert not re.search(r"\bjob|container|script|maxRuntimeInSeconds", of_tasks)
    assert not re.search(r"device|qubit|barrier|verbatim", of_jobs)
