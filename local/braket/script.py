"""The scripted life of a quantum task or hybrid job, as a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

Kind = Literal["task", "job"]
Step = tuple[float, str]  # seconds after the step before, and the status
Delivery = Literal["sent", "lost", "duplicated", "reordered"]

TERMINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
FIRST_STATUS: Mapping[Kind, str] = {"task": "CREATED", "job": "QUEUED"}  # a hybrid job has no CREATED


@dataclass(frozen=True, kw_only=True)
class CreateRequest:
    """A client's request, from which a script is chosen."""

    kind: Kind
    region: str
    device: str
    name: str  # the job's name; a task's tag `Name`, or nothing
    tags: Mapping[str, str]
    shots: int
    action_type: str
    job_arn: str | None
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class FailedExecutable:
    """An executable of a program set that gave no result."""

    program: int
    inputs_index: int
    reason: str
    category: Literal["COMPILATION", "DEVICE", "SERVICE"]
    retryable: bool = False


@dataclass(frozen=True)
class JobEvent:
    """An entry of GetJob.events: seconds after creation (below zero in a backdated job), type, message."""

    after: float
    type: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Script:
    """The life of one resource."""

    steps: tuple[Step, ...] | None = None
    """None: the usual way to COMPLETED in under two seconds; (): the first status only."""
    when_cancelled: tuple[Step, ...] = ((0.3, "CANCELLED"),)
    """The steps after a client's CANCELLING; a cancel may also lose the race."""
    failure_reason: str | None = None
    successful_shots: int | Literal["all"] | None = "all"
    """"all": Braket gives the figure when COMPLETED; None: it does not; a number: whenever the resource has ended."""
    program_count: int | None = None
    executable_count: int | None = None
    failed_executables: tuple[FailedExecutable, ...] = ()
    aged: timedelta = timedelta()
    """The age of createdAt at creation."""
    late: timedelta = timedelta()
    """The delay of its events: its other times lie back by so much."""
    association: str | None = None
    """The reservation's ARN if the client named none."""
    queue_ahead: int = 0
    """Other accounts' tasks or jobs that wait before this one."""
    drains: float = 0.0
    """How many of them leave the queue in an hour."""
    events: Delivery = "sent"
    lost: frozenset[str] = frozenset()
    """Statuses whose events alone are lost."""
    job_events: tuple[JobEvent, ...] | None = None
    """None: the events that follow from the job's statuses."""

    def loses(self, status: str) -> bool:
        return self.events == "lost" or status in self.lost


Choose = Callable[[CreateRequest], Script]
"""Decides from the request alone, because other requests wait for it."""


def usual(kind: Kind, end: str = "COMPLETED") -> tuple[Step, ...]:
    """The way of most resources, to the given end."""
    way: tuple[Step, ...] = ((0.3, "RUNNING"), (0.8, end))
    return way if kind == "job" else ((0.2, "QUEUED"), *way)


def complete(_: CreateRequest) -> Script:
    """The default script: the resource completes."""
    return Script()
