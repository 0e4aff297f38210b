"""A group is announced as ended after a sweep that began after its last end, because a task may be unknown before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.channels import SentMessage
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.digests import count
from braket_notifier.grouping.ports import Entry
from tests.unit.grouping.channel_world import ChannelWorld

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
End = Callable[..., Notification]


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> End:
    """The end of a quantum task of the batch ghz-scan, so long after noon."""

    def build(number: int, after: timedelta = timedelta(0)) -> Notification:
        task = a_task("COMPLETED", number, ended_at=noon + after, tags={"batch": "ghz-scan"})
        return Notification(a_transition(task), "team-slack")

    return build


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    """A channel whose batch seems to have ended, and the last sweep began before that."""
    return ChannelWorld(policy, noon, open=0, swept=noon - MINUTE)


@pytest.fixture
def mail(world: ChannelWorld) -> ChannelWorld:
    return replace(world, channel="mail", edits=False)


def put(world: ChannelWorld, end: End, *numbers: int, over: timedelta = MINUTE) -> None:
    for place, number in enumerate(numbers):
        after = over * place / len(numbers)
        world.put(end(number, after), after=after)


def sweeps(world: ChannelWorld, at: datetime) -> None:
    """A sweep begins at that time; in the end it wakes the channel if a visit of a group is overdue."""
    world.runs(at - world.now)
    world.now = world.swept = at
    if any(each and each < world.now - 2 * MINUTE for each in world.groups.visits.values()):
        world.wakes()


def as_ended(world: ChannelWorld) -> list[SentMessage]:
    return [each for each in world.board.sent if isinstance(each.content, Digest) and each.content.open == 0]


def test_nothing_of_this_batch_is_open_is_sent_after_a_sweep_that_began_after_its_last_end(
    world: ChannelWorld, end: End, noon: datetime
) -> None:
    put(world, end, *range(9))
    world.runs(3 * MINUTE)
    before, shown = as_ended(world), len(world.shown())

    sweeps(world, noon + 5 * MINUTE)
    world.runs(MINUTE)

    assert (before, shown) == ([], 9)
    first, *edits = as_ended(world)
    assert (first.action, {each.action for each in edits}) == ("broadcast", {"edit"})
    assert isinstance(first.content, Digest)
    assert (first.content.closing, len(first.content.transitions)) == (True, 9)


def test_a_task_that_only_the_sweep_finds_keeps_its_batch_open(world: ChannelWorld, end: End, noon: datetime) -> None:
    """Seen: its event was lost, and the batch was announced as finished before."""
    put(world, end, *range(9))
    world.runs(3 * MINUTE)
    world.open = 1
    sweeps(world, noon + 5 * MINUTE)
    world.runs(MINUTE)
    early = as_ended(world)
    world.open = 0
    world.put(end(9, 6 * MINUTE))
    world.runs(MINUTE)
    sweeps(world, noon + 10 * MINUTE)
    world.runs(MINUTE)

    assert early == []
    assert [each.action for each in as_ended(world)][:1] == ["broadcast"]
    assert [len(each.content.transitions) for each in as_ended(world) if isinstance(each.content, Digest)][:1] == [10]


def test_a_card_whose_end_no_sweep_shows_closes_without_that_claim(world: ChannelWorld, end: End) -> None:
    put(world, end, *range(9))

    world.runs(timedelta(hours=1))

    assert as_ended(world) == []
    assert world.digests[-1].closing
    assert world.groups.get("team-slack", "batch ghz-scan").earlier is True


def test_a_card_of_a_short_window_waits_for_the_sweep(world: ChannelWorld, end: End, noon: datetime) -> None:
    world.policy = replace(world.policy, digest_window_s=60)
    put(world, end, *range(9), over=10 * SECOND)
    world.runs(4 * MINUTE)
    sweeps(world, noon + 5 * MINUTE)
    world.runs()

    assert as_ended(world)
    assert world.groups.get("team-slack", "batch ghz-scan").earlier is True


def test_an_e_mail_waits_for_the_sweep_while_it_is_not_late(mail: ChannelWorld, end: End, noon: datetime) -> None:
    """The first e-mail came at noon, so the digest is due at 12:15, and its ends are two minutes old."""
    put(mail, end, 1)
    mail.runs(13 * MINUTE)
    mail.now = noon + 13 * MINUTE
    mail.put(*(end(number, 13 * MINUTE) for number in range(2, 9)))
    sweeps(mail, noon + 17 * MINUTE)
    early = len(mail.digests)
    mail.runs(2 * MINUTE)

    assert early == 0
    assert [(digest.open, len(digest.transitions)) for digest in mail.digests] == [(0, 8)]


def test_an_e_mail_is_on_time_although_no_sweep_comes(mail: ChannelWorld, end: End, noon: datetime) -> None:
    put(mail, end, 1)
    mail.runs(13 * MINUTE)
    mail.now = noon + 13 * MINUTE
    mail.put(*(end(number, 13 * MINUTE) for number in range(2, 9)))

    mail.runs(15 * MINUTE)

    assert [(digest.open, len(digest.transitions)) for digest in mail.digests] == [(None, 7)]
    assert mail.now <= noon + 28 * MINUTE


@pytest.mark.parametrize(
    ("swept", "watched", "known"),
    [
        ({"eu-north-1": 1, "us-east-1": 1}, ("us-east-1", "eu-north-1"), True),
        ({"eu-north-1": 1, "us-east-1": -1}, ("us-east-1", "eu-north-1"), False),
        ({"eu-north-1": 0, "us-east-1": 0}, ("us-east-1", "eu-north-1"), True),
        ({"eu-north-1": 1}, ("us-east-1", "eu-north-1"), False),  # never
        ({"eu-north-1": 1, "us-east-1": -1}, ("eu-north-1",), True),  # one region is no longer watched
        ({"eu-north-1": 1, "us-east-1": 1}, ("us-west-2",), False),  # both are no longer watched
    ],
)
def test_the_end_of_a_group_is_known_after_a_sweep_of_each_of_its_watched_regions(
    end: End, policy: Policy, noon: datetime, swept: dict[str, int], watched: tuple[str, ...], *, known: bool
) -> None:
    policy = replace(policy, regions=watched)
    here, other = end(1), end(2).transition
    there = replace(other.snapshot, arn=replace(other.arn, region="us-east-1"))
    elsewhere = replace(here, transition=replace(other, snapshot=there))

    class Passes(ChannelWorld):
        def last_pass(self, region: str) -> datetime | None:  # type: ignore[override]  # None before the first one
            return noon + swept[region] * SECOND if region in swept else None

    entries = [Entry(each, shown=True) for each in (here, elsewhere)]
    counted = count("batch ghz-scan", entries, Passes(policy, noon, open=0), policy)

    assert (counted.open, counted.awaits_sweep) == ((0, False) if known else (None, True))
