"""Status changes of a resource: the reported status, the row that records it, and the transition."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from braket_notifier.domain.reminder import place_of, reminder_of
from braket_notifier.domain.resource import Arn, Children, Snapshot, is_last_tasks, rank_of
from braket_notifier.domain.spending import spending_of, without_amount

Source = Literal["event", "sweep"]


@dataclass(frozen=True, slots=True)
class ReportedStatus:
    """The claim of an EventBridge event, which may be late, repeated or wrong, with the event's time and id."""

    snapshot: Snapshot
    at: datetime | None
    id: str = ""

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the event in a log line. The correlation id is the id of its transition."""
        arn, status = self.snapshot.arn, self.snapshot.status
        fields = {"correlation_id": transition_id(arn, status), "arn": arn.text, "status": status, "source": "event"}
        return {**fields, "event_id": self.id}


@dataclass(frozen=True, slots=True)
class Step:
    """A status in the history of a resource. `at` is Braket's own time, or None if Braket gives none."""

    status: str
    at: datetime | None
    source: Source


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A row of `snapshots`: the latest snapshot, the history (step n made version n), the enqueued version."""

    snapshot: Snapshot
    history: tuple[Step, ...]
    dispatched: int
    corrected: bool = False
    #: Counts of a hybrid job's quantum tasks with which its end, or the last line about its tasks, was announced.
    at_end: Children | None = None
    #: The warning FAILING of the hybrid job was routed.
    warned: bool = False

    @property
    def version(self) -> int:
        return len(self.history)


def transition_id(arn: Arn, status: str) -> str:
    return sha256(f"{arn}|{status}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Transition:
    """The move of a resource from one status to another."""

    snapshot: Snapshot
    status: str
    was: str | None
    at: datetime | None
    running_at: datetime | None
    version: int
    source: Source
    correction: bool = False
    #: Whether the warning FAILING of the hybrid job was routed before.
    warned: bool = False

    @property
    def arn(self) -> Arn:
        return self.snapshot.arn

    @property
    def beside_card(self) -> bool:
        """Whether its message is a line beside the resource's card, which shows it after a refresh."""
        return is_last_tasks(self.status)

    @property
    def left_over(self) -> bool:
        """Whether Braket cancelled a task of a reservation, probably because the reservation ended."""
        return self.status == "CANCELLED" and bool(self.snapshot.reservation)

    @property
    def id(self) -> str:
        """The same id in every channel and on every repeat, because a resource has each status once."""
        return transition_id(self.arn, self.status)

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the transition in a log line. The id is the same from event or sweep to every channel.

        Of a notice about an amount they name the threshold alone, because more people read logs.
        """
        status = without_amount(self.status)
        return {"correlation_id": self.id, "arn": self.arn.text, "status": status, "source": self.source}

    @property
    def order(self) -> float:
        """The sort key among the transitions of a resource: its rank, and a correction after the status it corrects.

        Statuses of the notifier's own that follow each other are in their order.

        The version is no sort key, because a restored or re-created row counts its versions anew.
        """
        status = self.snapshot.status if self.beside_card else self.status
        return rank_of(status, self.snapshot.ended_at) + place_of(status) + 0.5 * self.correction


def counts_at_end(snapshot: Snapshot, *, announce: bool) -> Children | None:
    """Return the counts of its quantum tasks with which the end of a hybrid job is announced; None for other steps."""
    ends = announce and snapshot.terminal and snapshot.arn.kind == "job"
    return (snapshot.children or Children(0)) if ends else None


def has_results(transition: Transition) -> bool:
    """Whether a FAILED program set has results in S3, which Braket allows."""
    return transition.status == "FAILED" and bool(transition.snapshot.successful_shots)


def took(transition: Transition) -> timedelta | None:
    """Return the time from submission to the end (a quantum task has no startedAt); None if Braket gives no times."""
    ended, created = transition.snapshot.ended_at or transition.at, transition.snapshot.created_at
    return ended - created if ended and created else None


def for_programs(transition: Transition) -> Transition:
    """Return a reminder or a notice of spending with its word alone as the status; another transition is unchanged."""
    word = reminder_of(transition.status) or spending_of(transition.status)
    return replace(transition, status=word) if word else transition
