"""A handler with digest = true: a channel for people, whose failures concern one message alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from braket_notifier.adapters.memory.channels import Content, MemoryEditableChannel
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import DIGEST_HANDLER, Policy, Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import UnacknowledgedError
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
NAME = "team-slack"


class Raises(MemoryEditableChannel):
    """A function that raises over what is about one batch."""

    calls = 0

    def send(self, content: Content, *, may_repeat: bool) -> str:
        self.calls += 1
        shown = content.transitions[0] if isinstance(content, Digest) else content.transition
        if shown.snapshot.tags["batch"] == "bad":
            raise UnacknowledgedError("KeyError in custom/mine.py, line 3")
        return super().send(content, may_repeat=may_repeat)


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    of_people = replace(policy, channels={**policy.channels, NAME: DIGEST_HANDLER})
    return ChannelWorld(of_people, noon, edits=False, is_handler=True)


@pytest.fixture
def ends(a_task: ASnapshot, noon: datetime) -> Callable[..., list[Notification]]:
    def build(count: int, batch: str = "scan", first: int = 0) -> list[Notification]:
        tasks = [a_task(number=first + number, tags={"batch": batch}) for number in range(count)]
        return [Notification(Transition(each, "COMPLETED", None, noon, None, 1, "event"), NAME) for each in tasks]

    return build


def test_120_equal_ends_are_six_calls_at_most(world: ChannelWorld, ends: Callable[..., list[Notification]]) -> None:
    for number, end in enumerate(ends(120)):
        world.put(end, after=number * timedelta(seconds=20))

    world.runs()

    assert len(world.board.sent) <= 6
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}
    assert sorted(world.shown()) == sorted(world.ledger.rows)


def test_quiet_hours_hold_what_it_gets(world: ChannelWorld, ends: Callable[..., list[Notification]]) -> None:
    world.policy = replace(world.policy, quiet={NAME: Quiet(time(0), time(23, 59))}, time_zone="UTC")
    world.put(*ends(5))

    world.runs(timedelta(hours=6))
    held = list(world.board.sent)
    world.runs()

    assert held == []
    assert [type(each.content) for each in world.board.sent] == [Digest]


def test_what_it_raises_over_one_group_holds_back_no_other(
    world: ChannelWorld, ends: Callable[..., list[Notification]]
) -> None:
    """It is called again for a day, as any handler is; a channel of a service would be down for everything."""
    world.board = Raises()
    world.put(*ends(5, "bad"), *ends(5, "good", first=50))

    world.runs(timedelta(hours=1))
    shown = len(world.shown())
    world.runs()

    assert shown == 5
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED", "UNDELIVERED"}
    assert set(world.refused) == {"not accepted for 24 hours"}
    assert not world.queue.records
    assert 50 < world.board.calls < 600
