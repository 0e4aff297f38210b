"""The contract of the port `ChannelLeases`, for the memory and the DynamoDB adapter."""

from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.sending.ports import LEASE, ChannelLeases, LeaseTaken

SOON = timedelta(seconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def leases(request: pytest.FixtureRequest) -> ChannelLeases:
    return (
        MemoryChannelLeases()
        if request.param == "memory"
        else DynamoChannelLeases(request.getfixturevalue("table")("deliveries"))
    )


def test_one_sender_at_a_time_holds_a_channel_s_lease(leases: ChannelLeases, noon: datetime) -> None:
    assert leases.take("slack", owner="one", now=noon) == LeaseTaken(noon)
    assert leases.take("slack", owner="two", now=noon + LEASE / 2) is None
    assert leases.take("mail", owner="two", now=noon) == LeaseTaken(noon)


def test_a_repeated_take_keeps_the_lease(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)

    assert leases.take("slack", owner="one", now=noon) == LeaseTaken(noon)


def test_an_ended_lease_is_free_and_keeps_the_time_of_the_next_send(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon, not_before=noon)
    leases.end("slack", owner="one", now=noon, not_before=noon + SOON)

    assert leases.take("slack", owner="two", now=noon) == LeaseTaken(noon + SOON)


def test_a_lease_that_was_not_ended_expires(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon + LEASE / 2, not_before=noon)

    assert leases.take("slack", owner="two", now=noon + LEASE) is None  # it was renewed
    assert leases.take("slack", owner="two", now=noon + 2 * LEASE) is not None


def test_a_former_holder_can_neither_renew_nor_end_the_lease(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="slow", now=noon)
    leases.take("slack", owner="two", now=noon + LEASE)

    renewed = leases.renew("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE)
    leases.end("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE)

    assert not renewed
    assert leases.take("slack", owner="three", now=noon + LEASE) is None
    assert leases.take("slack", owner="two", now=noon + LEASE) == LeaseTaken(noon)
