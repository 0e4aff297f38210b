"""The weekly line: its row in the ledger, the index of ends that it counts, and the week in a cursor."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

from braket_notifier.adapters.dynamodb.delivery_keys import week_key
from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, of_this_version, readable
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.sending.ports import LEASE, Claim
from braket_notifier.text.json_fields import iso, moment, text
from braket_notifier.tracking.ports import raised

#: The lifetime of a row after its last claim; no record of a line waits longer than its week.
KEPT = timedelta(days=30)
#: The precision of a time, because the index's range includes its last one.
BEFORE = timedelta(microseconds=1)
_UNSENT = f"attribute_not_exists(#at) AND #lease_until <= :now AND {OUR_FORMAT}"
_CLAIMABLE = f"attribute_not_exists(#lease_until) OR ({_UNSENT})"


def delivery_of(line: WeeklyLine) -> Row:
    """The key of a channel's line in the table `deliveries`."""
    return week_key(line.channel, line.week)


def snapshot_of(line: WeeklyLine) -> Row:
    """The key of a line that no channel gets, in the table `snapshots`."""
    return {"arn": f"heartbeat#{line.week}"}


class DynamoWeeklyLedger:
    """The port `WeeklyLedger` over the table `deliveries`; the sweep, which writes no such row, uses `snapshots`."""

    def __init__(self, table: Table, key_of: Callable[[WeeklyLine], Row] = delivery_of) -> None:
        self._table = table
        self._key_of = key_of

    def claim(self, line: WeeklyLine, *, owner: str, now: datetime) -> Claim:
        """Count the claim as a doubt until its result is known, so that a crash leaves the doubt."""
        sets = {
            "owner": ":owner",
            "lease_until": ":lease_until",
            "doubts": "if_not_exists(#doubts, :zero) + :one",
            "expires": ":expires",
        }
        values = {":owner": owner, ":lease_until": _seconds(now + LEASE), ":now": _seconds(now)}
        values |= {":zero": 0, ":one": 1, ":expires": int((now + KEPT).timestamp())}
        try:
            return _granted(self._table.update(self._key_of(line), sets, values, condition=_CLAIMABLE))
        except ConditionRefusedError as refused:
            return _refused(refused.row, owner, now)

    def delivered(self, line: WeeklyLine, *, now: datetime) -> None:
        self._table.update(self._key_of(line), {"at": ":at"}, {":at": iso(now)})

    def release(self, line: WeeklyLine, *, owner: str) -> None:
        """End the claim once, because botocore repeats a write after a lost answer and would drop two doubts."""
        sets, values = {"lease_until": ":zero", "doubts": "#doubts - :one"}, {":zero": 0, ":one": 1, ":owner": owner}
        try:
            self._table.update(self._key_of(line), sets, values, condition="#owner = :owner AND #lease_until > :zero")
        except ConditionRefusedError:
            return


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


@of_this_version
def _granted(row: Row) -> Claim:
    doubts = int(cast("Decimal", row["doubts"])) - 1
    return Claim(granted=True, doubts=doubts, may_repeat=doubts > 0)


@of_this_version
def _refused(row: Row, owner: str, now: datetime) -> Claim:
    """Why a row refused a claim; it may be this owner's own claim, which botocore repeated after a lost answer."""
    if moment(row.get("at")):
        return Claim(granted=False, finished=True, delivered=True)
    if row["owner"] == owner:
        return _granted(row)
    left = float(cast("Decimal", row["lease_until"])) - now.timestamp()
    return Claim(granted=False, wait_s=max(1, int(left) + 1))


def _seconds(at: datetime) -> Decimal:
    return Decimal(str(round(at.timestamp(), 3)))
