"""The row of each region in the table `snapshots` that holds its devices and what people were reminded of."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, of_this_version
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.braket.availability import Availability, Window, parse_window
from braket_notifier.text.json_fields import iso, moment, text
from braket_notifier.watching.reminders import Seen, Watched

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The reminders of a region that are remembered, the newest ones, because a row has limited room.
MOST_REMINDED = 2000


class DynamoWatchedRows:
    """The port `WatchedRows`."""

    def __init__(self, snapshots: Table) -> None:
        self._table = snapshots

    def watched(self, region: str) -> Watched:
        """Read the row; NewerVersionError if only a newer version can read it."""
        return _watched(self._table.get(_key(region)) or {})

    def save_watched(self, region: str, watched: Watched) -> None:
        newest = sorted(watched.reminded.items(), key=lambda each: each[1])[-MOST_REMINDED:]
        values = {
            ":devices": {name: _members(seen) for name, seen in watched.devices.items()},
            ":reminded": {key: iso(at) for key, at in newest},
        }
        sets = {"devices": ":devices", "reminded": ":reminded"}
        self._table.update(_key(region), sets, values, condition=OUR_FORMAT)


def _key(region: str) -> Row:
    return {"arn": f"watched#{region}"}


def _members(seen: Seen) -> Row:
    """The windows are in Braket's own members."""
    windows = [
        {"executionDay": each.day, "windowStartHour": f"{each.begins}", "windowEndHour": f"{each.ends}"}
        for each in seen.answer.windows
    ]
    times = {"since": iso(seen.since), "out_since": iso(seen.out_since)}
    return {"status": seen.answer.status, "windows": windows} | times


@of_this_version
def _watched(row: Row) -> Watched:
    devices = cast("Mapping[str, Row]", row.get("devices", {}))
    reminded = cast("Mapping[str, str]", row.get("reminded", {}))
    return Watched(
        {name: _seen(members) for name, members in devices.items()},
        {key: _time(at) for key, at in reminded.items()},
    )


def _seen(members: Row) -> Seen:
    listed = cast("list[object]", members["windows"])
    windows: tuple[Window, ...] = tuple(each for each in map(parse_window, listed) if each)
    return Seen(
        Availability(text(members["status"]), windows), _time(members["since"]), moment(members.get("out_since"))
    )


def _time(value: object) -> datetime:
    at = moment(value)
    if at is None:
        raise ValueError("a time is missing")
    return at
