"""A channel's health: its back-off, who may send to it, and the time that counts for giving up."""

from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.errors import ChannelError, MendableError, TryLaterError, UnacknowledgedError
from braket_notifier.sending.health import HEALTHY, HORIZON, Health, admission, refusing_channels

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def refused(times: int, error: ChannelError, began: datetime = NOON) -> tuple[Health, datetime]:
    """Refuse as soon as each back-off ends; returns the health and the time of the last refusal."""
    health, now = HEALTHY, began
    for _ in range(times):
        health = health.refused(error, now)
        last, now = now, health.next_try or now
    return health, last


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (TryLaterError("429"), "later"),
        (UnacknowledgedError("503"), "ambiguous"),
        (MendableError("not_in_channel"), "mendable"),
    ],
)
def test_the_first_refusal_sets_the_time_and_each_one_the_cause(error: ChannelError, cause: str) -> None:
    health, _ = refused(3, TryLaterError("429"))

    health = health.refused(error, NOON + HOUR)

    assert (health.down_since, health.cause, health.reason, health.refusals) == (NOON, cause, str(error), 4)


def test_the_back_off_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = []
    for times in range(1, 15):
        health, last = refused(times, UnacknowledgedError("503"))
        waits.append(health.wait_s(last))

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.9, 810.0)


@pytest.mark.parametrize("microsecond", [0, 500_000, 999_999])
def test_the_jitter_never_exceeds_a_quarter_of_an_hour(microsecond: int) -> None:
    health, last = refused(20, UnacknowledgedError("503"), NOON.replace(microsecond=microsecond))

    assert 810 <= health.wait_s(last) <= 900


def test_a_try_that_people_may_see_waits_thrice_as_long_each_time() -> None:
    health, now, waits = HEALTHY, NOON, []
    for _ in range(7):
        health = health.refused(UnacknowledgedError("504"), now, shows=True)
        waits.append(round(health.wait_s(now)))
        assert health.mended_s(now + timedelta(seconds=30), shows=True) <= 0  # a command does not wait for it
        last, now = now, health.next_try or now

    assert waits == [27, 81, 243, 729, 810, 810, 810]
    assert health.refused(TryLaterError("429"), last, shows=True).wait_s(last) <= 128  # certainly not accepted


def test_a_longer_wait_that_the_channel_asks_for_is_kept() -> None:
    assert HEALTHY.refused(TryLaterError("429", after_s=30), NOON).wait_s(NOON) == 31


DOWN, _ = refused(1, UnacknowledgedError("503"))
PROBED = Health(down_since=NOON, next_try=NOON, tried_since=NOON, probed=True)
LONG_DOWN, LAST = refused(400, MendableError("is_archived"))


@pytest.mark.parametrize(
    ("health", "since", "now", "answer"),
    [
        (HEALTHY, NOON, NOON, "send"),
        (DOWN, NOON, NOON, "wait"),  # within the back-off
        (DOWN, NOON, NOON + HOUR, "probe"),
        (PROBED, NOON, NOON + HOUR, "send"),  # until a message is refused
        (LONG_DOWN, NOON, LAST, "send"),  # once more, before it is given up
        (LONG_DOWN, None, LAST, "send"),  # a record without a time of its own
        (LONG_DOWN, LAST - HOUR, LAST, "wait"),  # it came an hour ago
        (LONG_DOWN, LAST - HOUR, LAST + HOUR, "probe"),
    ],
)
def test_a_notification_is_sent_waits_or_probes(
    health: Health, since: datetime | None, now: datetime, answer: str
) -> None:
    assert admission(health, since, now) == answer


def test_the_time_in_which_nobody_tried_does_not_count() -> None:
    health, last = refused(20, MendableError("is_archived"))
    tried = health.tried_for(None, last)

    later = health.refused(MendableError("is_archived"), last + 10 * HORIZON)

    assert later.tried_for(None, last + 10 * HORIZON) < tried + HOUR
    assert later.down_since == NOON


def test_the_channels_that_refuse_are_counted() -> None:
    assert refusing_channels({"mail": HEALTHY, "team-slack": DOWN, "topic": PROBED}) == ("team-slack", "topic")
