"""Convert rows of the table `snapshots` to values of the library."""

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.dynamodb.row_format import of_this_version
from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.braket.responses import parse_children, parse_snapshot
from braket_notifier.domain.cost import parse_cost
from braket_notifier.domain.resource import Arn, Children, Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Source, Step
from braket_notifier.text.json_fields import moment, text
from braket_notifier.tracking.ports import CreatedRange, Cursor, OpenRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@of_this_version
def read_rank(row: Row) -> tuple[Arn, float]:
    return parse_arn(text(row["arn"])), float(cast("Decimal", row["rank"]))


@of_this_version
def read_child(row: Row) -> tuple[str, tuple[int, int] | None]:
    """Read the status of a quantum task, and its successful and requested shots if some are missing."""
    return text(row["status"]), _partial(row.get("incomplete"))


@of_this_version
def read_ended(row: Row) -> "tuple[Arn, datetime]":
    return parse_arn(text(row["arn"])), cast("datetime", moment(row["ended_on"]))


def _partial(value: object) -> tuple[int, int] | None:
    if not value:
        return None
    successful, requested = cast("list[Decimal]", value)
    return int(successful), int(requested)


def known_only(snapshot: Snapshot) -> dict[str, object]:
    """Return the attributes that are written if known, because an event may leave one out and would empty it."""
    known: dict[str, object] = {"device": snapshot.device, "parent": snapshot.part_of}
    known |= {"incomplete": list(snapshot.incomplete or ()), "cost": cost_of(snapshot)}
    return {name: value for name, value in known.items() if value}


def cost_of(snapshot: Snapshot) -> dict[str, object] | None:
    return snapshot.cost.to_json() if snapshot.cost else None


def counts(children: Children) -> dict[str, int]:
    return {name: count for name, count in asdict(children).items() if count is not None}


@of_this_version
def read_cursor(row: Row) -> Cursor:
    at = cast("Mapping[str, object]", row.get("at", {}))
    return Cursor(**{each.name: moment(at.get(each.name)) for each in fields(Cursor)})


@of_this_version
def read_swept(row: Row) -> "tuple[str, datetime | None]":
    return text(row["arn"]).removeprefix("cursor#"), read_cursor(row).swept_at


@of_this_version
def read_row(row: Row) -> SnapshotRow:
    """Convert a row, whose status and end are separate attributes, because an event changes only these."""
    arn = parse_arn(text(row["arn"]))
    words = cast("Mapping[str, object]", row["detail"])
    words = {**words, "status": row["status"] or None, "endedAt": row.get("ended_at")}
    steps = cast("list[Mapping[str, object]]", row["history"])
    snapshot = parse_snapshot(words, kind=arn.kind, degraded=bool(row["degraded"]))
    return SnapshotRow(
        snapshot=replace(snapshot, submitter=text(row.get("submitter")), cost=parse_cost(row.get("cost"))),
        history=tuple(Step(text(s["status"]), moment(s["at"]), cast("Source", s["source"])) for s in steps),
        dispatched=int(cast("Decimal", row["dispatched"])),
        corrected=bool(row.get("corrected")),
        warned=bool(row.get("warned")),
        at_end=parse_children(row.get("at_end")),
    )


@of_this_version
def read_open(row: Row) -> OpenRow:
    return OpenRow(
        arn=parse_arn(text(row["arn"])),
        rank=float(cast("Decimal", row["rank"])),
        undispatched=cast("Decimal", row["dispatched"]) < cast("Decimal", row["version"]),
        changed_at=cast("datetime", moment(row["changed_at"])),
        created_at=moment(row.get("created_at")),
        misses=int(cast("Decimal", row.get("misses", 0))),
        missed_at=moment(row["missed_at"]) if row.get("misses") else None,
        status=text(row.get("status")),
        device=text(row.get("device")),
    )


def bounds(window: CreatedRange) -> tuple[str, str]:
    """Format a range of times as the rows do, because the index compares times as text."""
    first, last = window.since or _EARLIEST, window.until or _LATEST
    return first.astimezone(UTC).isoformat(), last.astimezone(UTC).isoformat()
