"""A human channel's turn: one sender at a time, at the channel's pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.errors import DeferError
from braket_notifier.sending.channel_lease import PATIENCE, ChannelLease, take_lease
from braket_notifier.sending.ports import LEASE

PACE = timedelta(seconds=1)


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock(noon: datetime) -> Clock:
    return Clock(noon)


def turn_of(turns: MemoryChannelLeases, clock: Clock, owner: str = "one") -> ChannelLease | None:
    return take_lease(turns, "slack", PACE, owner, clock.now, clock.sleep)


def test_sends_are_a_pace_apart_whoever_makes_them(clock: Clock) -> None:
    turns, sent = MemoryChannelLeases(), []
    for owner in ("one", "two"):
        turn = turn_of(turns, clock, owner)
        assert turn is not None
        for _ in range(3):
            turn.await_slot()
            sent.append(clock.at)
            turn.answered()
        turn.end()

    assert [later - earlier for earlier, later in pairwise(sent)] == [PACE] * 5


def test_a_turn_is_waited_for_and_then_left(clock: Clock, noon: datetime) -> None:
    turns = MemoryChannelLeases()
    holder = turn_of(turns, clock)
    assert holder is not None
    turns.held["slack"] = ("one", noon + 2 * LEASE)

    assert turn_of(turns, clock, "two") is None
    assert PATIENCE <= clock.at - noon <= PATIENCE + timedelta(seconds=2)


def test_a_turn_that_is_free_in_time_is_taken_before_another_batch_could_take_it(clock: Clock, noon: datetime) -> None:
    """Whoever ended it may have the next batch at once, and who has waited would wait on."""
    turns = MemoryChannelLeases(held={"slack": ("one", noon + timedelta(seconds=5.1))})

    assert turn_of(turns, clock, "two") is not None
    assert clock.at - noon <= timedelta(seconds=5.5)


def test_a_channel_that_asked_for_time_is_left_alone_by_everybody(clock: Clock) -> None:
    turns = MemoryChannelLeases()
    first = turn_of(turns, clock)
    assert first is not None
    first.hold_back(30)
    first.end()

    second = turn_of(turns, clock, "two")

    assert second is not None
    with pytest.raises(DeferError) as put_back:
        second.await_slot()
    assert put_back.value.seconds == 30


def test_a_turn_that_has_passed_to_another_sends_nothing(clock: Clock, noon: datetime) -> None:
    turns = MemoryChannelLeases()
    slow = turn_of(turns, clock)
    assert slow is not None
    clock.at = noon + LEASE
    assert turn_of(turns, clock, "two") is not None

    with pytest.raises(DeferError, match="passed to another"):
        slow.await_slot()


def test_the_pace_counts_from_the_answer_however_long_a_send_took(clock: Clock) -> None:
    """The channel may have taken it at any moment until then."""
    turns, began, answered = MemoryChannelLeases(), [], []
    for owner in ("one", "one", "two"):
        turn = turn_of(turns, clock, owner)
        assert turn is not None
        turn.await_slot()
        began.append(clock.at)
        clock.sleep(4)
        turn.answered()
        answered.append(clock.at)
        turn.end()

    assert [start - end for end, start in zip(answered, began[1:], strict=False)] == [PACE] * 2


def test_an_answer_shortens_no_pause_that_the_channel_asked_for(clock: Clock, noon: datetime) -> None:
    turn = turn_of(MemoryChannelLeases(), clock)
    assert turn is not None
    turn.hold_back(30)
    turn.answered()

    assert turn.not_before == noon + timedelta(seconds=30)
