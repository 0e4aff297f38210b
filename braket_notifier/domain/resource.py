"""Quantum tasks and hybrid jobs: ARNs, ranks of statuses, and snapshots."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from braket_notifier.domain.cost import Cost

Kind = Literal["task", "job"]

#: Ranks of Braket's statuses; equal ranks are alternatives. GONE is ours, of a resource that Braket no longer knows.
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
#: The notifier's own status of a hybrid job that runs while many of its quantum tasks fail; no row stores it.
FAILING = "FAILING"
#: The notifier's own status of an ended hybrid job whose last tasks have ended too; no row stores it. The count of its
#: ended tasks follows it, because tasks that are found later have a line of their own.
TASKS_ENDED = "TASKS_ENDED"
#: Every status of the notifier's own; an older version defers a notification of another one.
OWN_STATUSES = frozenset({FAILING, TASKS_ENDED})
NO_RANK = -1.0
TERMINAL_RANK = 4.0
#: Characters of a tag's value, as AWS limits them; the key of an index has room for 2,048 bytes.
LONGEST_TAG = 256

#: Begins the id of an invented quantum task, which the command `test` notifies of.
INVENTED = "test-"

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):braket:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12})"
    r":(?P<type>quantum-task|job)/(?P<id>[A-Za-z0-9-]{1,128})",
)


def is_last_tasks(status: str) -> bool:
    """Whether the status announces how the last quantum tasks of an ended hybrid job ended."""
    return status.partition(" ")[0] == TASKS_ENDED


def rank_of(status: str, ended_at: datetime | None) -> float:
    """Return the rank of a status; an unknown status is terminal only if the resource has an end time."""
    if status in RANKS:
        return RANKS[status]
    if not status:
        return NO_RANK
    return TERMINAL_RANK if ended_at else UNKNOWN_RANK


@dataclass(frozen=True, slots=True)
class Arn:
    """The validated ARN of a quantum task or a hybrid job; links are built from its parts only."""

    text: str
    # Only the text is compared and hashed, because tables of ten thousand rows have ARNs as keys.
    partition: str = field(compare=False)
    region: str = field(compare=False)
    account: str = field(compare=False)
    kind: Kind = field(compare=False)
    id: str = field(compare=False)

    @property
    def short_id(self) -> str:
        return self.id[:8]

    @property
    def invented(self) -> bool:
        """Whether the resource exists nowhere, so that no link leads to it."""
        return self.id.startswith(INVENTED)

    def __str__(self) -> str:
        return self.text


def parse_arn(text: str) -> Arn:
    """Parse the ARN of a quantum task or hybrid job; ValueError for any other text, because botocore checks no ARN."""
    match = _ARN.fullmatch(text)
    if match is None:
        raise ValueError(f"not the ARN of a quantum task or hybrid job: {text[:200]!r}")
    kind: Kind = "task" if match["type"] == "quantum-task" else "job"
    return Arn(text, match["partition"], match["region"], match["account"], kind, match["id"])


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An entry of the event log of a hybrid job, as GetJob returns it."""

    type: str
    at: datetime | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Children:
    """Counts of the quantum tasks of a hybrid job or reservation so far; more may be submitted later."""

    submitted: int
    completed: int = 0
    partial: int = 0
    failed: int = 0
    cancelled: int = 0
    #: Shots of all partial tasks together, which Search does not return; None if they were not read.
    partial_successful_shots: int | None = None
    partial_shots: int | None = None

    @property
    def finished(self) -> int:
        return self.completed + self.partial + self.failed + self.cancelled

    def since(self, before: "Children") -> "Children":
        """Count the tasks that ended since earlier counts; a correction in between takes none away."""
        return Children(
            max(0, self.finished - before.finished),
            completed=max(0, self.completed - before.completed),
            partial=max(0, self.partial - before.partial),
            failed=max(0, self.failed - before.failed),
            cancelled=max(0, self.cancelled - before.cancelled),
        )


