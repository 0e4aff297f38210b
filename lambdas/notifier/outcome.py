"""How each way to end, or to go on, is marked and worded: pure."""

from dataclasses import dataclass

from notifier.model import FAILING, RANKS, Snapshot, Transition
from notifier.policy import Policy
from notifier.route import is_partial
from notifier.text import clean


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mark, and the words for a push line, a headline and a time."""

    mark: str
    push: str
    headline: str
    ended: str


_OUTCOMES = {
    "CREATED": Outcome("⏳", "created", "CREATED", "created"),
    "QUEUED": Outcome("⏳", "queued", "QUEUED", "queued"),
    "CANCELLING": Outcome("⏹", "is being cancelled", "CANCELLING", "cancelling"),
    "RUNNING": Outcome("▶", "running", "RUNNING", "running"),
    "COMPLETED": Outcome("✅", "done", "COMPLETED", "done"),
    "FAILED": Outcome("❌", "FAILED", "FAILED", "failed"),
    "CANCELLED": Outcome("⏹", "cancelled", "CANCELLED", "cancelled"),
    "GONE": Outcome("❔", "is gone", "GONE: Braket no longer knows it", "gone"),
    FAILING: Outcome("🟠", "is failing", "RUNNING", "running"),
}
PARTLY_DONE = Outcome("🟠", "partly done", "COMPLETED with part of the results", "done")
PARTLY_FAILED = Outcome("🟠", "partly failed", "FAILED by Braket, but results exist", "failed")


def outcome(transition: Transition, policy: Policy) -> Outcome:
    if has_results(transition):
        return PARTLY_FAILED
    if transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below):
        return PARTLY_DONE
    word = clean(transition.status)
    return _OUTCOMES.get(transition.status, Outcome("❔", word, word, word.lower()))


def has_results(transition: Transition) -> bool:
    """Braket: a FAILED program set can still have results in S3."""
    return transition.status == "FAILED" and bool(transition.snapshot.successful_shots)


def is_incomplete(snapshot: Snapshot) -> bool:
    """A few shots are missing, however few; what is absent is not missing."""
    return is_partial(snapshot, 1.0)


def has_failed_executables(snapshot: Snapshot) -> bool:
    """A program set of which something is usable and something is not: its results.json says what."""
    return bool(snapshot.executables and snapshot.successful_shots) and is_incomplete(snapshot)


def is_known(status: str) -> bool:
    return status in RANKS or status == FAILING
