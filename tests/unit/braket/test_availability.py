"""The execution windows of devices: when they are open, for how long, and what is no window."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from braket_notifier.braket.availability import (
    DAYS,
    Availability,
    Window,
    is_open,
    next_opening,
    open_time,
    parse_availability,
    parse_windows,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: A Monday.
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def capabilities_of(*each: tuple[str, object, object]) -> str:
    """The capabilities of a device with these windows, as GetDevice has them."""
    listed = [{"executionDay": day, "windowStartHour": begins, "windowEndHour": ends} for day, begins, ends in each]
    return json.dumps({"service": {"executionWindows": listed}})


def windows(*each: tuple[str, str, str]) -> tuple[Window, ...]:
    return parse_windows(capabilities_of(*each))


ALWAYS = windows(("Everyday", "00:00:00", "23:59:59"))
NIGHTS = windows(("Weekdays", "22:00:00", "02:00:00"))
OFFICE = windows(("Weekdays", "09:00:00", "12:00:00"), ("Weekdays", "11:00:00", "17:00:00"))


@pytest.mark.parametrize(
    ("given_windows", "at", "is_so"),
    [
        (ALWAYS, MONDAY, True),
        (ALWAYS, MONDAY + 23 * HOUR + 59 * MINUTE, True),
        (OFFICE, MONDAY + 8 * HOUR + 59 * MINUTE, False),
        (OFFICE, MONDAY + 9 * HOUR, True),
        (OFFICE, MONDAY + 17 * HOUR, True),  # the last second of a window belongs to it
        (OFFICE, MONDAY + 17 * HOUR + timedelta(seconds=1), False),
        (OFFICE, MONDAY + timedelta(days=5, hours=10), False),  # Saturday
        (NIGHTS, MONDAY + 23 * HOUR, True),
        (NIGHTS, MONDAY + 25 * HOUR, True),  # Tuesday 01:00, of Monday's window
        (NIGHTS, MONDAY + HOUR, False),  # Monday 01:00 would be of Sunday's
        (NIGHTS, MONDAY + timedelta(days=5, hours=1), True),  # Saturday 01:00, of Friday's
        (NIGHTS, MONDAY + timedelta(days=5, hours=23), False),
        (windows(("Weekend", "10:00:00", "12:00:00")), MONDAY + timedelta(days=6, hours=11), True),
        (windows(("Monday", "10:00:00", "12:00:00")), MONDAY + 11 * HOUR, True),
        (windows(("Monday", "10:00:00", "12:00:00")), MONDAY + timedelta(days=1, hours=11), False),
        (windows(("Everyday", "10:00:00", "10:00:00")), MONDAY + 10 * HOUR, False),  # an empty window
        ((), MONDAY, False),
    ],
)
def test_a_window_is_open_on_its_days_and_over_midnight(
    given_windows: tuple[Window, ...], at: datetime, is_so: bool
) -> None:
    assert is_open(given_windows, at) is is_so


@pytest.mark.parametrize(
    ("given_windows", "at", "opens"),
    [
        (OFFICE, MONDAY + 10 * HOUR, MONDAY + 10 * HOUR),
        (OFFICE, MONDAY + 18 * HOUR, MONDAY + 33 * HOUR),
        (OFFICE, MONDAY + timedelta(days=4, hours=18), MONDAY + timedelta(days=7, hours=9)),  # over the weekend
        (NIGHTS, MONDAY + HOUR, MONDAY + 22 * HOUR),
        (windows(("Monday", "10:00:00", "12:00:00")), MONDAY + 13 * HOUR, MONDAY + timedelta(days=7, hours=10)),
        (NIGHTS, MONDAY - 2 * HOUR, MONDAY + 22 * HOUR),  # the SDK calls Monday 02:00:00 open, but only for that second
        (windows(("Everyday", "10:00:00", "10:00:00")), MONDAY, None),
        ((), MONDAY, None),
    ],
)
def test_the_next_opening_is_within_a_week(
    given_windows: tuple[Window, ...], at: datetime, opens: datetime | None
) -> None:
    assert next_opening(given_windows, at) == opens


@pytest.mark.parametrize(
    ("given_windows", "since", "until", "total"),
    [
        (OFFICE, MONDAY, MONDAY + timedelta(days=1), 8 * HOUR),  # two windows overlap for an hour
        (OFFICE, MONDAY + 10 * HOUR, MONDAY + 10 * HOUR + 20 * MINUTE, 20 * MINUTE),
        (NIGHTS, MONDAY + 23 * HOUR, MONDAY + 24 * HOUR + 30 * MINUTE, 90 * MINUTE),
        (OFFICE, MONDAY + timedelta(days=4, hours=16), MONDAY + timedelta(days=7, hours=9, minutes=30), 90 * MINUTE),
        ((), MONDAY, MONDAY + timedelta(days=9), timedelta(0)),
    ],
)
def test_open_time_counts_overlapping_windows_once(
    given_windows: tuple[Window, ...], since: datetime, until: datetime, total: timedelta
) -> None:
    assert open_time(given_windows, since, until, timedelta(days=30)) == total


hours = st.times().map(lambda each: each.replace(microsecond=0))
any_windows = st.lists(st.builds(Window, st.sampled_from(list(DAYS)), hours, hours), max_size=5).map(tuple)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants them


@given(any_windows, moments)
@example((Window("Weekend", time(0, 1), time(0, 0, 1)),), MONDAY + timedelta(days=5, minutes=1, seconds=-50 * 59))
def test_no_window_is_open_before_the_next_opening_and_one_is_open_at_it(
    given_windows: tuple[Window, ...], at: datetime
) -> None:
    opens = next_opening(given_windows, at)

    if opens is None:
        assert not any(is_open(given_windows, at + 30 * MINUTE * step) for step in range(48 * 7))
        return
    assert is_open(given_windows, opens)
    # The SDK counts the last second of a window over midnight for the day after; that second alone is no opening.
    last = {each.ends for each in given_windows if each.crosses}
    between = [at + (opens - at) * step / 50 for step in range(50)]
    between = [each for each in between if each.time().replace(microsecond=0) not in last]
    assert opens == at or not any(is_open(given_windows, each) for each in between)


@given(any_windows, moments, st.integers(0, 3 * 1440))
def test_open_time_equals_the_sum_of_the_open_minutes(
    given_windows: tuple[Window, ...], since: datetime, minutes: int
) -> None:
    found = open_time(given_windows, since, since + minutes * MINUTE, timedelta.max)

    counted = sum(is_open(given_windows, since + (minute + 0.5) * MINUTE) for minute in range(minutes))
    edges = 2 * len(given_windows) * (minutes // 1440 + 2)  # each begin and end may fall inside a minute
    assert abs(found / MINUTE - counted) <= edges


@pytest.mark.parametrize(
    "capabilities",
    [
        None,
        "",
        "not json",
        "[]",
        "[" * 100_000,
        '{"service": []}',
        '{"service": {"executionWindows": {"executionDay": "Everyday"}}}',
        '{"service": {"executionWindows": ["Everyday", null, 7, {}]}}',
        capabilities_of(("Someday", "09:00:00", "10:00:00")),
        capabilities_of(("Everyday", "24:00:00", "10:00:00")),
        capabilities_of(("Everyday", 9, 10)),
    ],
)
def test_what_is_no_execution_window_is_left_out(capabilities: object) -> None:
    assert parse_availability({"deviceStatus": "ONLINE", "deviceCapabilities": capabilities}) == Availability("ONLINE")


@pytest.mark.parametrize("status", [None, "", 7, ["ONLINE"]])
def test_an_answer_without_a_status_is_no_answer(status: object) -> None:
    with pytest.raises(ValueError, match="is not a status of a device"):
        parse_availability({"deviceStatus": status})
