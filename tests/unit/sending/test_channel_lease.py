"""A channel's lease: one sender at a time, at the channel's rate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.errors import DeferError
from braket_notifier.sending.channel_lease import PATIENCE, ChannelLease, take_lease
from braket_notifier.sending.ports import LEASE

INTERVAL = timedelta(seconds=1)


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


def lease_of(leases: MemoryChannelLeases, clock: Clock, owner: str = "one") -> ChannelLease | None:
    return take_lease(leases, "slack", INTERVAL, owner, clock.now, clock.sleep)


def test_sends_of_all_senders_are_an_interval_apart(clock: Clock) -> None:
    leases, sent = MemoryChannelLeases(), []
    for owner in ("one", "two"):
        lease = lease_of(leases, clock, owner)
        assert lease is not None
        for _ in range(3):
            lease.await_slot()
            sent.append(clock.at)
            lease.answered()
        lease.end()

    assert [later - earlier for earlier, later in pairwise(sent)] == [INTERVAL] * 5


def test_a_lease_is_awaited_for_the_patience_only(clock: Clock, noon: datetime) -> None:
    leases = MemoryChannelLeases()
    holder = lease_of(leases, clock)
    assert holder is not None
    leases.held["slack"] = ("one", noon + 2 * LEASE)

    assert lease_of(leases, clock, "two") is None
    assert PATIENCE <= clock.at - noon <= PATIENCE + timedelta(seconds=2)


def test_a_free_lease_is_taken_before_the_former_holder_returns(clock: Clock, noon: datetime) -> None:
    """Its former holder may have the next batch at once, and the waiting sender would wait again."""
    leases = MemoryChannelLeases(held={"slack": ("one", noon + timedelta(seconds=5.1))})

    assert lease_of(leases, clock, "two") is not None
    assert clock.at - noon <= timedelta(seconds=5.5)


def test_a_channel_that_asked_to_wait_gets_no_message_from_any_sender(clock: Clock) -> None:
    leases = MemoryChannelLeases()
    first = lease_of(leases, clock)
    assert first is not None
    first.hold_back(30)
    first.end()

    second = lease_of(leases, clock, "two")

    assert second is not None
    with pytest.raises(DeferError) as deferred:
        second.await_slot()
    assert deferred.value.seconds == 30


def test_a_lost_lease_sends_nothing(clock: Clock, noon: datetime) -> None:
    leases = MemoryChannelLeases()
    slow = lease_of(leases, clock)
    assert slow is not None
    clock.at = noon + LEASE
    assert lease_of(leases, clock, "two") is not None

    with pytest.raises(DeferError, match="another sender has the lease"):
        slow.await_slot()


def test_the_interval_counts_from_the_answer_of_a_long_send(clock: Clock) -> None:
    """The channel may have accepted the message at any moment before the answer."""
    leases, began, answered = MemoryChannelLeases(), [], []
    for owner in ("one", "one", "two"):
        lease = lease_of(leases, clock, owner)
        assert lease is not None
        lease.await_slot()
        began.append(clock.at)
        clock.sleep(4)
        lease.answered()
        answered.append(clock.at)
        lease.end()

    assert [start - end for end, start in zip(answered, began[1:], strict=False)] == [INTERVAL] * 2


def test_an_answer_does_not_shorten_a_wait_that_the_channel_asked_for(clock: Clock, noon: datetime) -> None:
    lease = lease_of(MemoryChannelLeases(), clock)
    assert lease is not None
    lease.hold_back(30)
    lease.answered()

    assert lease.not_before == noon + timedelta(seconds=30)
