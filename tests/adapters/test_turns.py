"""The contract of the port `ChannelLeases`, which the memory and the DynamoDB adapter both keep."""

from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.sending.ports import LEASE, ChannelLeases, LeaseTaken

SOON = timedelta(seconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def turns(request: pytest.FixtureRequest) -> ChannelLeases:
    return (
        MemoryChannelLeases()
        if request.param == "memory"
        else DynamoChannelLeases(request.getfixturevalue("table")("deliveries"))
    )


def test_one_sender_at_a_time_has_the_turn_of_a_channel(turns: ChannelLeases, noon: datetime) -> None:
    assert turns.take("slack", owner="one", now=noon) == LeaseTaken(noon)
    assert turns.take("slack", owner="two", now=noon + LEASE / 2) is None
    assert turns.take("mail", owner="two", now=noon) == LeaseTaken(noon)


def test_a_turn_whose_answer_was_lost_is_still_its_own(turns: ChannelLeases, noon: datetime) -> None:
    turns.take("slack", owner="one", now=noon)

    assert turns.take("slack", owner="one", now=noon) == LeaseTaken(noon)


def test_a_turn_that_was_ended_is_free_and_the_pace_is_kept(turns: ChannelLeases, noon: datetime) -> None:
    turns.take("slack", owner="one", now=noon)
    turns.renew("slack", owner="one", now=noon, not_before=noon)
    turns.end("slack", owner="one", now=noon, not_before=noon + SOON)

    assert turns.take("slack", owner="two", now=noon) == LeaseTaken(noon + SOON)


def test_a_turn_nobody_ended_passes_on_after_its_lease(turns: ChannelLeases, noon: datetime) -> None:
    turns.take("slack", owner="one", now=noon)
    turns.renew("slack", owner="one", now=noon + LEASE / 2, not_before=noon)

    assert turns.take("slack", owner="two", now=noon + LEASE) is None  # it was renewed
    assert turns.take("slack", owner="two", now=noon + 2 * LEASE) is not None


def test_whose_turn_has_passed_can_neither_keep_nor_end_it(turns: ChannelLeases, noon: datetime) -> None:
    turns.take("slack", owner="slow", now=noon)
    turns.take("slack", owner="two", now=noon + LEASE)

    kept = turns.renew("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE)
    turns.end("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE)

    assert not kept
    assert turns.take("slack", owner="three", now=noon + LEASE) is None
    assert turns.take("slack", owner="two", now=noon + LEASE) == LeaseTaken(noon)
