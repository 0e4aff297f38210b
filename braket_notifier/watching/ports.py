"""The ports of watching."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from braket_notifier.braket.availability import Availability
from braket_notifier.domain.resource import Arn
from braket_notifier.domain.spending import Allowance
from braket_notifier.watching.spending import Sent
from braket_notifier.watching.watched import Seen, Watched

#: A period whose ends the sweep announces once it is over.
Announced = Literal["week", "month"]


class Ends(Protocol):
    """The index of ends in the table `snapshots`, and the last week and month that were announced."""

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        """Count the resources of a region by their status that ended at `since` or later, and before `until`."""

    def last(self, period: Announced, region: str) -> str:
        """Read the name of the last week or month that was announced; empty before the first one."""

    def save(self, period: Announced, region: str, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the event history: CloudTrail's events as JSON, and the time of the oldest one."""

    events: tuple[str, ...]
    oldest: datetime | None


class Submissions(Protocol):
    """CloudTrail's event history of the calls that create quantum tasks and hybrid jobs."""

    def pages(self, region: str, operation: str, since: datetime, until: datetime) -> Iterator[EventPage]:
        """Yield the pages of an operation's events, the newest first. Raises EventHistoryError."""


class SubmitterRows(Protocol):
    """The names of submitters in the table `snapshots`."""

    def lacking(self, arns: Sequence[Arn]) -> Mapping[Arn, Arn | None]:
        """Read which of these have a row without a name; a hybrid job's own quantum task comes with its job."""

    def submitters(self, arns: Sequence[Arn]) -> Mapping[Arn, str]:
        """Read the names of these resources; one without a name is missing."""

    def save_submitter(self, arn: Arn, by: str) -> bool | None:
        """Save the name of an open resource, or beside it of an ended one, whose messages do not show it.

        Return True for an open one, False for an ended one, and None if it has a name or no row.
        """


class Devices(Protocol):
    """The devices of Amazon Braket."""

    def availability(self, region: str, device: str) -> Availability:
        """Read the status and the execution windows of a device. Raises UnreadableError and BusyError."""


class SpendingLimits(Protocol):
    """The spending limits of Amazon Braket."""

    def spending_limits(self, region: str) -> Sequence[Allowance]:
        """List every spending limit of a region; an unreadable one is skipped. Raises UnreadableError, BusyError."""


class SpendingRows(Protocol):
    """Rows in the table `snapshots` with the announced thresholds: one of each region's limits, one of the budgets."""

    def sent(self, scope: str) -> Sent:
        """Read what was sent of a region or of BUDGETS."""

    def save_sent(self, scope: str, sent: Sent) -> None: ...


class LastCosts(Protocol):
    """The recorded costs of ended quantum tasks."""

    def last_cost(self, region: str, device: str, since: datetime) -> Decimal | None:
        """Return the amount in USD of the last end with one since a time, among the latest ends; None without any."""


class WatchedRows(Protocol):
    """A row for each region in the table `snapshots`: its devices and what people were reminded of."""

    def watched(self, region: str) -> Watched: ...

    def devices(self, regions: Sequence[str]) -> Mapping[tuple[str, str], Seen]:
        """Read the devices of these regions, each by its region and ARN; an unreadable row is skipped."""

    def save_watched(self, region: str, watched: Watched) -> None: ...
