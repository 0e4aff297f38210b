"""The names of submitters and CloudTrail's event history in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.resource import Arn, parse_arn
from braket_notifier.errors import EventHistoryError
from braket_notifier.watching.ports import EventPage

#: Events of one page, the most that CloudTrail allows.
PAGE = 50


@dataclass
class MemorySubmitterRows:
    """The port `SubmitterRows` over snapshots in memory."""

    snapshots: MemorySnapshots
    late: dict[Arn, str] = field(default_factory=dict)

    def lacking(self, arns: Sequence[Arn]) -> Mapping[Arn, Arn | None]:
        rows = self.snapshots.rows_of([arn for arn in arns if arn not in self.submitters(arns)])
        jobs = {arn: row.snapshot.job_arn for arn, row in rows.items()}
        return {arn: parse_arn(job) if job else None for arn, job in jobs.items()}

    def submitters(self, arns: Sequence[Arn]) -> Mapping[Arn, str]:
        named = {arn: row.snapshot.submitter for arn, row in self.snapshots.rows_of(arns).items()}
        named = {arn: by or self.late.get(arn, "") for arn, by in named.items()}
        return {arn: by for arn, by in named.items() if by}

    def save_submitter(self, arn: Arn, by: str) -> bool | None:
        row = self.snapshots.rows.get(arn)
        if row is None or arn in self.submitters([arn]):
            return None
        if row.snapshot.terminal:
            self.late[arn] = by
            return False
        self.snapshots.rows[arn] = replace(row, snapshot=replace(row.snapshot, submitter=by))
        return True


@dataclass
class MemorySubmissions:
    """The port `Submissions`: events by region and operation, each with its time; raises the given errors in order."""

    events: dict[tuple[str, str], list[tuple[datetime, str]]] = field(default_factory=dict)
    raises: list[EventHistoryError | None] = field(default_factory=list)
    #: The requests: region, operation and range.
    asked: list[tuple[str, str, datetime, datetime]] = field(default_factory=list)

    def pages(self, region: str, operation: str, since: datetime, until: datetime) -> Iterator[EventPage]:
        found = [each for each in self.events.get((region, operation), []) if since <= each[0] <= until]
        found.sort(key=lambda each: each[0], reverse=True)
        for first in range(0, max(1, len(found)), PAGE):
            self.asked.append((region, operation, since, until))
            if self.raises and (error := self.raises.pop(0)):
                raise error
            page = found[first : first + PAGE]
            yield EventPage(tuple(event for _, event in page), page[-1][0] if page else None)