def count_children(tasks: Sequence[tuple[str, tuple[int, int] | None]]) -> Children:
    """Count quantum tasks by status; a task with too few shots comes with its successful and requested shots."""
    counts = Counter("PARTIAL" if part else status for status, part in tasks)
    ends = (counts[status] for status in ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED"))
    parts = [part for _, part in tasks if part]
    return Children(len(tasks), *ends, *([sum(each) for each in zip(*parts, strict=True)] if parts else []))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Braket's answer about one resource at one moment; an absent member is None or empty, never guessed."""

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
    #: Position in the queue at the last read of the resource, as Braket writes it, like `2` or `>2000`.
    queue_position: str = ""
    events: tuple[JobEvent, ...] = ()
    children: Children | None = None
    degraded: bool = False
    #: The name with which the submitter had signed in to AWS, which CloudTrail knows and Braket does not.
    submitter: str = ""
    #: The cost of an ended quantum task, or of a hybrid job's ended tasks together; None if it is not known.
    cost: Cost | None = None

    @property
    def rank(self) -> float:
        return rank_of(self.status, self.ended_at)

    @property
    def terminal(self) -> bool:
        return self.rank == TERMINAL_RANK

    @property
    def open_in(self) -> str:
        """The key that counts an open resource: its hybrid job, otherwise its batch, otherwise its device."""
        if self.arn.kind == "job" or self.job_arn:
            return f"job {self.job_arn or self.arn}"
        batch = self.tags.get("batch", "")
        return f"batch {batch[:LONGEST_TAG]}" if batch else f"device {self.device[:LONGEST_TAG]}"

    @property
    def part_of(self) -> str:
        """The ARN that counts a quantum task, open or ended: its hybrid job's, otherwise its reservation's."""
        return (self.job_arn or self.reservation) if self.arn.kind == "task" else ""

    @property
    def incomplete(self) -> tuple[int, int] | None:
        """Successful and requested shots of a completed task with too few of them; None for any other resource."""
        requested, successful = self.shots, self.successful_shots
        if self.status != "COMPLETED" or requested is None or successful is None or successful >= requested:
            return None
        return successful, requested

    @property
    def unknown(self) -> bool:
        """Whether this code does not know the status; botocore passes new statuses through."""
        return self.status not in RANKS

    def supersedes(self, previous: "Snapshot | None") -> bool:
        """Whether the rank is higher, because Braket delivers events at least once and possibly out of order."""
        return previous is None or self.rank > previous.rank

    def corrects(self, previous: "Snapshot") -> bool:
        """Whether a terminal status that was read from Braket replaces a different terminal status."""
        both_ended = self.terminal and previous.terminal
        return both_ended and self.status != previous.status and not self.degraded


def lists_failures(snapshot: Snapshot) -> bool:
    """Whether the results of a task may list failed executables."""
    return has_failed_executables(snapshot) or may_have_results(snapshot)


def has_measurements(snapshot: Snapshot) -> bool:
    """Whether the results of a task may have measurements; a simulator computes exactly with 0 shots."""
    return snapshot.arn.kind == "task" and snapshot.status == "COMPLETED" and bool(snapshot.shots and snapshot.bucket)


def is_incomplete(snapshot: Snapshot) -> bool:
    """Whether at least one shot is missing; an absent count is not a missing shot."""
    return is_partial(snapshot, 1.0)


def is_program_set(snapshot: Snapshot) -> bool:
    """Whether a task has several executables; a set of one, which some clients submit, reads like any other task."""
    return snapshot.executables is not None and (snapshot.executables, snapshot.programs or 1) != (1, 1)


def has_failed_executables(snapshot: Snapshot) -> bool:
    """Whether a program set has both usable and failed executables, which a file of its folder lists."""
    return is_program_set(snapshot) and bool(snapshot.successful_shots) and is_incomplete(snapshot)


def may_have_results(snapshot: Snapshot) -> bool:
    """Whether a FAILED program set may have results; Braket promises the count of its shots for COMPLETED only."""
    return snapshot.status == "FAILED" and is_program_set(snapshot) and snapshot.successful_shots is None


def is_partial(snapshot: Snapshot, below: float) -> bool:
    """Whether fewer shots succeeded than the settings accept; an absent count is neither 0 nor partial."""
    shots, good = snapshot.shots, snapshot.successful_shots
    return shots is not None and good is not None and good < below * shots
