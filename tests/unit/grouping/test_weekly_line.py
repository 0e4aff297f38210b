"""The weekly line in a channel that people read: once, beside all groups, after a hold, and not after its week."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.ports import LEASE
from tests.unit.grouping.channel_world import ChannelWorld

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC"), noon)


@pytest.fixture
def line(noon: datetime) -> Notification:
    tags = {"ended": "214", "failed": "3", "undelivered": "0"}
    snapshot = Snapshot(arn_of("weekly-line", "eu-north-1"), "CREATED", ended_at=noon + 2 * DAY, tags=tags)
    return announcement(snapshot, "WEEK 2026-W47", "team-slack")


def put(world: ChannelWorld, line: Notification, times: int = 1) -> None:
    for _ in range(times):
        world.queue.put(line, world.now)


def sent(world: ChannelWorld) -> list[tuple[str, bool]]:
    """The id of each message, and whether it says that it may repeat another one."""
    assert all(each.action == "post" for each in world.board.sent)
    return [(each.content.id, each.may_repeat) for each in world.board.sent if isinstance(each.content, Notification)]


def test_a_line_that_is_enqueued_three_times_is_sent_once(world: ChannelWorld, line: Notification) -> None:
    """Two sweeps at once, and a crash before the week was saved, enqueue it again."""
    put(world, line, 2)
    world.runs()
    put(world, line)
    world.runs()

    assert sent(world) == [(line.id, False)]
    assert world.queue.contents == []
    assert world.queue.dead == []


def test_a_line_is_no_message_of_any_group(world: ChannelWorld, line: Notification) -> None:
    put(world, line)
    world.runs()

    assert world.groups.groups == {}
    assert world.cards.cards == {}
    assert sent(world) == [(line.id, False)]


def test_a_line_whose_sender_died_is_sent_again_and_marked(world: ChannelWorld, line: Notification) -> None:
    world.ledger.claim(line, owner="died", now=world.now)
    put(world, line)

    world.runs()

    assert sent(world) == [(line.id, True)]


def test_a_line_whose_acknowledgement_was_lost_is_sent_again_after_its_lease_and_marked(
    world: ChannelWorld, line: Notification, noon: datetime
) -> None:
    world.board.raises = [UnacknowledgedError("timed out")]
    put(world, line)
    world.works()
    first = world.queue.next_visible(world.now)
    world.runs()

    assert first is not None
    assert first >= noon + LEASE
    assert sent(world) == [(line.id, True)]


@pytest.mark.parametrize("error", [TryLaterError("429", after_s=40), MendableError("token_revoked")])
def test_a_refused_line_takes_the_channel_down_and_is_sent_once_it_accepts(
    world: ChannelWorld, line: Notification, error: Exception
) -> None:
    world.board.raises = [error]
    put(world, line)
    world.works()
    down = world.leases.health([world.channel])[world.channel]
    world.runs()

    assert down.down_since is not None
    assert sent(world) == [(line.id, False)]
    assert world.leases.health([world.channel]).get(world.channel, HEALTHY) == HEALTHY


def test_a_line_that_can_never_be_accepted_is_kept_as_undelivered(world: ChannelWorld, line: Notification) -> None:
    world.board.raises = [RefusedError("invalid_payload")]
    put(world, line)
    world.runs()

    assert world.refused == ["invalid_payload"]


def test_a_line_waits_for_the_end_of_a_mute(world: ChannelWorld, line: Notification, noon: datetime) -> None:
    world.policy = replace(world.policy, muted_until={world.channel: noon + 13 * HOUR})
    put(world, line)
    world.runs(12 * HOUR)
    held = sent(world)
    world.runs()

    assert held == []
    assert sent(world) == [(line.id, False)]
    assert world.leases.health([world.channel]).get(world.channel, HEALTHY) == HEALTHY


def test_a_line_is_sent_within_a_quarter_of_an_hour_of_the_early_end_of_a_mute(
    world: ChannelWorld, line: Notification, noon: datetime
) -> None:
    world.policy = replace(world.policy, muted_until={world.channel: noon + 13 * HOUR})
    put(world, line)
    world.runs(HOUR)
    world.policy = replace(world.policy, muted_until={})
    world.runs(HOUR / 4)

    assert sent(world) == [(line.id, False)]


def test_a_line_is_left_out_once_its_week_is_over(world: ChannelWorld, line: Notification, noon: datetime) -> None:
    """Monday's readers would take "this week" for another one."""
    world.now += HOUR / 7  # so that no look falls on the moment at which the week is over
    world.policy = replace(world.policy, muted_until={world.channel: noon + 3 * DAY})
    put(world, line)
    world.runs()

    assert sent(world) == []
    assert world.refused == []
    assert world.queue.contents == []


def test_a_line_of_a_channel_that_stays_down_is_left_out_once_its_week_is_over(
    world: ChannelWorld, line: Notification
) -> None:
    world.board.raises = [MendableError("token_revoked")] * 10_000
    put(world, line)
    world.runs()

    assert sent(world) == []
    assert world.refused == []
    assert world.queue.contents == []
