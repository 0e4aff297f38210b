"""The row of a region's devices, reminders and thresholds: one contract for every adapter, and newer rows."""

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from braket_notifier.adapters.dynamodb.watched import MOST_REMINDED, DynamoSpendingRows, DynamoWatchedRows
from braket_notifier.adapters.memory.watched import MemorySpendingRows, MemoryWatchedRows
from braket_notifier.braket.availability import Availability, Window
from braket_notifier.errors import NewerVersionError
from braket_notifier.watching.watched import Seen, Watched
from tests.conftest import GARNET, NOON, STORES, SV1

if TYPE_CHECKING:
    from braket_notifier.watching.ports import SpendingRows, WatchedRows

WINDOWS = (Window("Weekdays", time(9), time(17, 30)), Window("Everyday", time(22), time(4)))
QUEUE = {"arn:1": ((NOON, ">2000"), (NOON + timedelta(minutes=10), "odd words")), "arn:2": ((NOON, "2"),)}
WATCHED = Watched(
    {
        GARNET: Seen(Availability("ONLINE", WINDOWS), NOON, NOON - timedelta(hours=5), NOON, QUEUE),
        SV1: Seen(Availability("OFFLINE"), NOON),
    },
    {"0123456789abcdef": NOON},
)


@pytest.fixture(params=STORES)
def rows(request: pytest.FixtureRequest) -> "WatchedRows":
    if request.param == "memory":
        return MemoryWatchedRows()
    return DynamoWatchedRows(request.getfixturevalue(f"{request.param}_table")("snapshots"))


def test_a_region_has_nothing_before_its_first_look(rows: "WatchedRows") -> None:
    assert rows.watched("eu-north-1") == Watched()


def test_what_is_saved_is_read_again_and_regions_are_apart(rows: "WatchedRows") -> None:
    rows.save_watched("eu-north-1", Watched())
    rows.save_watched("eu-north-1", WATCHED)

    assert rows.watched("eu-north-1") == WATCHED
    assert rows.watched("us-east-1") == Watched()


def test_a_row_keeps_the_newest_reminders(request: pytest.FixtureRequest) -> None:
    rows = DynamoWatchedRows(request.getfixturevalue("sqlite_table")("snapshots"))
    many = {f"{number:016x}": NOON + timedelta(seconds=number) for number in range(MOST_REMINDED + 5)}

    rows.save_watched("eu-north-1", Watched({}, many))

    assert rows.watched("eu-north-1").reminded == dict(list(many.items())[5:])


@pytest.mark.parametrize(
    "row",
    [
        {"format": 2, "devices": {}, "reminded": {}},
        {"devices": {GARNET: {"status": "ONLINE"}}},
        {"devices": [GARNET]},
        {"devices": {GARNET: {"status": "ONLINE", "windows": [], "since": NOON.isoformat(), "queue": {"arn": ["5"]}}}},
        {"reminded": {"0123456789abcdef": "yesterday"}},
    ],
)
def test_a_row_of_a_newer_version_is_neither_read_nor_replaced(
    request: pytest.FixtureRequest, row: dict[str, object]
) -> None:
    table = request.getfixturevalue("sqlite_table")("snapshots")
    names = {name: f":{name}" for name in row}
    table.update({"arn": "watched#eu-north-1"}, names, {f":{name}": value for name, value in row.items()})
    rows = DynamoWatchedRows(table)

    with pytest.raises(NewerVersionError, match="watched#eu-north-1"):
        rows.watched("eu-north-1")


@pytest.fixture(params=STORES)
def spending(request: pytest.FixtureRequest) -> "SpendingRows":
    if request.param == "memory":
        return MemorySpendingRows()
    return DynamoSpendingRows(request.getfixturevalue(f"{request.param}_table")("snapshots"))


def test_thresholds_are_saved_and_replaced_and_scopes_are_apart(spending: "SpendingRows") -> None:
    assert spending.sent("eu-north-1") == {}

    spending.save_sent("eu-north-1", {"0123456789abcdef": "SPENDING_LIMIT 50 of 500 since 2026-11-01", "gone": "x"})
    spending.save_sent("eu-north-1", {"0123456789abcdef": "SPENDING_LIMIT 80 of 500 since 2026-11-01"})

    assert spending.sent("eu-north-1") == {"0123456789abcdef": "SPENDING_LIMIT 80 of 500 since 2026-11-01"}
    assert spending.sent("us-east-1") == {}


def test_thresholds_and_reminders_of_a_region_share_its_row(request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue("sqlite_table")("snapshots")
    DynamoSpendingRows(table).save_sent("eu-north-1", {"0123456789abcdef": "SPENDING_LIMIT 50"})
    DynamoWatchedRows(table).save_watched("eu-north-1", WATCHED)

    assert DynamoSpendingRows(table).sent("eu-north-1") == {"0123456789abcdef": "SPENDING_LIMIT 50"}
    assert DynamoWatchedRows(table).watched("eu-north-1") == WATCHED


def test_a_row_of_an_older_version_has_no_positions(request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue("sqlite_table")("snapshots")
    older: dict[str, object] = {
        GARNET: {"status": "ONLINE", "windows": [], "since": NOON.isoformat(), "out_since": None}
    }
    table.update({"arn": "watched#eu-north-1"}, {"devices": ":devices"}, {":devices": older})

    assert DynamoWatchedRows(table).watched("eu-north-1").devices == {GARNET: Seen(Availability("ONLINE"), NOON)}
