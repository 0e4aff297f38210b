"""An unknown word of a tag is announced once, and few of them a day."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.keys import WORDS
from braket_notifier.routing.unknown_words import unknown_words
from tests.unit.grouping.channel_world import ChannelWorld, OfNewerVersion

Announced = Callable[..., Notification]


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC", routes=()), noon)


@pytest.fixture
def announced(
    world: ChannelWorld, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> Announced:
    def of(number: int, word: str) -> Notification:
        [found] = unknown_words(a_transition(a_task("COMPLETED", number, tags={"notify": word})), world.policy)
        return found

    return of


def words(world: ChannelWorld) -> list[str]:
    contents = [each.content for each in world.board.sent]
    return [each.transition.snapshot.tags["#word"] for each in contents if isinstance(each, Notification)]


def test_a_word_of_many_tasks_is_announced_once(world: ChannelWorld, announced: Announced) -> None:
    world.put(*(announced(number, "zoe") for number in range(50)))
    world.runs()

    assert words(world) == ["zoe"]
    assert world.queue.contents == []


def test_words_of_a_thousand_tasks_are_three_messages_a_day(world: ChannelWorld, announced: Announced) -> None:
    world.put(*(announced(number, f"run-{number}") for number in range(1000)))
    world.runs()
    world.now += timedelta(days=1)
    world.put(announced(1000, "zoe"))
    world.runs()

    assert len(words(world)) == 3 + 1
    assert words(world)[-1] == "zoe"
    assert world.refused == []


def test_a_word_that_was_refused_at_first_is_announced_once_the_channel_accepts(
    world: ChannelWorld, announced: Announced
) -> None:
    world.board.raises = [MendableError("token_revoked")] * 5
    world.put(announced(1, "zoe"))
    world.runs()

    assert words(world) == ["zoe"]


def test_words_are_limited_while_only_a_newer_version_can_read_the_row_of_their_count(
    world: ChannelWorld, announced: Announced
) -> None:
    """Seen: after a rollback each waited for the newer version, and was then sent as a possible repeat."""
    world.groups = OfNewerVersion(newer=(WORDS,))
    world.put(*(announced(number, f"run-{number}") for number in range(10)))

    world.runs()

    assert len(words(world)) == 3
    assert not world.queue.records


def test_a_word_whose_count_could_not_be_read_at_first_is_announced_as_no_possible_repeat(
    world: ChannelWorld, announced: Announced
) -> None:
    @dataclass
    class Failing(MemoryGroups):
        fails: int = 1

        def get(self, channel: str, key: str) -> Group:
            if key == WORDS and self.fails:
                self.fails -= 1
                raise ConnectionError(key)
            return super().get(channel, key)

    world.groups = Failing()
    world.put(announced(1, "zoe"))
    with pytest.raises(ConnectionError):
        world.runs()
    world.runs()

    assert [each.may_repeat for each in world.board.sent] == [False]
