"""Rows that an earlier use of a group's key left behind are never counted again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import TryLaterError
from tests.unit.grouping.channel_world import ChannelWorld

KEY = "batch ghz-scan"
MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(weeks=1)
End = Callable[..., Notification]


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def end(world: ChannelWorld, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]) -> End:
    def build(number: int) -> Notification:
        ended = a_task("COMPLETED", number, ended_at=world.now, tags={"batch": "ghz-scan"})
        return Notification(a_transition(ended, at=world.now), "team-slack")

    return build


@pytest.mark.parametrize("expires", ["nothing", "the group", "its entries", "both"])
@pytest.mark.parametrize("weeks", [1, 5])
def test_a_batch_tag_that_is_used_again_after_weeks_counts_only_the_new_tasks(
    world: ChannelWorld, end: End, expires: str, weeks: int
) -> None:
    """DynamoDB deletes the rows of a group in any order."""
    world.put(*(end(number) for number in range(12)))
    world.runs()
    if expires in ("the group", "both"):
        world.groups.groups.clear()
    if expires in ("its entries", "both"):
        world.groups.added.clear()
    world.now += weeks * WEEK

    world.put(*(end(number) for number in range(20, 26)))
    world.runs()

    assert {each.arn.id[-2:] for each in world.digests[-1].transitions} == {f"{number}" for number in range(20, 26)}


def test_what_a_group_could_not_send_and_late_news_showed_is_not_counted_weeks_later(
    world: ChannelWorld, end: End
) -> None:
    """Its entry stays in the group, for whose sake no row was ever saved."""
    left_behind, shown = used_again_after_a_failure(world, end)

    assert (left_behind, shown) == (1, 1)
    assert len(world.digests[-1].transitions) == 6


def test_what_a_group_could_not_send_after_its_card_was_closed_is_not_counted_weeks_later(
    world: ChannelWorld, end: End
) -> None:
    """The row that closed the card has an episode to which nothing else was ever saved."""
    world.put(*(end(number) for number in range(10, 16)))
    world.runs()
    world.now += WEEK

    _, shown = used_again_after_a_failure(world, end)

    assert shown == 7
    assert {each.arn.id[-2:] for each in world.digests[-1].transitions} == {f"{number}" for number in range(20, 26)}


def used_again_after_a_failure(world: ChannelWorld, end: End) -> tuple[int, int]:
    """Late news show an end whose send failed, and six others use the group weeks later.

    Return the number of entries after the failure, and of the ends that were shown before those weeks.
    """
    world.board.raises = [TryLaterError("503")]
    world.put(end(1))
    world.works()
    left_behind = sum(len(each) for each in world.groups.added.values())
    world.now += 9 * HOUR
    world.runs()
    shown = len(world.shown())
    world.now += 3 * WEEK
    world.put(*(end(number) for number in range(20, 26)))
    world.runs()
    return left_behind, shown


def test_an_e_mail_comes_a_quarter_of_an_hour_after_the_last_one_of_its_group(
    world: ChannelWorld, end: End, policy: Policy
) -> None:
    """The second end was added over a quarter of an hour before the third one, and mailed just before it."""
    world.policy, world.edits = replace(policy, channels={"team-slack": "email"}), False
    for number, minutes in enumerate((0, 1, 16.5)):
        world.put(end(number), after=minutes * MINUTE)
    world.runs()

    times = [at for at, _ in world.rings()]
    assert len(times) == 3
    assert all(later - before >= 15 * MINUTE for before, later in pairwise(times))
