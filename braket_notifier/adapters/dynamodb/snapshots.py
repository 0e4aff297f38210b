"""The table `snapshots`, in which one conditional write moves a row and marks it as not yet dispatched."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar, cast

from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb import snapshot_rows
from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, readable
from braket_notifier.adapters.dynamodb.snapshot_rows import read_row
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.braket.responses import to_words
from braket_notifier.domain.digest import MOST_COUNTED
from braket_notifier.domain.resource import TERMINAL_RANK, Arn, Children, Snapshot, count_children
from braket_notifier.domain.transition import SnapshotRow, Step, counts_at_end
from braket_notifier.errors import NewerVersionError
from braket_notifier.text.json_fields import iso, moment
from braket_notifier.tracking.ports import WRONGLY_AHEAD, CreatedRange, Cursor, OpenRow, Recorded, raised

FORWARD = f"attribute_not_exists(#arn) OR (#rank < :rank AND {OUR_FORMAT})"
#: The key of the row with the regions of the last sweep, which is no ARN.
WATCHED = "watched"
#: A job's quantum tasks are counted until the last one ends; a job runs for 5 days at most, Braket keeps a task for 90.
FAMILY_KEPT = timedelta(days=100)
SAME_VERSION, NEXT_VERSION = "#version = :version", "if_not_exists(#version, :zero) + :one"
#: The mark of a new row: its first status is dispatched later, or never.
ANNOUNCED, BASELINE = (f"if_not_exists(#dispatched, {mark})" for mark in (":zero", ":one"))
FREE = "attribute_not_exists(#arn) OR #until <= :now OR #owner = :owner"
CORRECTION = f"#rank = :rank AND #status <> :status AND attribute_not_exists(#corrected) AND {OUR_FORMAT}"
Read = TypeVar("Read")


class DynamoSnapshots:
    """The port `Snapshots` over a DynamoDB table with the sparse indexes `work`, `parent`, `open_in`, `ended_in`."""

    def __init__(
        self,
        table: Table,
        retention_days: int,
        *,
        on_skipped: Callable[[Exception], object] = raised,
        stays_watched: bool = False,
    ) -> None:
        """`on_skipped` gets the error of a skipped row; with `stays_watched`, a region left out never begins anew."""
        self._table = table
        self._on_skipped = on_skipped
        self._stays_watched = stays_watched
        self._retention = timedelta(days=retention_days)
        self._starts: dict[str, datetime] = {}

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        try:
            return Recorded(self._move(snapshot, step, FORWARD, ANNOUNCED if announce else BASELINE, now), moved=True)
        except ConditionRefusedError as refused:
            old = read_row(refused.row)
        if old.corrected or not snapshot.corrects(old.snapshot):
            return Recorded(old, moved=False)
        try:
            return Recorded(self._move(snapshot, step, CORRECTION, ANNOUNCED, now), moved=True)
        except ConditionRefusedError as refused:
            return Recorded(read_row(refused.row), moved=False)

    def record_dispatched(self, snapshot: Snapshot, step: Step, *, now: datetime) -> Recorded:
        try:
            return Recorded(self._move(snapshot, step, FORWARD, NEXT_VERSION, now), moved=True)
        except ConditionRefusedError as refused:
            return Recorded(read_row(refused.row), moved=False)

    def _move(self, snapshot: Snapshot, step: Step, condition: str, dispatched: str, now: datetime) -> SnapshotRow:
        values: dict[str, object] = {
            ":kind": snapshot.arn.kind,
            ":region": snapshot.arn.region,
            ":status": snapshot.status,
            ":rank": Decimal(str(snapshot.rank)),
            ":zero": 0,
            ":one": 1,
            ":now": iso(now),
            ":ended": iso(snapshot.ended_at),
            ":degraded": snapshot.degraded,
            ":detail": to_words(snapshot),
            ":none": [],
            ":step": [{"status": step.status, "at": iso(step.at), "source": step.source}],
        }
        sets = {
            "kind": ":kind",
            "region": ":region",
            "status": ":status",
            "rank": ":rank",
            "version": NEXT_VERSION,
            "changed_at": ":now",
            "ended_at": ":ended",
            "degraded": ":degraded",
            # An event alone never overwrites the details that Braket once gave.
            "detail": "if_not_exists(#detail, :detail)" if snapshot.degraded else ":detail",
            "history": "list_append(if_not_exists(#history, :none), :step)",
            "dispatched": dispatched,
            "work": ":region",
        }
        for name, value in snapshot_rows.known_only(snapshot).items():
            sets[name], values[f":{name}"] = f":{name}", value
        if snapshot.created_at:
            sets["created_at"], values[":created"] = "if_not_exists(#created_at, :created)", iso(snapshot.created_at)
        if counts := counts_at_end(snapshot, announce=dispatched == ANNOUNCED):
            sets["at_end"], values[":at_end"] = ":at_end", snapshot_rows.counts(counts)
        if condition == CORRECTION:
            sets["corrected"], values[":corrected"] = ":corrected", True
        if not snapshot.terminal:
            sets["open_in"] = "if_not_exists(#open_in, :open_in)" if snapshot.degraded else ":open_in"
            values[":open_in"] = snapshot.open_in
        # the amount of a corrected status goes with it
        removed = [name for name in ("open_in", "cost") if name not in sets]
        row = self._table.update({"arn": snapshot.arn.text}, sets, values, condition=condition, remove=removed)
        return read_row(row)

    def dispatched(self, row: SnapshotRow, now: datetime, *, stays: bool = False) -> None:
        key, marker = {"arn": row.snapshot.arn.text}, {"dispatched": ":version"}
        if row.snapshot.terminal:
            ended = row.snapshot.ended_at or now
            values: dict[str, object] = {":version": row.version}
            closed = dict(marker)
            if not stays:
                kept = max(self._retention, FAMILY_KEPT) if row.snapshot.job_arn else self._retention
                values[":expires"], closed["expires"] = int((ended + kept).timestamp()), ":expires"
            if row.at_end and not stays:
                values[":at_end"], closed["at_end"] = snapshot_rows.counts(row.at_end), ":at_end"
            values |= {":region": row.snapshot.arn.region, ":ended": iso(ended)}
            closed |= {"ended_in": ":region", "ended_on": ":ended"}
            removed = () if stays else ("work",)
            if self._table.updated(key, closed, values, condition=SAME_VERSION, remove=removed):
                return
            # it has moved, and stays until the newer version is dispatched
        self._table.updated(key, marker, {":version": row.version}, condition="#dispatched < :version")

    def warned(self, arn: Arn) -> None:
        self._table.update({"arn": arn.text}, {"warned": ":yes"}, {":yes": True}, condition="attribute_exists(#arn)")

    def revisit(self, arn: Arn) -> None:
        key, values = {"arn": arn.text}, {":region": arn.region, ":rank": Decimal(str(TERMINAL_RANK))}
        # unless it is open, or no row at all
        self._table.updated(key, {"work": ":region"}, values, condition="#rank = :rank", remove=("expires",))

    def get(self, arn: Arn) -> SnapshotRow | None:
        row = self._table.get({"arn": arn.text})
        return read_row(row) if row else None

    def rows_of(self, arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]:
        rows = self._readable(read_row, self._table.many([{"arn": arn.text} for arn in arns]))
        return {row.snapshot.arn: row for row in rows}

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        values = {":detail": to_words(snapshot), ":version": version, ":cost": snapshot_rows.cost_of(snapshot)}
        sets = {"detail": ":detail", "cost": ":cost"}
        return self._table.updated({"arn": snapshot.arn.text}, sets, values, condition=SAME_VERSION)

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        sets, values = {"misses": ":misses", "missed_at": ":now"}, {":misses": misses, ":now": iso(now)}
        # an expired row that is still in the index; without the condition, this write would create an empty row
        self._table.updated({"arn": arn.text}, sets, values, condition="attribute_exists(#arn)")

    def children(self, of: str) -> Children:
        return count_children(self._readable(snapshot_rows.read_child, self._table.index("parent", of)))

    def count_open(self, among: str, regions: Collection[str]) -> int:
        parts = {f":region{number}": f":braket:{region}:" for number, region in enumerate(regions)}
        condition = " OR ".join(f"contains(#arn, {name})" for name in parts)
        return self._table.count("open_in", among, condition, parts, MOST_COUNTED)

    def last_pass(self, region: str) -> datetime | None:
        """Read the cursor, if that is possible, because an unknown pass delays no message."""
        try:
            return snapshot_rows.read_cursor(self._table.get({"arn": f"cursor#{region}"}) or {}).watermark
        except (ClientError, NewerVersionError) as error:
            self._on_skipped(error)
            return None

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
        rows = self._table.many([{"arn": arn.text} for arn in arns], ["arn", "rank"])
        return dict(self._readable(snapshot_rows.read_rank, (row for row in rows if "rank" in row)))

    def open(self, region: str) -> Iterable[OpenRow]:
        return self._readable(snapshot_rows.read_open, self._table.index("work", region))

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]:
        return self._readable(snapshot_rows.read_open, islice(self._table.index("work", region), most))

    def ended(self, region: str, window: CreatedRange, most: int) -> Sequence[tuple[Arn, datetime]]:
        rows = self._table.latest("ended_in", region, ("ended_on", *snapshot_rows.bounds(window)), most)
        return self._readable(snapshot_rows.read_ended, rows)

    def changed_since(self, since: datetime) -> Iterable[SnapshotRow]:
        """List every row that changed since a time, for an operator."""
        return self._readable(read_row, self._table.matching("#changed_at >= :since", {":since": iso(since)}))

    def of_batch(self, batch: str) -> Iterable[SnapshotRow]:
        """List every row with a value of the tag `batch`, for an operator."""
        return self._readable(read_row, self._table.matching("#detail.#tags.#batch = :batch", {":batch": batch}))

    def start(self, region: str, now: datetime) -> datetime:
        """Cache the start, because it is read with every event."""
        ahead = now + WRONGLY_AHEAD
        if region not in self._starts or self._starts[region] > ahead:
            key, values = {"arn": f"start#{region}"}, {":at": iso(now), ":ahead": iso(ahead)}
            wanted = "attribute_not_exists(#arn) OR #at > :ahead"
            try:
                row = self._table.update(key, {"at": ":at"}, values, condition=wanted)
            except ConditionRefusedError as refused:
                row = refused.row
            self._starts[region] = moment(row["at"]) or now
        return self._starts[region]

    def watch(self, regions: Sequence[str], now: datetime) -> None:
        """Begin anew before the regions are saved, because a crash in between then begins anew twice."""
        row = self._table.get({"arn": WATCHED})
        before = cast("Sequence[str]", row["regions"]) if row else regions
        for region in set(regions) - set(before):
            self._table.update({"arn": f"start#{region}"}, {"at": ":at"}, {":at": iso(now)})
            self._table.update({"arn": f"cursor#{region}"}, {"at": ":at"}, {":at": {}})
            self._starts.pop(region, None)
        watched = list(dict.fromkeys([*before, *regions])) if self._stays_watched else list(regions)
        if row is None or set(before) != set(watched):
            self._table.update({"arn": WATCHED}, {"regions": ":regions"}, {":regions": watched})

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        sets = {"owner": ":owner", "until": ":until"}
        values = {":owner": owner, ":until": Decimal(str(until.timestamp())), ":now": Decimal(str(now.timestamp()))}
        try:
            row = self._table.update({"arn": f"cursor#{region}"}, sets, values, condition=FREE)
        except ConditionRefusedError:
            return None
        return snapshot_rows.read_cursor(row)

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        at = {name: iso(when) for name, when in asdict(cursor).items() if when}
        sets, values = {"at": ":at", "until": ":zero"}, {":at": at, ":zero": 0, ":owner": owner}
        # unless another run holds the lease, and continues from this run's start
        self._table.updated({"arn": f"cursor#{region}"}, sets, values, condition="#owner = :owner")

    def _readable(self, read: Callable[[Row], Read], rows: Iterable[Row]) -> list[Read]:
        return readable(read, rows, self._on_skipped)

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        rows = self._table.many([{"arn": f"cursor#{region}"} for region in regions], ["arn", "at"])
        return {region: at for region, at in self._readable(snapshot_rows.read_swept, rows) if at}
