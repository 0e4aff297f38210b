"""When the weekly line is due, and what it counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.adapters.memory.ends import MemoryEnds
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.watching.heartbeat import Troubles, due, unsent, unswept, weekly_line

ASnapshot = Callable[..., Snapshot]
STOCKHOLM = "Europe/Stockholm"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
#: Friday 2026-11-27 16:30 in Stockholm.
FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "week"),
    [
        ("2026-11-27T14:59", STOCKHOLM, ""),  # Friday 15:59 there
        ("2026-11-27T15:00", STOCKHOLM, "2026-W48"),
        ("2026-11-27T15:00", "UTC", ""),
        ("2026-11-29T22:59", STOCKHOLM, "2026-W48"),  # the last minute of Sunday
        ("2026-11-29T23:00", STOCKHOLM, ""),  # Monday
        ("2026-12-03T12:00", STOCKHOLM, ""),  # Thursday
        ("2027-01-01T16:00", "UTC", "2026-W53"),  # this Friday belongs to the last week of the year before
        ("2026-11-28T03:00", "America/Los_Angeles", "2026-W48"),  # Friday 19:00 there
        ("2026-11-27T07:00", "Asia/Tokyo", "2026-W48"),
    ],
)
def test_the_line_is_due_from_friday_afternoon_to_sunday_of_the_time_zone(now: str, zone: str, week: str) -> None:
    found = due(at(now), zone, LONG_AGO)

    assert (found.name if found else "") == week


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-27T16:00", 168),
        ("2026-10-30T16:00", 169),  # the clock was put back on Sunday
        ("2026-04-03T16:00", 167),  # the clock was put forward on Sunday
    ],
)
def test_each_week_counts_from_where_the_week_before_ended(now: str, hours: int) -> None:
    week, before = (due(at(now) - days, STOCKHOLM, LONG_AGO) for days in (timedelta(0), timedelta(days=7)))

    assert week
    assert before
    assert before.until == week.since
    assert week.until - week.since == timedelta(hours=hours)
    assert week.until < at(now) < week.over


def test_a_new_installation_has_its_first_line_after_a_day() -> None:
    assert due(FRIDAY, STOCKHOLM, FRIDAY - timedelta(hours=23)) is None
    assert due(FRIDAY, STOCKHOLM, FRIDAY - timedelta(hours=25)) is not None


@pytest.fixture
def weekly(policy: Policy) -> Policy:
    return replace(policy, weekly_to="team-slack", time_zone=STOCKHOLM, regions=("eu-north-1", "us-east-1"))


@pytest.fixture
def snapshots() -> MemorySnapshots:
    return MemorySnapshots()


@pytest.fixture
def ended(snapshots: MemorySnapshots, a_task: ASnapshot) -> Callable[..., None]:
    def record(number: int, ended_at: datetime, status: str = "COMPLETED") -> None:
        task = a_task(status, number, ended_at=ended_at)
        row = snapshots.record(task, Step(status, ended_at, "event"), announce=True, now=ended_at).row
        snapshots.dispatched(row, ended_at)

    return record


def test_a_week_counts_each_end_once_and_its_failures(
    weekly: Policy, snapshots: MemorySnapshots, ended: Callable[..., None]
) -> None:
    week = due(FRIDAY, STOCKHOLM, LONG_AGO)
    assert week
    ended(1, week.since - timedelta(seconds=1))  # counted by the line before
    ended(2, week.since)
    ended(3, week.until - timedelta(microseconds=1), "FAILED")
    ended(4, week.until)  # counted by the next line
    ended(5, week.since + timedelta(days=3), "CANCELLED")

    line = weekly_line(week, weekly, MemoryEnds(snapshots), Troubles())

    assert (line.transition.status, line.channel) == ("WEEK 2026-W48", "team-slack")
    assert line.transition.snapshot.ended_at == week.over
    assert line.transition.snapshot.tags == {"ended": "3", "failed": "1", "undelivered": "0"}


def test_a_line_claims_nothing_about_what_could_not_be_read(weekly: Policy, snapshots: MemorySnapshots) -> None:
    week = due(FRIDAY, STOCKHOLM, LONG_AGO)
    assert week

    line = weekly_line(week, weekly, MemoryEnds(snapshots), None)

    assert line.transition.snapshot.tags == {"ended": "0", "failed": "0"}


def test_a_line_names_each_trouble_in_words(weekly: Policy, snapshots: MemorySnapshots) -> None:
    week = due(FRIDAY, STOCKHOLM, LONG_AGO)
    assert week
    troubles = Troubles(2, ("mail",), ("us-east-1",))

    line = weekly_line(week, weekly, MemoryEnds(snapshots), troubles)

    figures = {"ended": "0", "failed": "0", "undelivered": "2"}
    assert line.transition.snapshot.tags == {**figures, "mail is down": "", "us-east-1 was not swept": ""}


def test_a_week_is_due_until_home_remembers_it_and_no_row_is_read_on_other_days(weekly: Policy) -> None:
    ends = MemoryEnds(MemorySnapshots())
    started: list[str] = []

    def start(region: str) -> datetime:
        started.append(region)
        return LONG_AGO

    assert unsent(FRIDAY - timedelta(days=1), weekly, ends, start) is None
    assert started == []
    week = unsent(FRIDAY, weekly, ends, start)
    assert week
    ends.save("week", "eu-north-1", week.name)
    assert unsent(FRIDAY + timedelta(minutes=5), weekly, ends, start) is None
    assert unsent(FRIDAY + timedelta(days=7), weekly, ends, start) is not None


def test_no_line_counts_ends_whose_rows_have_expired(weekly: Policy) -> None:
    ends = MemoryEnds(MemorySnapshots())

    assert unsent(FRIDAY, replace(weekly, retention_days=9), ends, lambda _: LONG_AGO) is None
    assert unsent(FRIDAY, replace(weekly, retention_days=10), ends, lambda _: LONG_AGO) is not None


def test_a_region_without_a_sweep_after_the_weeks_last_end_is_named(weekly: Policy) -> None:
    week = due(FRIDAY, STOCKHOLM, LONG_AGO)
    assert week

    assert unswept({"eu-north-1": week.until}, weekly, week) == ("us-east-1",)
    assert unswept(dict.fromkeys(weekly.regions, week.until - timedelta(seconds=1)), weekly, week) == weekly.regions
    assert unswept(dict.fromkeys(weekly.regions, FRIDAY), weekly, week) == ()
