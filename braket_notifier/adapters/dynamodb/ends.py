"""The index of ends that the weekly line counts, and the last week in a cursor."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from braket_notifier.adapters.dynamodb.row_format import of_this_version, readable
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.text.json_fields import text
from braket_notifier.tracking.ports import raised

#: The precision of a time, because the index's range includes its last one.
BEFORE = timedelta(microseconds=1)


class DynamoEnds:
    """The port `Ends` over the table `snapshots`; a region's cursor has the week beside its progress."""

    def __init__(self, snapshots: Table, on_skipped: Callable[[Exception], object] = raised) -> None:
        """`on_skipped` gets the error of an unreadable row, which is not counted."""
        self._table = snapshots
        self._on_skipped = on_skipped

    def count_ended(self, region: str, since: datetime, until: datetime) -> Mapping[str, int]:
        first, last = since.astimezone(UTC).isoformat(), (until - BEFORE).astimezone(UTC).isoformat()
        rows = self._table.between("ended_in", region, ("ended_on", first, last))
        return Counter(readable(_status, rows, self._on_skipped))

    def last_week(self, region: str) -> str:
        row = self._table.get(_cursor(region))
        return text(row.get("week")) if row else ""

    def save_week(self, region: str, week: str) -> None:
        """Save it in an existing row only, because a cursor without its lease could not be taken."""
        with suppress(ConditionRefusedError):
            sets, values = {"week": ":week"}, {":week": week}
            self._table.update(_cursor(region), sets, values, condition="attribute_exists(#arn)")


def _cursor(region: str) -> Row:
    return {"arn": f"cursor#{region}"}


@of_this_version
def _status(row: Row) -> str:
    return text(row["status"])
