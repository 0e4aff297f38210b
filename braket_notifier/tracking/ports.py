"""What the pipeline needs from the outside, as Protocols; `adapters/` has a real one and a fake one of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Children, Kind, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Step


def raised(error: Exception) -> None:
    """For whoever would rather end than leave out what cannot be read; a function logs it and goes on."""
    raise error


@dataclass(frozen=True, slots=True)
class CreatedRange:
    """From one time of creation to another, both included; None: without a bound."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, created: datetime | None) -> bool:
        """Whether it was created in the window; what was created nobody knows when is among the oldest."""
        if created is None:
            return self.since is None
        return (self.since is None or created >= self.since) and (self.until is None or created <= self.until)


class Braket(Protocol):
    """Amazon Braket's own word, in the region of the resource."""

    def read(self, arn: Arn) -> Snapshot:
        """GetQuantumTask or GetJob; UnreadableError, NotKnownError, BusyError."""
        ...

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        """Every quantum task of the window that has not ended, as summaries without details; whole, or BusyError."""
        ...

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        """Every quantum task or hybrid job of the window, as summaries without details; whole, or BusyError."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row as it stands after `record`, and whether this call moved it."""

    row: SnapshotRow
    moved: bool


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What the sparse index tells of a row that is not terminal or not fully dispatched."""

    arn: Arn
    rank: float
    undispatched: bool
    changed_at: datetime
    created_at: datetime | None
    #: How often, a day apart, Braket has not known it any more, and when that was noted last.
    misses: int = 0
    missed_at: datetime | None = None
    status: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the sweeps of one region have come; a pass may take several runs."""

    #: When the last complete pass began.
    watermark: datetime | None = None
    #: When the pass under way began, and up to which time of creation its open tasks have been compared.
    began: datetime | None = None
    reached: datetime | None = None
    #: The daily look further back: when it began, and how far it has come (None: to its end).
    looked_back_at: datetime | None = None
    looked_back_to: datetime | None = None
    #: When the oldest hybrid job that was open at the last run was created.
    oldest_job: datetime | None = None
    #: When the last run began that came further, and had trouble with no resource.
    swept_at: datetime | None = None


class Counts(Protocol):
    """What the table `snapshots` counts for those who tell."""

    def count_open(self, among: str) -> int:
        """How many that have not ended are open in this (`Snapshot.open_in`), up to the most that are counted."""
        ...

    def children(self, of: str) -> Children:
        """How the quantum tasks stand that have been part of this so far (`Snapshot.part_of`)."""
        ...


class StatusRows(Protocol):
    """What the status board reads of the table `snapshots`: so much of each, and nothing is written."""

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]: ...

    def ended(self, region: str, window: CreatedRange, most: int) -> Sequence[tuple[Arn, datetime]]:
        """What ended in the window and was dispatched, the last first."""
        ...

    def rows_of(self, arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]:
        """The row of each that has one."""
        ...

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        """When each region was last swept as it should be; one that never was is missing."""
        ...


class Snapshots(Counts, StatusRows, Protocol):
    """The table `snapshots`: it only moves forward, and marks in the same write what is not yet dispatched."""

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        """Move the row if the snapshot supersedes it, or corrects its terminal status for the first time.

        Without `announce`, a row that is first seen now is marked as already dispatched.
        """
        ...

    def dispatched(self, row: SnapshotRow, now: datetime) -> None:
        """Raise the marker to the row's version; a terminal row then leaves the index and starts to expire."""
        ...

    def get(self, arn: Arn) -> SnapshotRow | None: ...

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        """Keep newer details of the same status; False if the row has moved on from this version."""
        ...

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        """Note that Braket did not know it so often, or (0) that it does after all."""
        ...

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
        """The rank of each that has a row."""
        ...

    def open(self, region: str) -> Iterable[OpenRow]: ...

    def start(self, region: str, now: datetime) -> datetime:
        """When this region was first watched: `now`, if it is the first time."""
        ...

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        """The region's cursor, until then for this owner alone; None while it is another's."""
        ...

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        """Move the cursor and give it back, unless it has passed to another."""
        ...


class ChannelQueues(Protocol):
    """One queue for each channel, where notifications wait on their own."""

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put all of them, or raise; putting one twice is harmless, because the ledger decides."""
        ...
