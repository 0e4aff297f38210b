"""Quiet hours and mutes: nothing is written to a held channel, and everything is sent once when the hold is over."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification, Wake
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import TryLaterError
from braket_notifier.routing.published import LOOK_EVERY_S
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: Time in which a message follows the end of its hold.
SOON = 2 * MINUTE
#: A wake record comes once every function has read what was published.
WOKEN_AFTER = timedelta(seconds=LOOK_EVERY_S + 10)


@pytest.fixture
def end(a_task: ASnapshot, a_transition: Callable[..., Transition], noon: datetime) -> Callable[..., Notification]:
    """The end of a quantum task of the batch ghz-scan."""

    def build(number: int, status: str = "COMPLETED", after: timedelta = timedelta(0)) -> Notification:
        task = a_task(status, number, ended_at=noon + after, tags={"batch": "ghz-scan"})
        return Notification(a_transition(task), "team-slack")

    return build


@pytest.fixture
def family(a_task: ASnapshot, a_job: ASnapshot, a_transition: Callable[..., Transition]) -> Sequence[Notification]:
    """A hybrid job that runs, and the failure of one of its own quantum tasks."""
    moves = (a_transition(a_job("RUNNING")), a_transition(a_task("FAILED", 7, job_arn=a_job().arn.text)))
    return [Notification(each, "team-slack", silent=True) for each in moves]


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC"), noon - 9 * MINUTE)


@pytest.fixture
def mail(world: ChannelWorld) -> ChannelWorld:
    return replace(world, channel="mail", edits=False)


# --- holds and their changes: what is published so long after noon, and the end of the hold ---------------------------


def muting(until: timedelta) -> Callable[[datetime], dict[str, Any]]:
    return lambda noon: {"muted_until": {"team-slack": noon + until, "mail": noon + until}}


def quiet(begins: int, ends: int) -> Callable[[datetime], dict[str, Any]]:
    hours = Quiet(time(begins), time(ends))
    return lambda _: {"quiet": {"team-slack": hours, "mail": hours}}


def both(*parts: Callable[[datetime], dict[str, Any]]) -> Callable[[datetime], dict[str, Any]]:
    return lambda noon: {name: value for part in parts for name, value in part(noon).items()}


def free(_: datetime) -> dict[str, Any]:
    return {"muted_until": {}, "quiet": {}}


Steps = list[tuple[timedelta, Callable[[datetime], dict[str, Any]]]]
HOLDS: dict[str, tuple[Steps, timedelta]] = {
    "a mute": ([(0 * HOUR, muting(4 * HOUR))], 4 * HOUR),
    "quiet hours": ([(0 * HOUR, quiet(12, 16))], 4 * HOUR),
    # changes that prolong it: each group was due at the old end
    "a mute that is extended": ([(0 * HOUR, muting(HOUR)), (HOUR / 2, muting(4 * HOUR))], 4 * HOUR),
    "a mute over the end of quiet hours": ([(0 * HOUR, quiet(12, 13)), (HOUR / 2, muting(4 * HOUR))], 4 * HOUR),
    "quiet hours made longer": ([(0 * HOUR, quiet(12, 13)), (HOUR / 2, quiet(12, 16))], 4 * HOUR),
    "a mute that ends in quiet hours": ([(0 * HOUR, both(muting(2 * HOUR), quiet(13, 16)))], 4 * HOUR),
    # changes that end it early, each followed by a wake
    "unmute": ([(0 * HOUR, muting(4 * HOUR)), (HOUR, free)], HOUR),
    "a shorter mute": ([(0 * HOUR, muting(9 * HOUR)), (HOUR, muting(2 * HOUR))], 2 * HOUR),
    "quiet hours removed": ([(0 * HOUR, quiet(12, 23)), (HOUR, free)], HOUR),
    "quiet hours made shorter": ([(0 * HOUR, quiet(12, 23)), (HOUR, quiet(12, 14))], 2 * HOUR),
}

# --- messages: what the channel has before noon, and what would be written to it in the hold --------------------------

Prepare = Callable[..., None]


def single(world: ChannelWorld, end: Callable[..., Notification], *_: Notification) -> None:
    world.put(end(1, after=MINUTE), after=10 * MINUTE)


def card(world: ChannelWorld, end: Callable[..., Notification], *_: Notification) -> None:
    """Its next edit is due a few seconds after noon, and more comes in the hold."""
    world.put(*(end(number) for number in range(6)), after=9 * MINUTE - 30 * SECOND)
    world.put(end(6), after=9 * MINUTE - 10 * SECOND)
    world.put(end(7, "FAILED"), after=12 * MINUTE)


def closing(world: ChannelWorld, end: Callable[..., Notification], *_: Notification) -> None:
    """The last message of the card, and new failures, are due twelve minutes later."""
    world.put(*(end(number) for number in range(6)), after=2 * MINUTE)
    world.put(*(end(number, "FAILED") for number in range(6, 9)), after=10 * MINUTE)


def thread(world: ChannelWorld, _: Callable[..., Notification], job: Notification, child: Notification) -> None:
    world.put(job)
    world.put(child, after=11 * MINUTE)


def digest(world: ChannelWorld, end: Callable[..., Notification], *_: Notification) -> None:
    """The digest of what comes in a quarter of an hour after the last one."""
    world.put(*(end(number) for number in range(6)))


MESSAGES: dict[str, Prepare] = {"single": single, "card": card, "closing": closing, "thread": thread, "mail": digest}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("hold", HOLDS)
def test_nothing_is_written_in_a_hold_and_everything_is_sent_once_within_two_minutes_of_its_end(
    world: ChannelWorld,
    end: Callable[..., Notification],
    family: Sequence[Notification],
    noon: datetime,
    hold: str,
    message: str,
) -> None:
    held = replace(world, channel="mail", edits=False) if message == "mail" else world
    MESSAGES[message](held, end, *family)
    to(held, noon)
    before = len(held.board.sent)
    steps, over = HOLDS[hold]

    for after, change in steps:
        to(held, noon + after)
        held.policy = replace(held.policy, **change(noon))
        if after:
            held.queue.put(Wake(held.channel), held.now + WOKEN_AFTER)
    to(held, max(noon + over, held.now) - SECOND)
    in_the_hold = held.board.sent[before:]
    to(held, noon + over + SOON)
    soon = held.board.sent[before:]
    to(held, noon + over + 2 * HOUR)

    assert in_the_hold == []
    assert soon
    assert {row.state for row in held.ledger.rows.values()} == {"DELIVERED"}
    assert sorted(held.shown()) == sorted(held.ledger.rows)
    assert not [each for each in held.board.sent if each.may_repeat]


def to(world: ChannelWorld, when: datetime) -> None:
    world.runs(max(timedelta(0), when - world.now))
    world.now = max(world.now, when)


# --- statuses that pass quiet hours -----------------------------------------------------------------------------------


def test_an_e_mail_about_a_failure_that_passes_waits_for_no_end_that_the_quiet_hours_hold(
    mail: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Seen: ends of a flood that were held when its e-mail came let each failure of the night wait for an hour."""
    mail.policy = replace(mail.policy, quiet={"mail": Quiet(time(12), time(16), passing=("FAILED",))})
    mail.now = noon - 2 * MINUTE
    flood = [end(number, "FAILED" if number == 7 else "COMPLETED") for number in range(60)]
    for number, each in enumerate(flood):
        task = replace(each.transition.snapshot, tags={"batch": f"scan-{number}"})
        mail.put(replace(each, transition=replace(each.transition, snapshot=task)))
    failures = [replace(end(100 + n, "FAILED", n * 50 * MINUTE), channel="mail") for n in (1, 2, 3)]
    for number, each in enumerate(failures, 1):
        mail.put(each, after=number * 50 * MINUTE + 2 * MINUTE)
    seen = list[int]()

    for number in (1, 2, 3):
        mail.runs(noon + number * 50 * MINUTE + 15 * MINUTE + SECOND - mail.now)
        seen.append(len({each.id for each in failures} & set(mail.shown())))
    mail.runs()

    assert seen == [1, 2, 3]
    assert sorted(mail.shown()) == sorted(mail.ledger.rows)


