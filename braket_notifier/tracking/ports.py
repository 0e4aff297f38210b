"""The ports of tracking. `adapters/` has a real one and a fake one of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Children, Kind, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Step

#: A region's start that is so far to come was taken from a wrong clock; right clocks differ by less.
WRONGLY_AHEAD = timedelta(minutes=30)


def raised(error: Exception) -> None:
    """Stop at an unreadable row or summary. The functions log and skip it instead."""
    raise error


@dataclass(frozen=True, slots=True)
class CreatedRange:
    """A range of creation times, both bounds included; None leaves a side open."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, created: datetime | None) -> bool:
        """Whether the range contains this time. An unknown time counts as older than every other."""
        if created is None:
            return self.since is None
        return (self.since is None or created >= self.since) and (self.until is None or created <= self.until)


class Braket(Protocol):
    """Amazon Braket, in the region of the resource."""

    def read(self, arn: Arn) -> Snapshot:
        """Read one resource. Raises UnreadableError, NotKnownError and BusyError."""

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        """List every open quantum task of the range without details, or raise BusyError instead of a partial list."""

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        """List every resource of the range without details, or raise BusyError instead of a partial list."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row after `record`, and whether this call changed its status."""

    row: SnapshotRow
    moved: bool


@dataclass(frozen=True, slots=True)
class OpenRow:
    """The sparse index's part of a row that is open or not fully dispatched."""

    arn: Arn
    rank: float
    undispatched: bool
    changed_at: datetime
    created_at: datetime | None
    #: Daily reads at which Braket did not know the resource, and the time of the last one.
    misses: int = 0
    missed_at: datetime | None = None
    status: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The progress of one region's sweeps. A pass over the region may take several runs."""

    #: The start of the last complete pass.
    watermark: datetime | None = None
    #: The start of the current pass, and the creation time up to which its open tasks are compared.
    began: datetime | None = None
    reached: datetime | None = None
    #: The start of the daily look back, and the creation time it has reached (None: it is complete).
    looked_back_at: datetime | None = None
    looked_back_to: datetime | None = None
    #: The start of the look back over the month before the region was watched, which `announce_existing` wants.
    existing_at: datetime | None = None
    #: The creation time of the oldest hybrid job that was open at the last run.
    oldest_job: datetime | None = None
    #: The start of the last run that made progress without an error.
    swept_at: datetime | None = None
    #: The start of the last look for submitters, and the range that it left for lack of time.
    submitted_at: datetime | None = None
    submitted_since: datetime | None = None
    submitted_until: datetime | None = None


class Counts(Protocol):
    """The counts that messages show, from the table `snapshots`."""

    def count_open(self, among: str, regions: Collection[str]) -> int:
        """Count the open resources of these regions with this value of `Snapshot.open_in`, up to `MOST_COUNTED`.

        A region that is no longer watched keeps its open rows, because nobody records their ends.
        """

    def children(self, of: str) -> Children:
        """Count the quantum tasks with this value of `Snapshot.part_of` by their status."""

    def last_pass(self, region: str) -> datetime | None:
        """Read the start of the region's last complete pass, `Cursor.watermark`; None before the first one."""


class StatusRows(Protocol):
    """The status board's reads of the table `snapshots`. It writes nothing."""

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]: ...

    def ended(self, region: str, window: CreatedRange, most: int) -> Sequence[tuple[Arn, datetime]]:
        """List the dispatched resources that ended in the range, the latest first."""

    def rows_of(self, arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]: ...

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        """Read each region's `Cursor.swept_at`. A region without one is missing."""


class Snapshots(Counts, StatusRows, Protocol):
    """The table `snapshots`, whose rows only move forward and mark a new status as not yet dispatched."""

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        """Move the row if the snapshot supersedes it, or corrects its terminal status for the first time.

        Without `announce`, a new row is marked as already dispatched.
        """

    def record_dispatched(self, snapshot: Snapshot, step: Step, *, now: datetime) -> Recorded:
        """Move the row if the snapshot supersedes it, and mark all its versions as dispatched in the same write."""

    def dispatched(self, row: SnapshotRow, now: datetime, *, stays: bool = False) -> None:
        """Mark the row's version as dispatched. A terminal row then leaves the index and starts to expire.

        `stays`: it does neither yet, because quantum tasks of the hybrid job may be open. Otherwise the row's `at_end`
        is saved too.
        """

    def warned(self, arn: Arn) -> None:
        """Remember that the warning FAILING of a hybrid job was routed, so that its end follows."""

    def revisit(self, arn: Arn) -> None:
        """Put the row of an ended hybrid job into the index again, if there is one."""

    def get(self, arn: Arn) -> SnapshotRow | None: ...

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        """Save newer details of the same status. Return False if the row no longer has this version."""

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        """Save the number of reads at which Braket did not know the resource, 0 after an answer."""

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]: ...

    def open(self, region: str) -> Iterable[OpenRow]: ...

    def start(self, region: str, now: datetime) -> datetime:
        """Read the time since which this region is watched, which is `now` at the first call.

        A time that is more than `WRONGLY_AHEAD` to come is replaced by `now`, because ends until then would not be
        announced.
        """

    def watch(self, regions: Sequence[str], now: datetime) -> None:
        """Save the watched regions; one that was not among the last ones starts at `now`, without its old cursor."""

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        """Lease the region's cursor to this owner; None while another run holds it."""

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        """Save the cursor and end the lease, unless another run holds it by now."""


class ChannelQueues(Protocol):
    """A queue for each channel."""

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put every notification, or raise. A repeat is harmless, because the ledger drops it."""
