"""Many groups at once: the channel's new messages are limited, and one card shows the rest."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest

from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedgerRow
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import TryLaterError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.keys import FAILURES, MANY, QUIET
from tests.unit.grouping.channel_world import ChannelWorld, OfNewerVersion

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ENDS = 120
#: The time between two ends: all at once, or over forty minutes.
PACES = {"at once": timedelta(0), "over forty minutes": 20 * SECOND}
Make = Callable[[int, datetime], Notification]


@pytest.fixture
def floods(
    a_task: Callable[..., Snapshot], a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> dict[str, Make]:
    """The kinds of flood, each with the end of its given number."""

    def addressed(snapshot: Snapshot) -> Notification:
        return Notification(a_transition(snapshot), "team-slack")

    def device(number: int) -> str:
        return f"arn:aws:braket:eu-north-1::device/qpu/iqm/Device{number}"

    return {
        "a batch tag each": lambda number, at: addressed(
            a_task("COMPLETED", number, ended_at=at, tags={"batch": f"scan-{number}"})
        ),
        "a batch tag each, all failed": lambda number, at: addressed(
            a_task("FAILED", number, ended_at=at, tags={"batch": f"scan-{number}"}, failure_reason=f"reason {number}")
        ),
        "jobs": lambda number, at: addressed(a_job("COMPLETED", number, ended_at=at)),
        "30 devices in turn": lambda number, at: addressed(
            a_task("COMPLETED", number, ended_at=at, tags={}, device=device(number % 30))
        ),
        "30 devices one after the other": lambda number, at: addressed(
            a_task("COMPLETED", number, ended_at=at, tags={}, device=device(number // 4))
        ),
        "30 devices in turn, all failed": lambda number, at: addressed(
            a_task("FAILED", number, ended_at=at, tags={}, device=device(number % 30), failure_reason="reason")
        ),
        "30 devices one after the other, all failed": lambda number, at: addressed(
            a_task("FAILED", number, ended_at=at, tags={}, device=device(number // 4), failure_reason="reason")
        ),
        "a batch tag each, one failed": lambda number, at: addressed(
            a_task("FAILED" if number == 60 else "COMPLETED", number, ended_at=at, tags={"batch": f"scan-{number}"})
        ),
    }


FLOODS = [
    "a batch tag each",
    "a batch tag each, all failed",
    "jobs",
    "30 devices in turn",
    "30 devices one after the other",
    "30 devices in turn, all failed",
    "30 devices one after the other, all failed",
    "a batch tag each, one failed",
]


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


def flooded(world: ChannelWorld, make: Make, pace: timedelta = timedelta(0), ends: int = ENDS) -> ChannelWorld:
    for number in range(ends):
        after = number * pace
        world.put(make(number, world.now + after), after=after)
    return world


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("flood", FLOODS)
def test_120_ends_of_any_groups_are_twelve_messages_that_ring(
    world: ChannelWorld, floods: dict[str, Make], flood: str, pace: str
) -> None:
    flooded(world, floods[flood], PACES[pace])

    world.runs()

    assert len(world.pings) <= 12
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert len(world.ledger.rows) == ENDS
    assert not world.queue.records
    titles = {each.content.title for each in world.board.sent if isinstance(each.content, Digest)}
    assert "many tasks and jobs" in titles


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("flood", FLOODS)
def test_120_ends_of_any_groups_are_three_e_mails(
    world: ChannelWorld, floods: dict[str, Make], flood: str, pace: str
) -> None:
    mail = flooded(replace(world, channel="mail", edits=False), floods[flood], PACES[pace])

    mail.runs()

    assert len(mail.pings) <= 3
    assert sorted(mail.shown()) == sorted(mail.ledger.rows)
    assert len(mail.ledger.rows) == ENDS


@pytest.mark.parametrize("pace", PACES)
def test_120_ends_of_any_groups_are_twelve_messages_of_a_webhook(
    world: ChannelWorld, floods: dict[str, Make], pace: str
) -> None:
    webhook = flooded(replace(world, edits=False), floods["a batch tag each"], PACES[pace])

    webhook.runs()

    assert len(webhook.pings) <= 12
    assert sorted(webhook.shown()) == sorted(webhook.ledger.rows)


def test_the_card_of_many_shows_an_end_half_a_minute_after_it(world: ChannelWorld, floods: dict[str, Make]) -> None:
    flooded(world, floods["a batch tag each"])
    world.runs(2 * MINUTE)
    world.put(floods["jobs"](7, world.now))
    before = len(world.pings)

    world.runs(35 * SECOND)

    assert len(world.shown()) == ENDS + 1
    assert len(world.pings) == before


def test_after_a_flood_ends_are_sent_singly_again(world: ChannelWorld, floods: dict[str, Make]) -> None:
    flooded(world, floods["a batch tag each"])
    world.runs(HOUR)
    world.now += HOUR
    before = len(world.singles)
    world.put(floods["jobs"](7, world.now))

    world.runs(MINUTE)

    assert len(world.singles) == before + 1


def test_three_ends_of_three_groups_in_forty_minutes_are_e_mails_within_a_quarter_of_an_hour(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    mail, sent = replace(world, channel="mail", edits=False), list[int]()
    for number, minute in enumerate((0, 5, 40)):
        after = minute * MINUTE
        mail.put(floods["a batch tag each"](number, mail.now + after), after=after)

    for _ in range(4):
        mail.runs(15 * MINUTE + SECOND)
        sent.append(len(mail.shown()))

    assert sent == [2, 2, 3, 3]


def test_four_unrelated_failures_in_half_an_hour_are_e_mails_within_a_quarter_of_an_hour(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """Seen: the third one waited for an hour, because the second e-mail counted as one of a flood."""
    mail, seen = replace(world, channel="mail", edits=False), list[int]()
    for number, minute in enumerate((0, 9, 20, 31)):
        after = minute * MINUTE
        mail.put(floods["a batch tag each, all failed"](number, mail.now + after), after=after)

    for _ in range(3):
        mail.runs(15 * MINUTE + SECOND)
        seen.append(len(mail.shown()))
    mail.runs()

    assert seen == [2, 3, 4]
    assert len(mail.pings) == 4


def with_a_failure(world: ChannelWorld, floods: dict[str, Make]) -> ChannelWorld:
    """A flood of completed tasks, and one task that fails after twenty minutes."""
    flooded(world, floods["a batch tag each"], PACES["over forty minutes"])
    world.put(floods["a batch tag each, all failed"](ENDS, world.now + 20 * MINUTE), after=20 * MINUTE)
    return world


def test_the_first_failure_of_a_flood_is_announced_beside_the_card_of_many(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """Seen: it was an edit, announced by the last message, which may come after six hours."""
    with_a_failure(world, floods).runs(21 * MINUTE)
    failed = [each for each in world.singles if each.transition.status == "FAILED"]
    world.runs()

    assert len(failed) == 1
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    assert len(world.pings) <= 12


@pytest.mark.parametrize("groups", [1, ENDS])
def test_a_first_failure_while_the_channel_takes_nothing_is_announced_with_the_next_message(
    world: ChannelWorld, floods: dict[str, Make], groups: int
) -> None:
    """Seen: it was an edit, because the group of its card tried its last message again."""

    def of_batch(notification: Notification, number: int) -> Notification:
        task = replace(notification.transition.snapshot, tags={"batch": f"scan-{number % groups}"})
        return replace(notification, transition=replace(notification.transition, snapshot=task))

    for number in range(ENDS):
        world.put(of_batch(floods["a batch tag each"](number, world.now), number), after=number * SECOND)
    failure = of_batch(floods["a batch tag each, all failed"](ENDS, world.now + 70 * SECOND), 0)
    world.put(failure, after=70 * SECOND)
    world.runs(45 * SECOND)
    world.board.raises = [TryLaterError("busy")] * 6

    world.runs(3 * MINUTE)

    rang = {each.id for each in world.singles}.union(*(each.news for each in world.digests))
    assert failure.id in rang


def test_failures_of_a_flood_that_trickles_on_are_announced_within_an_hour(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    flooded(world, floods["a batch tag each, all failed"], ends=20)
    for number in range(20, 60):
        after = (number - 19) * 8 * MINUTE
        world.put(floods["a batch tag each, all failed"](number, world.now + after), after=after)

    for _ in range(6):
        world.runs(HOUR)
        of_digests = [each for digest in world.digests for each in digest.transitions]
        announced = {each.id for each in world.singles} | {Notification(each, "team-slack").id for each in of_digests}
        assert {row.notification.id for row in world.ledger.rows.values() if _ended(row, world.now - HOUR)} <= announced


def _ended(row: MemoryLedgerRow, by: datetime) -> bool:
    at = row.notification.transition.at
    return at is not None and at <= by


def test_the_card_of_many_announces_what_the_cards_of_other_groups_show_in_a_flood(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """Seen: each of the cards that were open when the flood began had a last message of its own, twenty in all."""
    flooded(world, floods["30 devices in turn, all failed"])

    world.runs()

    of_groups = [each for each in world.digests if each.closing and each.title != "many tasks and jobs"]
    announced = {Notification(each, "team-slack").id for digest in world.digests for each in digest.transitions}
    assert of_groups == []
    assert announced | {each.id for each in world.singles} == set(world.ledger.rows)


def test_failures_that_pass_quiet_hours_ring_beside_the_card_of_many_once_in_half_an_hour(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """The card's last message comes when the quiet hours end."""
    hours = Quiet(time(12), time(18), passing=("FAILED",))
    world.policy = replace(world.policy, time_zone="UTC", quiet={"team-slack": hours})
    flooded(world, floods["a batch tag each, all failed"], MINUTE, ends=240)
    world.runs(4 * HOUR)
    at_night = len(world.pings)

    world.runs()

    assert at_night in range(9 + 6, 9 + 9)
    assert sorted(world.shown()) == sorted(world.ledger.rows)


