"""The values that travel through the notifier, and the one rule that orders them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["task", "job"]

#: Ranks of Braket's statuses. GONE is ours: Braket no longer knows the resource. Equal ranks are alternatives.
RANKS = {
    "CREATED": 0.0,
    "QUEUED": 1.0,
    "RUNNING": 2.0,
    "CANCELLING": 3.0,
    "COMPLETED": 4.0,
    "FAILED": 4.0,
    "CANCELLED": 4.0,
    "GONE": 4.0,
}
UNKNOWN_RANK = 2.5
#: Ours too, and in no row: a hybrid job that still runs while many of its quantum tasks fail.
FAILING = "FAILING"
NO_RANK = -1.0
TERMINAL_RANK = 4.0
#: AWS allows no longer value of a tag; the key of an index has room for 2,048 bytes.
LONGEST_TAG = 256

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):braket:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12})"
    r":(?P<type>quantum-task|job)/(?P<id>[A-Za-z0-9-]{1,128})",
)


def rank_of(status: str, ended_at: datetime | None) -> float:
    """The rank of a status; an unknown one is terminal only if Braket says that the resource ended."""
    if status in RANKS:
        return RANKS[status]
    if not status:
        return NO_RANK
    return TERMINAL_RANK if ended_at else UNKNOWN_RANK


@dataclass(frozen=True, slots=True)
class Arn:
    """The validated ARN of a quantum task or a hybrid job; links are built from its parts only."""

    text: str
    # The rest are parts of the text, which alone says whether two are the same: tables of ten thousand have it as key.
    partition: str = field(compare=False)
    region: str = field(compare=False)
    account: str = field(compare=False)
    kind: Kind = field(compare=False)
    id: str = field(compare=False)

    @property
    def short_id(self) -> str:
        return self.id[:8]

    def __str__(self) -> str:
        return self.text


def parse_arn(text: str) -> Arn:
    """Split the ARN of a quantum task or hybrid job; ValueError for anything else (botocore checks no ARN)."""
    match = _ARN.fullmatch(text)
    if match is None:
        raise ValueError(f"not the ARN of a quantum task or hybrid job: {text[:200]!r}")
    kind: Kind = "task" if match["type"] == "quantum-task" else "job"
    return Arn(text, match["partition"], match["region"], match["account"], kind, match["id"])


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One entry of a hybrid job's own log of events, as GetJob tells it."""

    type: str
    at: datetime | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Children:
    """How many quantum tasks a hybrid job or a reservation has so far, and how they stand; more may come."""

    submitted: int
    completed: int = 0
    partial: int = 0
    failed: int = 0
    cancelled: int = 0
    #: The shots of the partial ones together, where somebody read them: Search does not tell.
    partial_successful_shots: int | None = None
    partial_shots: int | None = None

    @property
    def finished(self) -> int:
        return self.completed + self.partial + self.failed + self.cancelled


def count_children(tasks: Sequence[tuple[str, tuple[int, int] | None]]) -> Children:
    """Count quantum tasks by their status and, where only some of their shots succeeded, how many of how many."""
    counts = Counter("PARTIAL" if part else status for status, part in tasks)
    ends = (counts[status] for status in ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED"))
    parts = [part for _, part in tasks if part]
    return Children(len(tasks), *ends, *([sum(each) for each in zip(*parts, strict=True)] if parts else []))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What Braket says about one resource at one moment; an absent member is None or empty, never guessed."""

    arn: Arn
    status: str
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    device: str = ""
    shots: int | None = None
    successful_shots: int | None = None
    failure_reason: str = ""
    bucket: str = ""
    directory: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    job_arn: str = ""
    job_name: str = ""
    instance_type: str = ""
    max_runtime_s: int | None = None
    programs: int | None = None
    executables: int | None = None
    reservation: str = ""
    #: Braket's own word for how many wait before it, like `2` or `>2000`, when it was last asked.
    queue_position: str = ""
    events: tuple[JobEvent, ...] = ()
    children: Children | None = None
    degraded: bool = False

    @property
    def rank(self) -> float:
        """Where the status stands on the way to the end."""
        return rank_of(self.status, self.ended_at)

    @property
    def terminal(self) -> bool:
        return self.rank == TERMINAL_RANK

    @property
    def open_in(self) -> str:
        """Among what it counts as open until it ends: its hybrid job's, else its batch's, else its device's."""
        if self.arn.kind == "job" or self.job_arn:
            return f"job {self.job_arn or self.arn}"
        batch = self.tags.get("batch", "")
        return f"batch {batch[:LONGEST_TAG]}" if batch else f"device {self.device[:LONGEST_TAG]}"

    @property
    def part_of(self) -> str:
        """With what a quantum task is counted, ended or not: the ARN of its hybrid job, else of its reservation."""
        return (self.job_arn or self.reservation) if self.arn.kind == "task" else ""

    @property
    def incomplete(self) -> tuple[int, int] | None:
        """Braket: a completed quantum task may have fewer successful shots than it was asked for; how many of them."""
        asked, got = self.shots, self.successful_shots
        if self.status != "COMPLETED" or asked is None or got is None or got >= asked:
            return None
        return got, asked

    @property
    def unknown(self) -> bool:
        """Braket has a status that this code has not; botocore passes such words through."""
        return self.status not in RANKS

    def supersedes(self, previous: "Snapshot | None") -> bool:
        """Only forward: Braket delivers events at least once and possibly out of order."""
        return previous is None or self.rank > previous.rank

    def corrects(self, previous: "Snapshot") -> bool:
        """A different terminal status, just read from Braket, is news once."""
        both_ended = self.terminal and previous.terminal
        return both_ended and self.status != previous.status and not self.degraded


def is_incomplete(snapshot: Snapshot) -> bool:
    """A few shots are missing, however few; what is absent is not missing."""
    return is_partial(snapshot, 1.0)


def has_failed_executables(snapshot: Snapshot) -> bool:
    """A program set of which something is usable and something is not: its results.json says what."""
    return bool(snapshot.executables and snapshot.successful_shots) and is_incomplete(snapshot)


def is_partial(snapshot: Snapshot, below: float) -> bool:
    """Fewer shots succeeded than the settings accept; an absent count is neither 0 nor partial."""
    if snapshot.shots is None or snapshot.successful_shots is None:
        return False
    return snapshot.successful_shots < below * snapshot.shots