@pytest.mark.parametrize("batches", [1, 30])
def test_each_failure_that_passes_quiet_hours_rings_although_a_card_was_open_when_they_began(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime, batches: int
) -> None:
    """Seen: failures of a whole night were edits of a card whose last message waited for the morning."""

    def of_batch(notification: Notification) -> Notification:
        snapshot, number = notification.transition.snapshot, int(notification.transition.arn.text[-4:])
        tagged = replace(snapshot, tags={"batch": f"scan-{number % batches}"})
        return replace(notification, transition=replace(notification.transition, snapshot=tagged))

    world.policy = replace(world.policy, quiet={"team-slack": Quiet(time(12), time(16), passing=("FAILED",))})
    world.now = noon - 2 * MINUTE
    world.put(*(of_batch(end(number)) for number in range(60)))
    failures = [of_batch(end(100 + number, "FAILED", number * HOUR / 2)) for number in range(1, 8)]
    for each in failures:
        assert each.transition.at
        world.put(each, after=each.transition.at - world.now)

    world.runs(timedelta(hours=3, minutes=50))
    at_night = [each.id for each in world.singles]
    world.runs()

    assert [each for each in at_night if each in {failure.id for failure in failures}] == [each.id for each in failures]
    assert sorted(world.shown()) == sorted(world.ledger.rows)


