"""The tags `notify` (channels to add) and `notify-on` (at which statuses) of a resource; pure."""

from dataclasses import dataclass

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, TERMINAL_RANK, Snapshot, rank_of
from braket_notifier.text.wording import clean, cut

ENDS = ("COMPLETED", "FAILED", "CANCELLED")
#: The statuses that the tag `notify-on` may name; without it, every end counts.
STATUSES = (*ENDS, "RUNNING")
#: Characters of a tag's words that a warning quotes.
MOST = 60


@dataclass(frozen=True, slots=True)
class TagRequest:
    """The channels and statuses that the tags request. A word that names no channel or no status is ignored."""

    nobody: bool
    channels: tuple[str, ...]
    statuses: tuple[str, ...]

    def includes(self, channel: str, status: str, snapshot: Snapshot, *, failed: bool) -> bool:
        """Whether the tags request this status. An end that no tag can name (unknown, or GONE) is included."""
        if channel not in self.channels:
            return False
        if failed or status == FAILING:
            return "FAILED" in self.statuses
        return status in self.statuses or (status not in ENDS and rank_of(status, snapshot.ended_at) == TERMINAL_RANK)


def wants(snapshot: Snapshot, policy: Policy) -> TagRequest:
    """Read the tags, whose values are separated by spaces, because AWS allows no commas in a tag."""
    words, statuses = _words(snapshot, "notify"), [each.upper() for each in _words(snapshot, "notify-on")]
    return TagRequest(
        nobody="none" in words,
        channels=tuple(each for each in words if each in policy.channels),
        statuses=tuple(each for each in statuses if each in STATUSES) or ENDS,
    )


def cautions(snapshot: Snapshot, policy: Policy) -> tuple[str, ...]:
    """Return a warning for the message about each word that names no channel or no status."""
    channels = [each for each in _words(snapshot, "notify") if each not in policy.channels and each != "none"]
    statuses = [each for each in _words(snapshot, "notify-on") if each.upper() not in STATUSES]
    warnings = []
    if channels:
        warnings.append(f"Tag notify: {_shown(channels)} is no channel here; there are {', '.join(policy.channels)}.")
    if statuses:
        warnings.append(f"Tag notify-on: {_shown(statuses)} is not allowed; allowed are {', '.join(STATUSES)}.")
    return tuple(warnings)


def _words(snapshot: Snapshot, tag: str) -> list[str]:
    return snapshot.tags.get(tag, "").split()


def _shown(words: list[str]) -> str:
    return cut(clean(" ".join(words)), MOST)
