"""A status change of one resource: the reported status, the row that records it, and the transition itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from braket_notifier.domain.resource import Arn, Snapshot, rank_of

Source = Literal["event", "sweep"]


@dataclass(frozen=True, slots=True)
class ReportedStatus:
    """What an EventBridge event claims: a snapshot that may be late, repeated or wrong, the event's time and id."""

    snapshot: Snapshot
    at: datetime | None
    id: str = ""

    @property
    def about(self) -> dict[str, str]:
        """What a log says of it; the correlation id is that of the transition, if it is one."""
        arn, status = self.snapshot.arn, self.snapshot.status
        said = {"correlation_id": transition_id(arn, status), "arn": arn.text, "status": status, "source": "event"}
        return {**said, "event_id": self.id}


@dataclass(frozen=True, slots=True)
class Step:
    """One status in a resource's history; `at` is Braket's own time, or None where Braket gives none."""

    status: str
    at: datetime | None
    source: Source


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One row of `snapshots`: the latest snapshot, the steps to it (step n made version n), the version enqueued."""

    snapshot: Snapshot
    history: tuple[Step, ...]
    dispatched: int
    corrected: bool = False

    @property
    def version(self) -> int:
        return len(self.history)


def transition_id(arn: Arn, status: str) -> str:
    return sha256(f"{arn}|{status}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Transition:
    """A resource moved from one status to another."""

    snapshot: Snapshot
    status: str
    was: str | None
    at: datetime | None
    running_at: datetime | None
    version: int
    source: Source
    correction: bool = False

    @property
    def arn(self) -> Arn:
        return self.snapshot.arn

    @property
    def left_over(self) -> bool:
        """Braket cancels what is queued when a reservation ends, and gives no reason: only the ARN speaks for it."""
        return self.status == "CANCELLED" and bool(self.snapshot.reservation)

    @property
    def id(self) -> str:
        """The same whenever it is told: each status happens once per resource."""
        return transition_id(self.arn, self.status)

    @property
    def about(self) -> dict[str, str]:
        """What a log says of it; the id is the same from the event or the sweep to every channel."""
        return {"correlation_id": self.id, "arn": self.arn.text, "status": self.status, "source": self.source}

    @property
    def order(self) -> float:
        """Where it stands among what is told of its resource: by rank, a correction after what it corrects.

        Not by version: a restored or re-created row counts its versions anew.
        """
        return rank_of(self.status, self.snapshot.ended_at) + 0.5 * self.correction


def has_results(transition: Transition) -> bool:
    """Braket: a FAILED program set can still have results in S3."""
    return transition.status == "FAILED" and bool(transition.snapshot.successful_shots)


def took(transition: Transition) -> timedelta | None:
    """From submission to the end (a quantum task has no startedAt); None where Braket gives no times."""
    ended, created = transition.snapshot.ended_at or transition.at, transition.snapshot.created_at
    return ended - created if ended and created else None
