"""The index of ends: what the weekly line counts, with the last week in a cursor, and what sums of costs read."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from operator import itemgetter

from braket_notifier.adapters.dynamodb.row_format import of_this_version, readable
from braket_notifier.adapters.dynamodb.snapshot_rows import read_row
from braket_notifier.adapters.dynamodb.submitters import LATE
from braket_notifier.adapters.dynamodb.table import BATCH, Row, Table
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import LateError
from braket_notifier.text.json_fields import text
from braket_notifier.tracking.ports import raised
from braket_notifier.watching.ports import Announced

#: The precision of a time, because the index's range includes its last one.
BEFORE = timedelta(microseconds=1)
#: The ends among which the last one on a device is looked for, and a time that no end has.
LATEST, NO_LATER = BATCH, "9999"
#: The attributes of which a snapshot is made.
_NEEDED = ("arn", "status", "detail", "history", "dispatched", "degraded", "ended_at", "submitter", LATE, "cost")


class DynamoEnds:
    """The port `Ends` over the table `snapshots`; a region's cursor has the week beside its progress."""

    def __init__(self, snapshots: Table, on_skipped: Callable[[Exception], object] = raised) -> None:
        """`on_skipped` gets the error of an unreadable row, which is not counted."""
        self._table = snapshots
        self._on_skipped = on_skipped

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        return Counter(readable(_status, _ended(self._table, region, since, until), self._on_skipped))

    def last(self, period: Announced, region: str) -> str:
        return text((self._table.get(_cursor(region)) or {}).get(period))

    def save(self, period: Announced, region: str, name: str) -> None:
        """Save it in an existing row only, because a cursor without its lease could not be taken."""
        condition = "attribute_exists(#arn)"
        self._table.updated(_cursor(region), {period: ":name"}, {":name": name}, condition=condition)


class DynamoEndedTasks:
    """The ports `EndedTasks` and `LastCosts`. A sum stops with LateError when no time is left."""

    def __init__(
        self,
        snapshots: Table,
        on_skipped: Callable[[Exception], object] = raised,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> None:
        """`on_skipped` gets the error of an unreadable row, which no sum counts."""
        self._table = snapshots
        self._on_skipped = on_skipped
        self._out_of_time = out_of_time

    def of_job(self, job: Arn) -> Iterator[Snapshot]:
        return (each for each in self._whole(self._table.index("parent", job.text)) if each.terminal)

    def between(self, region: str, since: datetime, until: datetime) -> Iterator[Snapshot]:
        return self._whole(_ended(self._table, region, since, until))

    def last_cost(self, region: str, device: str, since: datetime) -> Decimal | None:
        bounds = ("ended_on", since.astimezone(UTC).isoformat(), NO_LATER)
        latest = [{"arn": each["arn"]} for each in self._table.latest("ended_in", region, bounds, LATEST)]
        rows = readable(_snapshot, self._table.many(latest, _NEEDED), self._on_skipped)
        its_own = [each for each in rows if each.device == device and each.ended_at]
        paid = [(each.ended_at, each.cost.amount) for each in its_own if each.cost and each.cost.amount]
        return max(paid, key=itemgetter(0))[1] if paid else None

    def _whole(self, found: Iterable[Row]) -> Iterator[Snapshot]:
        keys = ({"arn": each["arn"]} for each in found)
        while some := [*islice(keys, BATCH)]:
            if self._out_of_time():
                raise LateError("no time is left")
            yield from readable(_snapshot, self._table.many(some, _NEEDED), self._on_skipped)


def _ended(snapshots: Table, region: str, since: datetime, until: datetime) -> Iterator[Row]:
    first, last = since.astimezone(UTC).isoformat(), (until - BEFORE).astimezone(UTC).isoformat()
    return snapshots.between("ended_in", region, ("ended_on", first, last))


def _cursor(region: str) -> Row:
    return {"arn": f"cursor#{region}"}


@of_this_version
def _status(row: Row) -> str:
    return text(row["status"])


@of_this_version
def _snapshot(row: Row) -> Snapshot:
    """A quantum task has no start of Braket's, so it gets the time of RUNNING, if that was seen."""
    found = read_row(row)
    running = next((step.at for step in found.history if step.status == "RUNNING"), None)
    shown = replace(found.snapshot, started_at=found.snapshot.started_at or running)
    return shown if shown.submitter else replace(shown, submitter=text(row.get(LATE)))
