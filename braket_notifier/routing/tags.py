"""What a submit call asks for by tags: `notify` adds channels, `notify-on` says at which ends. Pure."""

from dataclasses import dataclass

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, TERMINAL_RANK, Snapshot, rank_of
from braket_notifier.text.wording import clean, cut

ENDS = ("COMPLETED", "FAILED", "CANCELLED")
#: More words in a tag than anybody reads.
MOST = 60


@dataclass(frozen=True, slots=True)
class TagRequest:
    """What the tags ask for; a word that names no channel or no end asks for nothing."""

    nobody: bool
    channels: tuple[str, ...]
    ends: tuple[str, ...]

    def asks(self, channel: str, status: str, snapshot: Snapshot, *, failed: bool) -> bool:
        """Only ends are asked for; one that nobody could name (unknown to us, or GONE) is never hidden."""
        if channel not in self.channels:
            return False
        if failed or status == FAILING:
            return "FAILED" in self.ends
        return status in self.ends or (status not in ENDS and rank_of(status, snapshot.ended_at) == TERMINAL_RANK)


def wants(snapshot: Snapshot, policy: Policy) -> TagRequest:
    """Several values are separated by spaces: AWS allows no commas in a tag."""
    words, ends = _words(snapshot, "notify"), [each.upper() for each in _words(snapshot, "notify-on")]
    return TagRequest(
        nobody="none" in words,
        channels=tuple(each for each in words if each in policy.channels),
        ends=tuple(each for each in ends if each in ENDS) or ENDS,
    )


def cautions(snapshot: Snapshot, policy: Policy) -> tuple[str, ...]:
    """What the tags ask for in vain, for the message to say."""
    channels = [each for each in _words(snapshot, "notify") if each not in policy.channels and each != "none"]
    ends = [each for each in _words(snapshot, "notify-on") if each.upper() not in ENDS]
    said = []
    if channels:
        said.append(f"Tag notify: {_shown(channels)} is no channel here; there are {', '.join(policy.channels)}.")
    if ends:
        said.append(f"Tag notify-on: {_shown(ends)} is no end; ends are {', '.join(ENDS)}.")
    return tuple(said)


def _words(snapshot: Snapshot, tag: str) -> list[str]:
    return snapshot.tags.get(tag, "").split()


def _shown(words: list[str]) -> str:
    return cut(clean(" ".join(words)), MOST)
