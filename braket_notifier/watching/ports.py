"""The ports of watching."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from braket_notifier.braket.availability import Availability
from braket_notifier.domain.resource import Arn
from braket_notifier.watching.watched import Seen, Watched


class Ends(Protocol):
    """The index of ends in the table `snapshots`, and the last week whose line was enqueued or sent."""

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        """Count the resources of a region by their status that ended at `since` or later, and before `until`."""
        ...

    def last_week(self, region: str) -> str:
        """Read the week of the last line; empty before the first one."""
        ...

    def save_week(self, region: str, week: str) -> None: ...


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the event history: CloudTrail's events as JSON, and the time of the oldest one."""

    events: tuple[str, ...]
    oldest: datetime | None


class Submissions(Protocol):
    """CloudTrail's event history of the calls that create quantum tasks and hybrid jobs."""

    def pages(self, region: str, operation: str, since: datetime, until: datetime) -> Iterator[EventPage]:
        """Yield the pages of an operation's events, the newest first. Raises EventHistoryError."""
        ...


class SubmitterRows(Protocol):
    """The names of submitters in the table `snapshots`."""

    def lacking(self, arns: Sequence[Arn]) -> Mapping[Arn, Arn | None]:
        """Read which of these have a row without a name; a hybrid job's own quantum task comes with its job."""
        ...

    def submitters(self, arns: Sequence[Arn]) -> Mapping[Arn, str]:
        """Read the names of these resources; one without a name is missing."""
        ...

    def save_submitter(self, arn: Arn, by: str) -> bool | None:
        """Save the name of an open resource, or beside it of an ended one, whose messages do not show it.

        Return True for an open one, False for an ended one, and None if it has a name or no row.
        """
        ...


class Devices(Protocol):
    """The devices of Amazon Braket."""

    def availability(self, region: str, device: str) -> Availability:
        """Read the status and the execution windows of a device. Raises UnreadableError and BusyError."""
        ...


class WatchedRows(Protocol):
    """A row for each region in the table `snapshots`: its devices and what people were reminded of."""

    def watched(self, region: str) -> Watched: ...

    def devices(self, regions: Sequence[str]) -> Mapping[tuple[str, str], Seen]:
        """Read the devices of these regions, each by its region and ARN; an unreadable row is skipped."""
        ...

    def save_watched(self, region: str, watched: Watched) -> None: ...
