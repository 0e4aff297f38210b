"""The row of each region in the table `snapshots`: its devices, what people were reminded of, announced thresholds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, of_this_version, readable
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.braket.availability import Availability, Window, parse_window
from braket_notifier.text.json_fields import iso, moment, text
from braket_notifier.tracking.ports import raised
from braket_notifier.watching.spending import Sent
from braket_notifier.watching.watched import Seen, Watched

#: The reminders of a region that are remembered, the newest ones, because a row has limited room.
MOST_REMINDED = 2000


class DynamoWatchedRows:
    """The port `WatchedRows`."""

    def __init__(self, snapshots: Table, on_skipped: Callable[[Exception], object] = raised) -> None:
        """`on_skipped` gets the error of an unreadable row among several, which is skipped."""
        self._table = snapshots
        self._on_skipped = on_skipped

    def watched(self, region: str) -> Watched:
        """Read the row; NewerVersionError if only a newer version can read it."""
        return _watched(self._table.get(_key(region)) or {})

    def devices(self, regions: Sequence[str]) -> Mapping[tuple[str, str], Seen]:
        rows = self._table.many([_key(each) for each in regions], ["arn", "devices"])
        found = readable(_devices, rows, self._on_skipped)
        return {(region, name): seen for region, devices in found for name, seen in devices.items()}

    def save_watched(self, region: str, watched: Watched) -> None:
        newest = sorted(watched.reminded.items(), key=lambda each: each[1])[-MOST_REMINDED:]
        values = {
            ":devices": {name: _members(seen) for name, seen in watched.devices.items()},
            ":reminded": {key: iso(at) for key, at in newest},
        }
        sets = {"devices": ":devices", "reminded": ":reminded"}
        self._table.update(_key(region), sets, values, condition=OUR_FORMAT)


class DynamoSpendingRows:
    """The port `SpendingRows`: an attribute of the same row of each region, and of one more row."""

    def __init__(self, snapshots: Table) -> None:
        self._table = snapshots

    def sent(self, scope: str) -> Sent:
        """Read the row; NewerVersionError if only a newer version can read it."""
        return _sent(self._table.get(_key(scope)) or {})

    def save_sent(self, scope: str, sent: Sent) -> None:
        self._table.update(_key(scope), {"spending": ":sent"}, {":sent": {**sent}}, condition=OUR_FORMAT)


def _key(region: str) -> Row:
    return {"arn": f"watched#{region}"}


def _members(seen: Seen) -> Row:
    """The windows are in Braket's own members."""
    windows = [
        {"executionDay": each.day, "windowStartHour": f"{each.begins}", "windowEndHour": f"{each.ends}"}
        for each in seen.answer.windows
    ]
    times = {"since": iso(seen.since), "out_since": iso(seen.out_since), "announced_at": iso(seen.announced_at)}
    queue = {arn: [f"{iso(at)} {position}" for at, position in found] for arn, found in seen.queue.items()}
    return {"status": seen.answer.status, "windows": windows, "queue": queue} | times


@of_this_version
def _devices(row: Row) -> tuple[str, Mapping[str, Seen]]:
    return text(row["arn"]).partition("#")[2], _seen_in(row)


@of_this_version
def _watched(row: Row) -> Watched:
    reminded = cast("Mapping[str, str]", row.get("reminded", {}))
    return Watched(_seen_in(row), {key: _time(at) for key, at in reminded.items()})


@of_this_version
def _sent(row: Row) -> Sent:
    found = cast("Mapping[str, object]", row.get("spending", {}))
    return {key: text(status) for key, status in found.items()}


def _seen_in(row: Row) -> Mapping[str, Seen]:
    devices = cast("Mapping[str, Row]", row.get("devices", {}))
    return {name: _seen(members) for name, members in devices.items()}


def _seen(members: Row) -> Seen:
    listed = cast("list[object]", members["windows"])
    windows: tuple[Window, ...] = tuple(each for each in map(parse_window, listed) if each)
    answer = Availability(text(members["status"]), windows)
    out, announced = (moment(members.get(name)) for name in ("out_since", "announced_at"))
    return Seen(answer, _time(members["since"]), out, announced, _queue(members.get("queue", {})))


def _queue(found: object) -> Mapping[str, tuple[tuple[datetime, str], ...]]:
    """Each position follows its time."""
    queue = cast("Mapping[str, list[str]]", found)
    parts = {arn: [each.partition(" ") for each in positions] for arn, positions in queue.items()}
    return {arn: tuple((_time(at), position) for at, _, position in each) for arn, each in parts.items()}


def _time(value: object) -> datetime:
    at = moment(value)
    if at is None:
        raise ValueError("a time is missing")
    return at
