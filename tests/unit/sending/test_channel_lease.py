"""A channel's lease: one sender at a time, at the channel's rate."""

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
    """A clock that only sleeping moves."""

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


def test_sends_of_all_senders_are_an_interval_apart(clock: Clock) -> None:
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


def test_a_lease_is_awaited_for_the_patience_only(clock: Clock, noon: datetime) -> None:
    turns = MemoryChannelLeases()
    holder = turn_of(turns, clock)
    assert holder is not None
    turns.held["slack"] = ("one", noon + 2 * LEASE)

    assert turn_of(turns, clock, "two") is None
    assert PATIENCE <= clock.at - noon <= PATIENCE + timedelta(seconds=2)


def test_a_free_lease_is_taken_before_the_former_holder_returns(clock: Clock, noon: datetime) -> None:
    """Its former holder may have the next batch at once, and the waiting sender would wait again."""
    turns = MemoryChannelLeases(held={"slack": ("one", noon + timedelta(seconds=5.1))})

    assert turn_of(turns, clock, "two") is not None
    assert clock.at - noon <= timedelta(seconds=5.5)


def test_a_channel_that_asked_to_wait_gets_no_message_from_any_sender(clock: Clock) -> None:
    turns = MemoryChannelLeases()
    first = turn_of(turns, clock)
    assert first is not None
    first.hold_back(30)
    first.end()

    second = turn_of(turns, clock, "two")

    assert second is not None
    with pytest.raises(DeferError) as deferred:
        second.await_slot()
    assert deferred.value.seconds == 30


def test_a_lost_lease_sends_nothing(clock: Clock, noon: datetime) -> None:
    turns = MemoryChannelLeases()
    slow = turn_of(turns, clock)
    assert slow is not None
    clock.at = noon + LEASE
    assert turn_of(turns, clock, "two") is not None

    with pytest.raises(DeferError, match="another sender has the lease"):
        slow.await_slot()


def test_the_interval_counts_from_the_answer_of_a_long_send(clock: Clock) -> None:
    """The channel may have accepted the message at any moment before the answer."""
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


def test_an_answer_does_not_shorten_a_wait_that_the_channel_asked_for(clock: Clock, noon: datetime) -> None:
    turn = turn_of(MemoryChannelLeases(), clock)
    assert turn is not None
    turn.hold_back(30)
    turn.answered()

    assert turn.not_before == noon + timedelta(seconds=30)
