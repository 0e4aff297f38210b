"""Ends of quiet hours and mutes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import FAILING
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until

NIGHT = Quiet(time(22), time(7), passing=("FAILED",))
WORKING = Quiet(time(22), time(7), days=("monday", "tuesday", "wednesday", "thursday"))
WEEKEND = Quiet(time(22), time(7), all_day=("saturday", "sunday"))
WEEKENDS_ALONE = Quiet(all_day=("saturday", "sunday"))
SMALL_HOURS = Quiet(time(1), time(2, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def until(policy: Policy) -> Callable[[Quiet, str, str], datetime | None]:
    """Ends in Berlin, an hour before UTC in winter, two in summer."""

    def end_of(hours: Quiet, now: str, status: str = "COMPLETED") -> datetime | None:
        quiet = replace(policy, quiet={"team-slack": hours})
        return held_until("team-slack", status, quiet, utc(now))

    return end_of


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        (NIGHT, "2026-11-20T20:59:59", None),  # 21:59:59 in Berlin
        (NIGHT, "2026-11-20T21:00", "2026-11-21T06:00"),  # 22:00, until 7 tomorrow
        (NIGHT, "2026-11-20T23:30", "2026-11-21T06:00"),  # past midnight, until 7 the same day
        (NIGHT, "2026-11-21T05:59:59", "2026-11-21T06:00"),
        (NIGHT, "2026-11-21T06:00", None),
        (Quiet(time(12), time(13)), "2026-11-20T11:30", "2026-11-20T12:00"),  # a lunch break, within one day
        (Quiet(time(12), time(13)), "2026-11-20T12:30", None),
        (NIGHT, "2026-10-24T21:00", "2026-10-25T06:00"),  # begins in summer time, ends in winter time
        (NIGHT, "2026-03-28T22:00", "2026-03-29T05:00"),  # and the other way round
        (SMALL_HOURS, "2026-03-29T00:15", "2026-03-29T01:30"),  # 2:30 does not exist and becomes 3:30
        (SMALL_HOURS, "2026-03-29T01:15", "2026-03-29T01:30"),  # and whoever asks at 3:15 gets the same end
        (SMALL_HOURS, "2026-10-25T00:15", "2026-10-25T00:30"),  # 2:30 exists twice, and this is the first
        (SMALL_HOURS, "2026-10-25T01:15", "2026-10-25T01:30"),  # and this is the second
        # by weekday: 2026-11-20 is a Friday
        (WORKING, "2026-11-19T21:00", "2026-11-20T06:00"),  # the night of Thursday
        (WORKING, "2026-11-20T05:30", "2026-11-20T06:00"),
        (WORKING, "2026-11-20T21:00", None),  # Friday's night does not begin
        (WORKING, "2026-11-21T05:30", None),
        (WORKING, "2026-11-23T05:30", None),  # nor did Sunday's
        (Quiet(time(12), time(13), days=("friday",)), "2026-11-20T11:30", "2026-11-20T12:00"),
        (Quiet(time(12), time(13), days=("friday",)), "2026-11-21T11:30", None),
        # a quiet weekend between quiet nights is one hold, from Friday evening to Monday morning
        (WEEKEND, "2026-11-20T22:30", "2026-11-23T06:00"),
        (WEEKEND, "2026-11-22T11:00", "2026-11-23T06:00"),
        (replace(WEEKEND, days=("monday",)), "2026-11-22T11:00", "2026-11-22T23:00"),  # until midnight in Berlin
        (WEEKENDS_ALONE, "2026-11-20T22:59:59", None),
        (WEEKENDS_ALONE, "2026-11-20T23:00", "2026-11-22T23:00"),
        (WEEKENDS_ALONE, "2026-10-25T00:15", "2026-10-25T23:00"),  # the day of 25 hours
        (WEEKENDS_ALONE, "2026-03-28T12:00", "2026-03-29T22:00"),  # and that of 23
    ],
)
def test_quiet_hours_follow_local_time(
    until: Callable[..., datetime | None], hours: Quiet, now: str, ends: str | None
) -> None:
    assert until(hours, now) == (utc(ends) if ends else None)


@pytest.mark.parametrize(("status", "held"), [("COMPLETED", True), ("FAILED", False), (FAILING, False)])
def test_only_a_passing_status_is_sent_at_night(until: Callable[..., datetime | None], status: str, held: bool) -> None:
    assert bool(until(NIGHT, "2026-11-20T23:30", status)) == held


def test_quiet_hours_hold_no_other_channel(policy: Policy) -> None:
    quiet = replace(policy, quiet={"mail": NIGHT})

    assert held_until("team-slack", "COMPLETED", quiet, utc("2026-11-20T23:30")) is None


def test_a_mute_holds_every_status_until_it_ends(policy: Policy, noon: datetime) -> None:
    over = noon + timedelta(hours=4)
    muted = replace(policy, muted_until={"team-slack": over})

    assert held_until("team-slack", "FAILED", muted, noon) == over
    assert held_until("team-slack", "FAILED", muted, over) is None


def test_a_mute_that_ends_at_night_is_followed_by_the_quiet_hours(policy: Policy) -> None:
    now, over = utc("2026-11-20T23:00"), utc("2026-11-21T01:00")
    both = replace(policy, quiet={"team-slack": NIGHT}, muted_until={"team-slack": over})

    assert held_until("team-slack", "COMPLETED", both, now) == utc("2026-11-21T06:00")
    assert held_until("team-slack", "FAILED", both, now) == over


def test_a_mute_that_ends_in_quiet_hours_of_another_night_is_followed_by_them(policy: Policy) -> None:
    """The mute is set at noon, before the quiet hours begin."""
    now, over = utc("2026-11-20T11:00"), utc("2026-11-20T22:30")
    both = replace(policy, quiet={"team-slack": NIGHT}, muted_until={"team-slack": over})

    assert held_until("team-slack", "COMPLETED", both, now) == utc("2026-11-21T06:00")
    assert held_until("team-slack", "FAILED", both, now) == over


def test_a_mute_over_the_end_of_quiet_hours_prolongs_them(policy: Policy) -> None:
    now, over = utc("2026-11-20T23:00"), utc("2026-11-21T08:00")
    both = replace(policy, quiet={"team-slack": NIGHT}, muted_until={"team-slack": over})

    assert held_until("team-slack", "COMPLETED", both, now) == over


def test_quiet_hours_let_a_message_without_a_status_never_pass(until: Callable[..., datetime | None]) -> None:
    assert until(NIGHT, "2026-11-20T23:30", NO_STATUS) == utc("2026-11-21T06:00")