def test_a_status_that_passes_quiet_hours_takes_nothing_along_that_does_not(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Four ends wait for their card when the quiet hours begin, and a failure opens it."""
    world.put(*(end(number) for number in range(7)), after=9 * MINUTE - 5 * SECOND)
    to(world, noon)
    hours = Quiet(time(12), time(16), passing=("FAILED",))
    world.policy = replace(world.policy, quiet={"team-slack": hours})
    world.put(end(8, "FAILED"))
    to(world, noon + 3 * HOUR)
    at_night = world.shown()

    to(world, noon + 4 * HOUR + SOON)

    assert at_night[3:] == [end(8, "FAILED").id]
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert [each.occasion for each in world.digests if each.news][-1] == "quiet"


def test_a_status_that_passes_by_a_push_is_sent_at_the_wake(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    to(world, noon)
    world.policy = replace(world.policy, quiet={"team-slack": Quiet(time(12), time(16))})
    world.put(end(1), end(2, "FAILED"))
    to(world, noon + HOUR)
    world.policy = replace(world.policy, quiet={"team-slack": Quiet(time(12), time(16), passing=("FAILED",))})
    world.wakes()

    to(world, noon + HOUR + MINUTE)

    assert world.shown() == [end(2, "FAILED").id]


@pytest.mark.parametrize("first", ["COMPLETED", "FAILED"])
def test_a_status_that_passes_quiet_hours_is_sent_at_the_end_of_a_shortened_mute_although_they_go_on(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime, first: str
) -> None:
    """Seen: the failure came two hours after the mute, at the end of the quiet hours."""
    hours = Quiet(time(14), time(18), passing=("FAILED",))
    to(world, noon)
    world.policy = replace(world.policy, quiet={"team-slack": hours}, muted_until={"team-slack": noon + 14 * HOUR})
    world.put(end(1, first), end(2, {"COMPLETED": "FAILED", "FAILED": "COMPLETED"}[first]))
    to(world, noon + HOUR)
    world.policy = replace(world.policy, muted_until={"team-slack": noon + 3 * HOUR})
    world.wakes()

    to(world, noon + 3 * HOUR - SECOND)
    muted = world.shown()
    to(world, noon + 3 * HOUR + SOON)
    passed = world.shown()
    to(world, noon + 6 * HOUR + SOON)

    failed = end(1 if first == "FAILED" else 2, "FAILED")
    assert (muted, passed) == ([], [failed.id])
    assert sorted(world.shown()) == sorted(world.ledger.rows)


def test_a_closing_s_failures_ring_after_the_mute_and_not_in_it(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Seen: muted at minute 2, a broadcast with new failures rang at minute 12."""
    to(world, noon)
    world.put(*(end(number) for number in range(6)))
    to(world, noon + 2 * MINUTE)
    pings = len(world.pings)
    world.policy = replace(world.policy, muted_until={"team-slack": noon + HOUR})
    world.put(*(end(number, "FAILED") for number in range(6, 9)))

    to(world, noon + HOUR - SECOND)
    muted = len(world.pings)
    to(world, noon + HOUR + SOON)

    assert muted == pings
    assert world.digests[1].occasion == "quiet"


# --- early ends -------------------------------------------------------------------------------------------------------


def test_held_records_that_come_after_an_early_end_repeat_nothing(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    to(world, noon)
    world.policy = replace(world.policy, muted_until={"team-slack": noon + 5 * HOUR})
    world.put(*(end(number) for number in range(40)))
    to(world, noon + HOUR)
    world.policy = replace(world.policy, muted_until={})
    for _ in range(3):  # three commands, or commands and a sweep
        world.wakes()
    to(world, noon + HOUR + SOON)
    woken = list(world.board.sent)

    to(world, noon + 6 * HOUR)

    assert [len(each.content.news) for each in woken if isinstance(each.content, Digest)] == [40]
    assert len(world.board.sent) == 1
    assert not world.queue.records


def test_a_wake_that_fails_is_repeated(world: ChannelWorld, end: Callable[..., Notification], noon: datetime) -> None:
    to(world, noon)
    world.policy = replace(world.policy, muted_until={"team-slack": noon + 5 * HOUR})
    world.put(*(end(number) for number in range(4)))
    to(world, noon + HOUR)
    world.policy = replace(world.policy, muted_until={})
    world.board.raises = [TryLaterError("429", 20.0)]
    world.wakes()

    to(world, noon + HOUR + SOON)

    assert [len(digest.news) for digest in world.digests] == [4]


def test_a_wake_sends_no_digest_before_its_time(
    mail: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    mail.put(*(end(number) for number in range(4)))
    to(mail, noon)
    mail.wakes()

    to(mail, noon + MINUTE)

    assert (len(mail.pings), mail.digests) == (1, [])


# --- groups whose records are lost ------------------------------------------------------------------------------------


def lose_records(world: ChannelWorld) -> None:
    """A purged queue, or a channel that was removed and added again."""
    world.queue.records.clear()


def sweeps(world: ChannelWorld) -> None:
    """As the sweep does: wake the channel if a group's visit is overdue."""
    if any(at and at < world.now - SOON for at in world.groups.visits.values()):
        world.wakes()


def episodes(world: ChannelWorld) -> int:
    """How many episodes of the batch have ended."""
    used = {episode for _, key, episode in world.groups.added if key == "batch ghz-scan"}
    return len(used - {world.groups.get("team-slack", "batch ghz-scan").episode})


def six_end_and_lose_their_records(
    world: ChannelWorld, end: Callable[..., Notification], at: datetime, after: timedelta
) -> None:
    to(world, at)
    world.put(*(end(number) for number in range(6)))
    to(world, at + after)
    lose_records(world)


def test_a_card_whose_closing_record_is_lost_is_closed_by_the_next_notification(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Seen: eight failures, six of them only edited into a card of the day before."""
    six_end_and_lose_their_records(world, end, noon, MINUTE)
    to(world, noon + timedelta(days=1))
    world.put(*(end(number, "FAILED", timedelta(days=1)) for number in range(10, 18)))

    to(world, noon + timedelta(days=1) + 15 * MINUTE)

    shown_before = len(world.digests[0].transitions)
    rung = {each.transition.arn for each in world.singles}
    rung |= {each.arn for digest in world.digests[1:] for each in digest.transitions}
    assert {end(number).transition.arn for number in range(10, 18)} <= rung
    assert shown_before == 6
    assert episodes(world) == 2


def test_a_card_whose_closing_record_is_lost_is_closed_by_the_sweep(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    to(world, noon)
    world.put(*(end(number) for number in range(6)))
    world.put(end(6), after=30 * SECOND)
    to(world, noon + MINUTE)
    lose_records(world)

    for minute in range(5, 30, 5):
        to(world, noon + minute * MINUTE)
        sweeps(world)
    to(world, noon + HOUR)

    assert episodes(world) == 1
    assert not [at for at in world.groups.visits.values() if at]


def test_what_waits_for_a_digest_is_sent_although_its_records_are_lost(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    six_end_and_lose_their_records(world, end, noon, 5 * SECOND)

    to(world, noon + 5 * MINUTE)
    sweeps(world)
    to(world, noon + 7 * MINUTE)

    assert sorted(world.shown()) == sorted(end(number).id for number in range(6))


def test_the_sweep_wakes_a_held_group_once(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Its card was to be closed ten minutes after noon."""
    six_end_and_lose_their_records(world, end, noon, MINUTE)
    world.policy = replace(world.policy, muted_until={"team-slack": noon + 5 * HOUR})

    for minute in range(5, 5 * 60, 5):
        to(world, noon + minute * MINUTE)
        sweeps(world)

    assert world.queue.contents == [Wake("team-slack")]


def test_a_closing_record_stays_until_the_card_is_closed(
    world: ChannelWorld, end: Callable[..., Notification], noon: datetime
) -> None:
    """Another delivery holds the claim of one notification when the card is to be closed."""
    to(world, noon)
    world.put(*(end(number) for number in range(6)))
    to(world, noon + MINUTE)
    world.ledger.claim(end(7), owner="died", now=noon + 20 * MINUTE)
    world.put(end(7))
    to(world, noon + 12 * MINUTE)
    world.queue.records = {
        number: each for number, each in world.queue.records.items() if isinstance(each.content, Closing)
    }

    to(world, noon + 30 * MINUTE)

    assert [digest.closing for digest in world.digests] == [False, True]
    assert episodes(world) == 1
