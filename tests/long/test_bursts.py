"""Pings of many notifications, counted on a simulated clock. An edit is not a ping."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from braket_notifier.cli.commands.redrive import redrive
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import ChannelType, Policy
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import RefusedError, TryLaterError
from braket_notifier.sending import threads
from braket_notifier.sending.channel_lease import SEND_INTERVAL
from tests.unit.grouping.bursts import ASnapshot, End, SlowLedger, Stamping, all_announced_once, ends_of_a_scan, trickle
from tests.unit.grouping.channel_world import ChannelWorld

#: Types of channels that people read as they come.
CHATS: list[ChannelType] = ["slack", "teams", "discord", "webhook"]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def mail(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon, "mail", edits=False)


@pytest.fixture
def end(a_task: ASnapshot, a_transition: Callable[..., Transition], noon: datetime) -> End:
    return ends_of_a_scan(a_task, a_transition, noon)


@pytest.fixture
def slow(world: ChannelWorld, monkeypatch: pytest.MonkeyPatch) -> ChannelWorld:
    """A world where each claim takes 0.02 s."""
    monkeypatch.setattr(threads, "WRITERS", 1)  # one thread moves the clock
    world.ledger = SlowLedger(claiming=lambda: world.sleep(0.02))
    return world


@pytest.mark.parametrize("failing", [lambda _: False, lambda number: number % 30 == 29])
def test_120_ends_over_forty_minutes_are_six_pings_at_most(
    world: ChannelWorld, end: End, failing: Callable[[int], bool]
) -> None:
    trickle(world, end, 120, timedelta(minutes=40), failing)

    world.runs()

    assert len(world.pings) <= 6
    assert world.digests[-1].closing
    assert len(world.digests[-1].transitions) == 120
    all_announced_once(world, 120)


def test_120_ends_over_forty_minutes_are_four_e_mails_at_most(mail: ChannelWorld, end: End) -> None:
    trickle(mail, end, 120, timedelta(minutes=40))

    mail.runs()

    assert len(mail.pings) <= 4
    all_announced_once(mail, 120)


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize("edits", [False, True])
def test_120_ends_over_forty_minutes_are_six_posts_at_most_in_each_chat(
    world: ChannelWorld, end: End, kind: ChannelType, *, edits: bool
) -> None:
    world.edits, world.interval = edits, SEND_INTERVAL[kind]
    world.policy = replace(world.policy, channels={**world.policy.channels, "team-slack": kind})
    trickle(world, end, 120, timedelta(minutes=40))

    world.runs()

    assert len(world.pings) <= 6
    all_announced_once(world, 120)


def test_successive_groups_without_an_open_resource_are_no_more_pings(world: ChannelWorld, end: End) -> None:
    """A task is submitted when another has ended, so that nothing is open again and again."""
    world.open = 0
    trickle(world, end, 120, timedelta(minutes=40))

    world.runs()

    assert len(world.pings) <= 6
    all_announced_once(world, 120)


def test_1000_ends_in_ten_seconds_are_three_messages_and_a_card(world: ChannelWorld, end: End) -> None:
    trickle(world, end, 1000, timedelta(seconds=10))

    world.runs()

    assert len(world.singles) == 3
    assert [len(digest.news) for digest in world.digests] == [997]
    all_announced_once(world, 1000)


def test_1000_ends_in_ten_seconds_are_few_e_mails(mail: ChannelWorld, end: End) -> None:
    trickle(mail, end, 1000, timedelta(seconds=10))

    mail.runs()

    assert len(mail.pings) == 2
    all_announced_once(mail, 1000)


def test_1000_ends_at_the_rate_of_braket_s_quota_are_announced_half_a_minute_after_the_last(
    slow: ChannelWorld, end: End, noon: datetime
) -> None:
    """Sixteen a second are read; each claim takes a while, and a card is edited every thirty seconds."""
    slow.ledger.claiming = lambda: slow.sleep(0.002)  # type: ignore[attr-defined]  # it is a slow one
    slow.board = Stamping(slow)
    trickle(slow, end, 1000, timedelta(seconds=60))

    slow.runs()

    assert slow.board.news_until - noon <= timedelta(seconds=60 + 30 + 3)
    all_announced_once(slow, 1000)


def test_one_bad_circuit_failing_200_times_is_three_messages_and_one_card(world: ChannelWorld, end: End) -> None:
    trickle(world, end, 200, timedelta(minutes=5), failing=lambda _: True)

    world.runs()

    assert len(world.singles) == 3
    posts = [each for each in world.board.sent if each.action == "post"]
    assert len({each.place for each in posts if not isinstance(each.content, Notification)}) == 1
    assert len(world.pings) <= 5
    all_announced_once(world, 200)


def test_one_edit_shows_all_that_waits_however_much_it_is(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.put(*(end(number) for number in range(6, 606)))

    world.runs()

    edits = [each.content for each in world.board.sent if each.action == "edit" and isinstance(each.content, Digest)]
    assert [len(digest.news) for digest in edits] == [1, 599, 0]  # the first edit shows one end, the last one closes
    all_announced_once(world, 606)


def test_a_card_is_edited_every_thirty_seconds_at_most(world: ChannelWorld, end: End) -> None:
    trickle(world, end, 300, timedelta(minutes=10))

    world.runs(timedelta(minutes=10))

    edits = [each for each in world.board.sent if each.action == "edit"]
    assert 10 <= len(edits) <= 21


def test_a_message_is_sent_within_the_lease_of_its_claims_however_many_wait(slow: ChannelWorld, end: End) -> None:
    """Notifications that cannot be claimed in time are shown by the next edit."""
    slow.put(*(end(number) for number in range(2000)))

    slow.runs()

    edits = [each.content for each in slow.board.sent if isinstance(each.content, Digest) and each.content.news]
    assert [len(digest.news) for digest in edits] == [500, 500, 500, 497]
    all_announced_once(slow, 2000)


def test_posts_are_a_second_apart_as_the_channel_takes_them_however_long_the_claims_take(
    slow: ChannelWorld, end: End
) -> None:
    slow.board = Stamping(slow)
    slow.put(*(end(number, tags={"batch": f"b{number % 2}"}) for number in range(200)))

    slow.runs()

    assert len(slow.board.taken_at) > 6
    assert min(later - earlier for earlier, later in pairwise(slow.board.taken_at)) >= SEND_INTERVAL["slack"]


def test_open_resources_are_counted_for_each_message_and_at_most_once_a_second(world: ChannelWorld, end: End) -> None:
    for second in range(60):
        world.put(*(end(100 * second + number) for number in range(20)), after=timedelta(seconds=second))

    world.runs()

    shown = [each for each in world.board.sent if isinstance(each.content, Digest) and each.action != "broadcast"]
    assert set(world.counted) == {"batch ghz-scan"}
    assert len(world.counted) <= 60 + len(shown)


def test_a_group_of_which_more_waits_is_not_said_to_be_over(slow: ChannelWorld, end: End) -> None:
    """Simultaneous ends take more than one message, and the card does not show all of them yet."""
    slow.open = 0
    slow.put(*(end(number) for number in range(2000)))

    slow.runs()

    assert [(digest.open, digest.closing) for digest in slow.digests] == [(None, False), (0, True)]
    assert len(slow.digests[-1].transitions) == 2000
    all_announced_once(slow, 2000)


@pytest.mark.parametrize("within", [37, 51, 64, 78, 99])
def test_the_end_of_a_burst_is_announced_soon_at_any_time_after_an_edit(
    slow: ChannelWorld, end: End, noon: datetime, within: int
) -> None:
    """Once the card is open; each is in the queue for three seconds when it is counted as ended already."""
    ends = [noon + timedelta(seconds=within * number / 300) for number in range(300)]
    slow.board = Stamping(slow)
    slow.count_open = lambda *_: sum(ended > slow.now for ended in ends)  # type: ignore[method-assign]  # as time goes by
    for number, ended in enumerate(ends):
        slow.put(end(number, after=ended - noon), after=ended - noon + timedelta(seconds=3))

    slow.runs()

    assert slow.board.news_until - ends[-1] <= timedelta(seconds=25)
    all_announced_once(slow, 300)


def test_two_days_of_a_dead_token_are_one_message_afterwards(world: ChannelWorld, end: End) -> None:
    world.board.raises = [RefusedError("token_revoked")] * 300
    for hour in range(48):
        after = timedelta(hours=hour)
        world.put(
            *(end(10 * hour + number, after=after, tags={"batch": f"b{hour}"}) for number in range(5)), after=after
        )
    world.runs()
    world.board.raises = []
    world.now += timedelta(hours=12)

    redrive(world.ledger.all_undelivered(), world.ledger, _Put(world), world.clock)
    world.runs()

    assert [digest.occasion for digest in world.digests] == ["away"]
    assert world.singles == []
    all_announced_once(world, 240)


def test_two_days_without_an_answer_are_one_message_afterwards(world: ChannelWorld, end: End) -> None:
    """The channel cannot be reached. Every notification waits, and late ones are sent together."""
    world.board.raises = [TryLaterError("refused")] * 100_000
    for hour in range(48):
        after = timedelta(hours=hour)
        world.put(end(hour, after=after, tags={"batch": f"b{hour}"}), after=after)
    world.runs(timedelta(hours=56))
    world.board.raises = []

    world.runs()

    assert [digest.occasion for digest in world.digests] == ["away"]
    assert world.singles == []
    all_announced_once(world, 48)


def test_late_news_that_keep_coming_are_six_messages_an_hour_at_most(world: ChannelWorld, end: End) -> None:
    world.now += timedelta(hours=7)
    for minute in range(120):
        world.put(end(minute, "FAILED"), after=minute * MINUTE)

    world.runs()

    assert len(world.pings) <= 13
    all_announced_once(world, 120)


def test_a_seven_day_mute_costs_at_most_twenty_receives_a_record(world: ChannelWorld, end: End, noon: datetime) -> None:
    world.policy = replace(world.policy, muted_until={"team-slack": noon + timedelta(days=7)})
    for number in range(300):
        world.put(end(number), after=number * MINUTE / 10)

    world.runs(timedelta(days=7) - SECOND)
    muted = list(world.board.sent)
    world.runs(SECOND + 2 * MINUTE)

    assert not muted
    assert world.most_receives <= 20
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert len(world.ledger.rows) == 300


class _Put:
    """The port `ChannelQueues` into the world's queue."""

    def __init__(self, world: ChannelWorld) -> None:
        self._world = world

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        self._world.put(*notifications)
