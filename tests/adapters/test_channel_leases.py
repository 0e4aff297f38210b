"""The contract of the port `ChannelLeases`, for the memory and the DynamoDB adapter, also over SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.errors import MendableError
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.ports import LEASE, ChannelLeases, LeaseTaken
from tests.conftest import STORES

SOON = timedelta(seconds=1)
DOWN = Health().refused(MendableError("not_in_channel"), datetime(2026, 11, 20, 11, 0, 0, 250_000, tzinfo=UTC))


@pytest.fixture(params=STORES)
def leases(request: pytest.FixtureRequest) -> ChannelLeases:
    return (
        MemoryChannelLeases()
        if request.param == "memory"
        else DynamoChannelLeases(request.getfixturevalue(f"{request.param}_table")("deliveries"))
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
    leases.renew("slack", owner="one", now=noon, not_before=noon, health=HEALTHY)
    leases.end("slack", owner="one", now=noon, not_before=noon + SOON, health=HEALTHY)

    assert leases.take("slack", owner="two", now=noon) == LeaseTaken(noon + SOON)


def test_a_lease_that_was_not_ended_expires(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon + LEASE / 2, not_before=noon, health=HEALTHY)

    assert leases.take("slack", owner="two", now=noon + LEASE) is None  # it was renewed
    assert leases.take("slack", owner="two", now=noon + 2 * LEASE) is not None


def test_a_former_holder_can_neither_renew_nor_end_the_lease(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="slow", now=noon)
    leases.take("slack", owner="two", now=noon + LEASE)

    renewed = leases.renew("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE, health=DOWN)
    leases.end("slack", owner="slow", now=noon + LEASE, not_before=noon + 9 * LEASE, health=DOWN)

    assert not renewed
    assert leases.take("slack", owner="three", now=noon + LEASE) is None
    assert leases.take("slack", owner="two", now=noon + LEASE) == LeaseTaken(noon)


def test_a_lease_carries_the_channel_s_health_to_the_next_sender(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon, not_before=noon, health=DOWN)
    leases.end("slack", owner="one", now=noon, not_before=noon, health=DOWN)

    assert leases.take("slack", owner="two", now=noon) == LeaseTaken(noon, DOWN)
    assert leases.health(["slack", "mail"]) == {"slack": DOWN, "mail": HEALTHY}


def test_the_time_of_an_announced_outage_survives_refusals_and_ends_with_an_acceptance(
    leases: ChannelLeases, noon: datetime
) -> None:
    announced = replace(DOWN, announced_at=DOWN.down_since).refused(MendableError("is_archived"), noon)
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon, not_before=noon, health=announced)

    found = leases.health(["slack"])["slack"]
    leases.end("slack", owner="one", now=noon, not_before=noon, health=HEALTHY)

    assert (found, found.announced_at) == (announced, DOWN.down_since)
    assert leases.health(["slack"]) == {"slack": HEALTHY}


def test_an_acceptance_clears_the_health(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="one", now=noon)
    leases.renew("slack", owner="one", now=noon, not_before=noon, health=DOWN)
    leases.end("slack", owner="one", now=noon, not_before=noon, health=HEALTHY)

    assert leases.health(["slack"]) == {"slack": HEALTHY}


def test_a_former_holder_does_not_change_the_health(leases: ChannelLeases, noon: datetime) -> None:
    leases.take("slack", owner="slow", now=noon)
    leases.take("slack", owner="two", now=noon + LEASE)

    leases.end("slack", owner="slow", now=noon + LEASE, not_before=noon, health=DOWN)

    assert leases.health(["slack"]) == {"slack": HEALTHY}


def test_of_two_senders_without_a_lease_the_first_saves_the_refusal(leases: ChannelLeases, noon: datetime) -> None:
    again = DOWN.refused(MendableError("is_archived"), noon)

    saved = [
        leases.save_health("topic", DOWN, before=HEALTHY),
        leases.save_health("topic", again, before=HEALTHY),
        leases.save_health("topic", again, before=DOWN),
        leases.save_health("topic", HEALTHY, before=DOWN),
    ]

    assert saved == [True, False, True, False]
    assert leases.health(["topic"]) == {"topic": again}
    assert leases.save_health("topic", HEALTHY, before=again)
    assert leases.health(["topic"]) == {"topic": HEALTHY}
