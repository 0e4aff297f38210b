"""The group and its entries after a flush."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import UnacknowledgedError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.keys import AWAY
from braket_notifier.grouping.ports import Entry
from braket_notifier.sending.ports import Claim
from tests.unit.grouping.channel_world import ChannelWorld, OfNewerVersion

End = Callable[[int], Notification]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
KEY = "batch ghz-scan"


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> End:
    def build(number: int) -> Notification:
        return Notification(
            a_transition(a_task(number=number, ended_at=noon, tags={"batch": "ghz-scan"})), "team-slack"
        )

    return build


def group(world: ChannelWorld) -> Group:
    return world.groups.get(world.channel, KEY)


def entries(world: ChannelWorld) -> list[Entry]:
    return [*world.groups.entries(world.channel, KEY, group(world).episode)]


def test_a_card_stays_open_at_the_end_of_its_window_while_more_waits(world: ChannelWorld, end: End) -> None:
    """Another delivery, which died, holds a claim: its notification belongs to this card and to its last message."""
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.ledger.claim(end(7), owner="died", now=world.now + timedelta(minutes=20))
    world.put(end(7))

    world.runs(12 * MINUTE)
    at_the_end_of_the_window = group(world)
    world.open = 0
    world.runs()

    assert not at_the_end_of_the_window.earlier
    assert at_the_end_of_the_window.card
    assert at_the_end_of_the_window.pending
    assert [(len(digest.transitions), digest.closing) for digest in world.digests] == [(6, False), (7, True)]


def test_an_entry_is_shown_once_a_message_has_shown_it(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))

    world.runs(MINUTE)

    assert [each.shown for each in entries(world)] == [True] * 6


def test_an_entry_that_was_delivered_before_its_flush_is_shown(world: ChannelWorld, end: End) -> None:
    """A function died between the mark in the ledger and the mark of the entry."""
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.groups.added[world.channel, KEY, group(world).episode][end(5).id] = Entry(end(5), shown=False)
    world.put(end(6))

    world.runs(MINUTE)

    assert [each.shown for each in entries(world)] == [True] * 7
    assert [each.id for each in world.singles] == [end(number).id for number in range(3)]


def test_a_group_whose_message_failed_is_not_due_before_its_retry(world: ChannelWorld, end: End) -> None:
    """A notification that comes meanwhile would otherwise be shown by a card that lacks the others."""
    world.board.raises = [None, None, None, UnacknowledgedError("reset")]
    world.put(*(end(number) for number in range(4)))
    world.runs(12 * SECOND)
    failed_at, pending = world.now, group(world).pending
    world.put(end(4))
    world.runs(15 * SECOND)
    meanwhile = len(world.board.sent)

    world.runs(MINUTE)

    assert pending
    assert pending.retrying
    assert pending.due - failed_at > 20 * SECOND
    assert meanwhile == 3
    assert [len(digest.transitions) for digest in world.digests] == [5]


def test_a_group_begins_anew_after_its_last_message(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))

    world.runs()

    anew = group(world)
    assert anew == Group(anew.episode, version=anew.version, earlier=True)


def test_what_waits_in_two_groups_of_a_woken_channel_is_tried_once_and_then_marked(
    world: ChannelWorld, end: End
) -> None:
    """The record is lost, and the channel is down for long, so a visit tries it without a probe."""
    world.board.raises = [UnacknowledgedError("reset"), UnacknowledgedError("reset")]
    world.put(end(0))
    world.works()
    world.queue.records.clear()
    world.now += MINUTE
    for key in (AWAY, KEY):
        found = world.groups.get(world.channel, key)
        world.groups.add(key, found.episode, Entry(end(1), shown=False), now=world.now)
        due = found.with_pending(world.now, world.now)
        world.groups.save(world.channel, key, due, now=world.now, visit_at=world.now)

    world.wakes()
    world.works()
    tried = len(world.board.raises), len(world.board.sent)
    world.runs(10 * MINUTE)

    assert tried == (0, 0)
    assert [each.may_repeat for each in world.board.sent] == [True]


def test_what_was_passed_on_waits_for_the_version_that_can_read_the_late_news_and_the_rest_is_shown(
    world: ChannelWorld, end: End
) -> None:
    """Seen: after a rollback the whole group was tried again each second."""
    groups = world.groups = OfNewerVersion(newer=(AWAY,))
    world.put(*(end(number) for number in range(6)))
    world.runs(5 * SECOND)
    passed_on, *others = (each.notification for each in entries(world) if not each.shown)
    world.ledger.passed_on(passed_on, to="mail", now=world.now)

    world.runs(HOUR)
    before = world.shown()
    groups.newer = ()
    world.runs()

    assert others
    assert {each.id for each in others} <= set(before)
    assert passed_on.id not in before
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert not world.queue.records


class SlowLedger(MemoryLedger):
    """A ledger of which each claim takes a tenth of a second, as on a slow disk."""

    def __init__(self, world: ChannelWorld) -> None:
        super().__init__()
        self._world = world

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        self._world.now += SECOND / 10
        return super().claim(notification, owner=owner, now=now)


@pytest.mark.parametrize("edits", [True, False])
def test_late_news_that_are_too_many_for_one_message_s_claims_follow_within_minutes(
    policy: Policy, noon: datetime, end: End, *, edits: bool
) -> None:
    world = ChannelWorld(policy, noon + 10 * HOUR, edits=edits)
    world.ledger = SlowLedger(world)
    world.put(*map(end, range(250)))

    world.runs(10 * MINUTE)

    assert [len(digest.news) for digest in world.digests] == [100, 100, 50]
    assert max(at for at, _ in world.log) < noon + 10 * HOUR + 5 * MINUTE