class ReadsCounted(MemoryGroups):
    """Groups that remember which were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = list[str]()

    def get(self, channel: str, key: str) -> Group:
        self.read.append(key)
        return super().get(channel, key)

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        before = [*self.read]
        saved = super().save(channel, key, group, now=now, visit_at=visit_at)
        self.read = before  # memory reads the row that a table's condition checks
        return saved


@pytest.mark.parametrize("channel", ["team-slack", "mail"])
def test_a_message_reads_the_count_of_new_messages_once(
    world: ChannelWorld, floods: dict[str, Make], channel: str
) -> None:
    """A single message for a bot, and a digest for an e-mail channel; each costs one read of a table."""
    groups = ReadsCounted()
    sent = replace(world, channel=channel, edits=channel != "mail", groups=groups)
    sent.put(floods["a batch tag each"](1, sent.now))

    sent.runs(20 * MINUTE)

    assert len(sent.pings) == 1
    assert groups.read.count(MANY) == 1


@dataclass
class CountedMeanwhile(MemoryGroups):
    """Another sender, whose lease has ended, counts a message between the read and the first save."""

    others: int = 0

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        if key == MANY and not self.others:
            self.others = 1
            self.groups[channel, key] = Group(1, (now,), version=1)
        return super().save(channel, key, group, now=now, visit_at=visit_at)


def test_a_message_is_counted_although_another_sender_counts_one_meanwhile(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    world.groups = CountedMeanwhile()
    world.put(floods["a batch tag each"](1, world.now))

    world.runs(MINUTE)

    assert len(world.groups.get("team-slack", MANY).single_times) == 2


def test_nine_messages_in_ten_minutes_are_no_flood(world: ChannelWorld, floods: dict[str, Make]) -> None:
    """The card of many would be the tenth one."""
    flooded(world, floods["a batch tag each"], 67 * SECOND, ends=60)

    world.runs()

    assert len(world.singles) == 60


def test_the_card_of_many_whose_closing_record_is_lost_is_closed_by_the_next_notification(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    flooded(world, floods["a batch tag each"], ends=20)
    world.runs(2 * MINUTE)
    world.queue.records = {
        number: each for number, each in world.queue.records.items() if not isinstance(each.content, Closing)
    }
    world.now += HOUR
    world.put(floods["jobs"](7, world.now))

    world.runs(MINUTE)

    assert world.groups.get("team-slack", MANY).episode > 0
    assert [each.transition.arn.kind for each in world.singles].count("job") == 1


def test_what_waits_in_a_flooded_group_is_sent_although_its_records_are_lost(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """Four groups had ends waiting when the flood began."""
    flooded(world, floods["30 devices one after the other"])
    world.runs(12 * SECOND)
    world.queue.records.clear()
    for _ in range(4):
        world.now += 5 * MINUTE
        world.wakes()
        world.runs(MINUTE)

    assert len(set(world.shown())) == ENDS


@pytest.mark.parametrize("newer", [(MANY,), (QUIET,), (MANY, QUIET, FAILURES)])
@pytest.mark.parametrize("channel", ["team-slack", "mail"])
def test_a_row_of_many_or_of_what_was_held_of_a_newer_version_stops_no_notification(
    world: ChannelWorld, floods: dict[str, Make], channel: str, newer: tuple[str, ...]
) -> None:
    """Seen: after a rollback each notification of the channel waited for the newer version, and digests came twice."""
    world.policy = replace(world.policy, muted_until={channel: world.now - HOUR})
    rolled_back = replace(world, channel=channel, edits=channel != "mail", groups=OfNewerVersion(newer=newer))
    flooded(rolled_back, floods["30 devices one after the other"], ends=12)

    rolled_back.runs(HOUR)

    assert sorted(rolled_back.shown()) == sorted(rolled_back.ledger.rows)
    assert len(rolled_back.ledger.rows) == 12
    assert not rolled_back.queue.records


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(("channel", "most"), [("team-slack", 12), ("mail", 3)])
def test_a_flood_is_limited_while_only_a_newer_version_can_read_the_row_of_many(
    world: ChannelWorld, floods: dict[str, Make], channel: str, most: int, flood: str
) -> None:
    """Seen: after a rollback nothing counted the new messages, so that each of 120 ends rang."""
    groups = OfNewerVersion(newer=(MANY,))
    rolled_back = flooded(replace(world, channel=channel, edits=channel != "mail", groups=groups), floods[flood])

    rolled_back.runs()

    assert len(rolled_back.pings) <= most
    assert sorted(rolled_back.shown()) == sorted(rolled_back.ledger.rows)
    assert len(rolled_back.ledger.rows) == ENDS
    assert not rolled_back.queue.records


def test_failures_are_counted_while_only_a_newer_version_can_read_the_row_of_their_count(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    rolled_back = replace(world, groups=OfNewerVersion(newer=(FAILURES,)))
    flooded(rolled_back, floods["a batch tag each, all failed"], 30 * SECOND, ends=8)

    rolled_back.runs(9 * MINUTE)

    assert len(rolled_back.singles) == 3


def test_what_a_flood_left_waiting_in_a_rollback_is_shown_once_by_the_newer_version(
    world: ChannelWorld, floods: dict[str, Make]
) -> None:
    """Each of the two versions counts its own new messages, so that both together send twice as many at most."""
    groups = OfNewerVersion(newer=(MANY, FAILURES))
    rolled_back = flooded(replace(world, groups=groups), floods["a batch tag each"])
    rolled_back.runs(12 * SECOND)
    before = len(set(rolled_back.shown()))

    groups.newer = ()
    rolled_back.runs()

    assert before < ENDS
    assert len(rolled_back.pings) <= 24
    assert sorted(rolled_back.shown()) == sorted(rolled_back.ledger.rows)
    assert len(rolled_back.ledger.rows) == ENDS


def test_a_silent_status_posts_no_card_in_a_flood_and_the_end_is_announced(
    world: ChannelWorld, a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    running = [Notification(a_transition(a_job("RUNNING", n)), "team-slack", silent=True) for n in range(ENDS)]
    world.put(*running)
    world.runs(5 * MINUTE)
    posts = len(world.pings)
    world.put(*(Notification(a_transition(a_job("COMPLETED", n, ended_at=world.now)), "team-slack") for n in range(20)))

    world.runs(HOUR)

    assert posts == 9
    assert {each.id for each in running[:9]} <= set(world.shown())
    assert len([row for row in world.ledger.rows.values() if row.state == "SUPERSEDED"]) == ENDS - 9
    assert len(world.pings) <= 12
    ended = {row.state for row in world.ledger.rows.values() if row.notification.transition.status == "COMPLETED"}
    assert ended == {"DELIVERED"}


@pytest.mark.parametrize(("strangers", "title"), [(0, "scan"), (1, "many tasks and jobs")])
def test_an_e_mail_about_the_rest_of_one_batch_alone_has_its_name(
    world: ChannelWorld,
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    strangers: int,
    title: str,
) -> None:
    """Seen: the second e-mail about the only batch of a morning was about "many tasks and jobs"."""
    mail = replace(world, channel="mail", edits=False)
    batches = [*["scan"] * 6, *["other"] * strangers]
    for number, batch in enumerate(batches):
        task = a_task("COMPLETED", number, ended_at=mail.now + number * MINUTE, tags={"batch": batch})
        mail.put(Notification(a_transition(task), "mail"), after=number * MINUTE)

    mail.runs()

    digests = [each.content for each in mail.board.sent if isinstance(each.content, Digest)]
    assert [each.title for each in digests] == [title]
