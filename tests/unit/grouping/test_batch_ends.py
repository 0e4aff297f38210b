"""The end of a batch where nothing can be edited: the message of many that has a batch's last end announces it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import UnacknowledgedError
from braket_notifier.grouping.ports import Entry
from braket_notifier.rendering.compose import message_of
from tests.unit.grouping.channel_world import ChannelWorld, OfNewerVersion

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass
class BatchesWorld(ChannelWorld):
    """A channel, and batches each of which is open until its last end."""

    until: dict[str, datetime] = field(default_factory=dict)

    def count_open(self, among: str, regions: Collection[str]) -> int:
        return super().count_open(among, regions) and int(self.now < self.until.get(among, self.now))

    def texts(self) -> list[str]:
        """The first line, and the lines beside it, of each message."""
        messages = [message_of(each.content, self.policy, self.channel) for each in self.pings]
        return ["\n".join((each.headline, *each.lines)) for each in messages]

    def finished(self) -> list[tuple[int, str]]:
        """The number of each message, and its lines about a batch that is finished."""
        lines = [(number, line) for number, text in enumerate(self.texts()) for line in text.splitlines()]
        return [(number, line) for number, line in lines if "is finished" in line]


Ends = Callable[..., None]


@pytest.fixture
def mail(policy: Policy, noon: datetime) -> BatchesWorld:
    return BatchesWorld(replace(policy, time_zone="UTC"), noon, "mail", edits=False)


@pytest.fixture
def ends(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> Ends:
    """Submit tasks of a batch that end at these times after noon, the first one FAILED after a minute."""

    def put(world: BatchesWorld, batch: str, *after: timedelta, first: int = 0, **words: str) -> None:
        submitted = noon + min(after) - MINUTE
        for number, each in enumerate(after, first):
            status = words.get("status", "COMPLETED" if number > first else "FAILED")
            task = a_task(status, number, created_at=submitted, ended_at=noon + each, tags={"batch": batch})
            task = replace(task, reservation=words.get("reservation", ""))
            task = task if task.terminal else replace(task, ended_at=None)
            world.put(Notification(a_transition(task), world.channel), after=noon + each - world.now)
        world.until[f"batch {batch}"] = max(noon + max(after), world.until.get(f"batch {batch}", noon))

    return put


def each(minutes: int, of: int) -> list[timedelta]:
    return [(number + 1) * minutes * MINUTE for number in range(of)]


@pytest.mark.parametrize("flood", [0, 20])
def test_the_e_mail_with_the_last_end_of_a_batch_counts_the_whole_batch(
    mail: BatchesWorld, ends: Ends, flood: int
) -> None:
    """Seen: the last one counted 35 ends "so far", because the message of many counts what is open of no group."""
    ends(mail, "ghz", *each(1, of=50))
    for number in range(flood):
        ends(mail, f"other-{number}", number * 5 * MINUTE, first=100 + number)

    mail.runs()

    line = "Batch ghz is finished (12:00-12:50 UTC, 50 min); sent here: 50 ended — 49 ok, 1 FAILED."
    assert [text for _, text in mail.finished()] == [line]
    assert len(mail.pings) == (5 if flood else 3)


def test_a_message_of_many_names_each_batch_that_ended_and_none_of_which_a_task_is_open(
    mail: BatchesWorld, ends: Ends
) -> None:
    for number, batch in enumerate(("a", "b", "c")):
        ends(mail, batch, *each(2, of=6), first=10 * number)
    ends(mail, "c", 5 * HOUR, first=99)

    mail.runs(HOUR)

    named = {line.partition(" (")[0] for _, line in mail.finished()}
    assert named == {"Batch a is finished", "Batch b is finished"}


def test_many_batches_that_end_at_once_cost_five_counts_and_are_five_lines(mail: BatchesWorld, ends: Ends) -> None:
    for number in range(30):
        ends(mail, f"b{number}", SECOND, 2 * SECOND, first=10 * number)

    mail.runs(20 * MINUTE)
    counted = len(mail.counted)

    assert (len(mail.finished()), counted) == (5, 5)


def test_the_end_of_a_batch_in_a_message_of_many_awaits_the_sweep(mail: BatchesWorld, ends: Ends) -> None:
    mail.swept = mail.now
    ends(mail, "ghz", MINUTE, 9 * MINUTE, 14 * MINUTE)
    mail.runs(19 * MINUTE)
    before = len(mail.pings)

    mail.swept = mail.now
    mail.runs(2 * MINUTE)

    assert (before, len(mail.pings), len(mail.finished())) == (1, 2, 1)


def test_a_message_of_many_awaits_the_sweep_for_a_quarter_of_an_hour_after_its_oldest_end(
    mail: BatchesWorld, ends: Ends
) -> None:
    """Its interval of an hour is for what is no news."""
    mail.swept = mail.now
    ends(mail, "ghz", MINUTE, 9 * MINUTE, 14 * MINUTE)

    mail.runs(24 * MINUTE + SECOND)

    assert (len(mail.shown()), mail.finished()) == (3, [])


def test_a_batch_of_which_more_waits_is_not_said_to_be_finished(mail: BatchesWorld, ends: Ends) -> None:
    """Another delivery holds a claim."""
    ends(mail, "ghz", *each(1, of=20))
    last = list(mail.queue.records.values())[-1].content
    assert isinstance(last, Notification)
    mail.runs(25 * MINUTE)
    mail.ledger.claim(last, owner="another", now=mail.now + 10 * MINUTE)
    mail.runs(8 * MINUTE)
    early = len(mail.shown()), mail.finished()

    mail.runs()

    assert early == (19, [])
    assert len(mail.finished()) == 1


def test_an_earlier_use_of_a_batch_s_name_is_in_no_count(mail: BatchesWorld, ends: Ends) -> None:
    ends(mail, "ghz", MINUTE)
    mail.runs(MINUTE)
    mail.now += 3 * HOUR
    ends(mail, "other", 3 * HOUR + 2 * MINUTE, first=90)
    ends(mail, "ghz", 3 * HOUR + 3 * MINUTE, 3 * HOUR + 4 * MINUTE, first=10)

    mail.runs()

    assert [line.rpartition(": ")[2] for _, line in mail.finished()] == ["2 ended — 1 ok, 1 FAILED."]


def test_an_earlier_use_on_the_same_day_is_in_no_count_of_a_flood_that_goes_on(mail: BatchesWorld, ends: Ends) -> None:
    """Seen: 40 ended, because the group of many has one episode as long as anything keeps coming."""
    for number in range(60):
        ends(mail, f"other-{number}", number * 5 * MINUTE, first=1000 + number)
    for use in (0, 3):
        ends(mail, "ghz", *(use * HOUR + after for after in each(1, of=20)), first=100 * use)

    mail.runs()

    shown = [line.removeprefix("Batch ghz is finished ") for _, line in mail.finished()]
    assert shown[-1] == "(15:00-15:20 UTC, 20 min); sent here: 20 ended — 19 ok, 1 FAILED."


@pytest.mark.parametrize(
    ("ended", "counts"), [(5, "7 ended — 4 ok, 1 FAILED, 2 cancelled."), (0, "2 ended — 2 cancelled.")]
)
def test_what_a_reservation_left_over_of_a_batch_is_counted_with_it(
    mail: BatchesWorld, ends: Ends, ended: int, counts: str
) -> None:
    """Its own group is another one."""
    ends(mail, "other", SECOND, first=90)
    if ended:
        ends(mail, "ghz", *each(1, of=ended))
    ends(mail, "ghz", 6 * MINUTE, 6 * MINUTE, first=50, status="CANCELLED", reservation="arn:aws:braket:r/1")

    mail.runs()

    assert [line.rpartition(": ")[2] for _, line in mail.finished()] == [counts]


def test_a_batch_of_which_the_channel_gets_no_end_is_not_said_to_be_finished(mail: BatchesWorld, ends: Ends) -> None:
    """Seen: "is finished; sent here: 3 going on"."""
    ends(mail, "other", SECOND, first=90)
    ends(mail, "ghz", *each(1, of=3), status="RUNNING")

    mail.runs()

    assert (len(mail.shown()), mail.finished()) == (4, [])


def test_a_batch_of_one_task_has_the_message_of_its_task(mail: BatchesWorld, ends: Ends) -> None:
    ends(mail, "a", MINUTE)
    ends(mail, "b", 2 * MINUTE, first=10)

    mail.runs()

    assert ([single.transition.arn.id[-2:] for single in mail.singles], mail.finished()) == (["00", "10"], [])


def test_a_batch_s_group_that_only_a_newer_version_can_read_stops_no_message_of_many(
    mail: BatchesWorld, ends: Ends
) -> None:
    """The records of the batch wait for that version; the group of many is visited."""
    ends(mail, "ghz", *each(1, of=20))
    mail.runs(30 * MINUTE)
    mail.groups = OfNewerVersion(**vars(mail.groups), newer=("batch ghz",))
    mail.runs(2 * MINUTE)
    mail.wakes()

    mail.runs(MINUTE)

    assert (len(mail.shown()), mail.finished()) == (20, [])


def test_a_batch_of_which_an_end_waits_in_its_own_group_is_not_said_to_be_finished(
    mail: BatchesWorld, ends: Ends
) -> None:
    ends(mail, "ghz", *each(1, of=20))
    mail.runs(30 * MINUTE)
    group = mail.groups.get("mail", "batch ghz")
    waiting = replace(mail.singles[0], transition=replace(mail.singles[0].transition, status="CANCELLED"))
    mail.groups.add("batch ghz", group.episode, Entry(waiting, shown=False), now=mail.now)

    mail.runs()

    assert (len(mail.shown()), mail.finished()) == (20, [])


def test_an_end_whose_batch_cannot_be_counted_waits_without_a_doubt(mail: BatchesWorld, ends: Ends) -> None:
    ends(mail, "ghz", *each(1, of=5))
    mail.runs(15 * MINUTE)
    mail.open = UnacknowledgedError
    with pytest.raises(UnacknowledgedError):
        mail.runs(MINUTE)

    assert all(row.attempts == 1 for row in mail.ledger.rows.values())


@pytest.mark.parametrize(("channel", "edits"), [("mail", False), ("team-slack", False), ("team-slack", True)])
def test_a_batch_whose_last_end_has_a_message_of_its_own_is_not_said_to_be_finished(
    mail: BatchesWorld, ends: Ends, channel: str, edits: bool
) -> None:
    """Each end comes at once, and only a sweep minutes later shows that none of the batch is open (guarantees.md)."""
    world = replace(mail, channel=channel, edits=edits)
    ends(world, "ghz", *each(20, of=4))

    world.runs()

    assert (len(world.singles), world.digests) == (4, [])


def test_a_card_about_several_groups_names_no_batch_that_is_finished(mail: BatchesWorld, ends: Ends) -> None:
    """Its edits and its last message have no such line; a batch that has a card of its own is shown there."""
    slack = replace(mail, channel="team-slack", edits=True)
    for number in range(12):
        ends(slack, f"b{number}", SECOND, 2 * SECOND, first=10 * number)

    slack.runs()

    assert any("many tasks and jobs" in text for text in slack.texts())
    assert slack.finished() == []
