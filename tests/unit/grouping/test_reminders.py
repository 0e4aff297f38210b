"""Reminders in a channel that people read: alone, once, after a hold only while they are news, never after the end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.announcement import arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import BACK, NEAR_LIMIT, REMINDERS
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition, for_programs
from braket_notifier.errors import TryLaterError
from braket_notifier.sending.wire import decode, encode
from tests.unit.grouping.channel_world import ChannelWorld

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_DEVICES = sorted(REMINDERS - {NEAR_LIMIT, BACK})


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC"), noon)


def reminder(noon: datetime, word: str, day: str = "2026-11-20") -> Notification:
    shown = Snapshot(arn_of("waiting-1", "eu-north-1"), "QUEUED", noon - DAY, ended_at=noon + 6 * HOUR)
    return Notification(Transition(shown, f"{word} {day}", None, noon, None, 1, "sweep"), "team-slack")


def sent(world: ChannelWorld) -> list[str]:
    assert all(each.action == "post" for each in world.board.sent)
    return [each.content.transition.status for each in world.board.sent if isinstance(each.content, Notification)]


@pytest.mark.parametrize("word", OF_DEVICES)
def test_a_reminder_is_sent_once_beside_all_groups_and_anew_on_another_day(
    world: ChannelWorld, noon: datetime, word: str
) -> None:
    first, second = reminder(noon, word), reminder(noon, word, "2026-11-21")
    for each in (first, first, second, first):
        world.queue.put(decode(encode(each)), world.now)
    world.runs()

    assert sent(world) == [f"{word} 2026-11-20", f"{word} 2026-11-21"]
    assert (world.groups.groups, world.cards.cards) == ({}, {})


def test_a_mute_that_outlasts_the_news_drops_the_reminder(world: ChannelWorld, noon: datetime) -> None:
    for until, expected in ((noon + HOUR, ["OFFLINE 1"]), (noon + 8 * HOUR, ["OFFLINE 1"])):
        world.policy = replace(world.policy, muted_until={"team-slack": until})
        world.queue.put(reminder(noon, "OFFLINE", str(len(expected) + (until > noon + HOUR))), world.now)
        world.runs()
        assert sent(world) == expected

    assert world.queue.contents == []


def test_a_reminder_waits_for_a_channel_that_is_busy(world: ChannelWorld, noon: datetime) -> None:
    world.board.raises = [TryLaterError("HTTP 429", 30)]
    world.queue.put(reminder(noon, "RETIRED"), world.now)
    world.runs()

    assert sent(world) == ["RETIRED 2026-11-20"]


def test_a_job_s_limit_is_no_news_after_its_end(
    world: ChannelWorld, a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    end = Notification(a_transition(a_job("COMPLETED")), "team-slack")
    near = Notification(a_transition(a_job("RUNNING"), status=NEAR_LIMIT, at=world.now), "team-slack")
    world.queue.put(end, world.now)
    world.runs()
    world.queue.put(near, world.now)
    world.runs()

    assert sent(world) == ["COMPLETED"]
    assert world.queue.contents == []


@pytest.mark.parametrize(("away", "still_open", "expected"), [(1, 1, [NEAR_LIMIT]), (1, 0, []), (3, 1, [])])
def test_a_job_s_limit_that_waited_for_the_channel_is_sent_only_while_the_job_runs(
    world: ChannelWorld,
    a_job: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    away: int,
    still_open: int,
    expected: list[str],
) -> None:
    job = a_job("RUNNING", started_at=world.now - 3 * HOUR, max_runtime_s=5 * 3600)
    world.board.raises = [TryLaterError("HTTP 429", away * 3600)]
    world.queue.put(Notification(a_transition(job, status=NEAR_LIMIT, at=world.now), "team-slack"), world.now)
    world.works()
    world.open = still_open
    world.runs()

    assert sent(world) == expected
    assert world.queue.contents == []


def test_programs_get_the_word_alone(noon: datetime, a_notification: Callable[..., Notification]) -> None:
    found = for_programs(reminder(noon, "STUCK").transition)
    end = a_notification().transition

    assert found.status == "STUCK"
    assert for_programs(end) is end


def test_a_test_message_counts_as_no_message_of_its_channel(
    policy: Policy, noon: datetime, a_notification: Callable[..., Notification]
) -> None:
    """The first end after it is mailed at once, and not at the end of a quarter of an hour."""
    world = ChannelWorld(replace(policy, time_zone="UTC"), noon, channel="mail", edits=False)
    end = a_notification("FAILED")
    test = replace(end.transition.snapshot, arn=parse_arn(f"{end.transition.arn.text.rpartition('/')[0]}/test-1"))
    world.put(replace(end, transition=replace(end.transition, snapshot=test)))
    world.put(end, after=timedelta(seconds=10))
    world.runs()

    assert [at - noon < timedelta(minutes=1) for at, _ in world.log] == [True, True]
