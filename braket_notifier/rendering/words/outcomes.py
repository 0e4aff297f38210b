"""The mark and the words of each outcome and status; pure."""

from dataclasses import dataclass

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, RANKS, is_last_tasks, is_partial, may_have_results
from braket_notifier.domain.transition import Transition, has_results
from braket_notifier.text.wording import clean


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mark, with words for a push line, a headline and a time."""

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

PERHAPS_PARTLY_FAILED = Outcome("🟠", "FAILED", "FAILED by Braket, but results may exist", "failed")


def outcome(transition: Transition, policy: Policy) -> Outcome:
    if has_results(transition):
        return PARTLY_FAILED
    if may_have_results(transition.snapshot):
        return PERHAPS_PARTLY_FAILED
    if transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below):
        return PARTLY_DONE
    word = clean(transition.status)
    return _OUTCOMES.get(transition.status, Outcome("❔", word, word, word.lower()))


def corrected(transition: Transition) -> str:
    """Return ` (corrected: was FAILED)`, or an empty text for the first end of a resource."""
    return f" (corrected: was {clean(transition.was or '')})" if transition.correction else ""


def is_known(status: str) -> bool:
    return status in RANKS or status == FAILING or is_last_tasks(status)
