"""Messages of one group on a simulated clock: the first ends, the card and its edits, and the end of the group."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy, Quiet
from braket_notifier.domain.resource import Children, Snapshot, parse_arn
from braket_notifier.domain.transition import Step, Transition
from braket_notifier.errors import RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.digests import open_of
from braket_notifier.grouping.keys import key_of, whose
from braket_notifier.grouping.ports import Entry
from braket_notifier.sending import threads
from braket_notifier.sending.ports import LEASE
from tests.conftest import job_arn
from tests.unit.grouping.bursts import ASnapshot, End, SlowLedger, Stamping, all_announced_once, ends_of_a_scan, trickle
from tests.unit.grouping.channel_world import ChannelWorld

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def end(a_task: ASnapshot, a_transition: Callable[..., Transition], noon: datetime) -> End:
    return ends_of_a_scan(a_task, a_transition, noon)


def test_many_that_are_folded_at_once_write_their_group_once(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(3)))
    world.runs(MINUTE)
    before = world.groups.get("team-slack", "batch ghz-scan").version
    world.put(*(end(number) for number in range(3, 103)))

    world.works()

    group = world.groups.get("team-slack", "batch ghz-scan")
    assert group.version == before + 1
    assert len(world.groups.entries("team-slack", "batch ghz-scan", group.episode)) == 103


def test_a_channel_lease_lost_during_the_claims_sends_nothing_and_leaves_no_doubt(
    world: ChannelWorld, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "WRITERS", 1)
    world.put(*(end(number) for number in range(3)))
    world.runs(MINUTE)
    world.ledger = SlowLedger(world.ledger.rows, claiming=lambda: world.leases.held.update(other))
    other = {"team-slack": ("another", world.now + LEASE)}
    world.put(end(3), end(4))
    world.runs(timedelta(seconds=15))
    said = len(world.board.sent)
    world.ledger = MemoryLedger(world.ledger.rows)

    world.runs()

    assert said == 3
    assert not any(each.may_repeat for each in world.board.sent)
    all_announced_once(world, 5)


def test_failures_of_many_groups_are_three_single_messages_in_ten_minutes(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number, "FAILED", tags={"batch": f"batch-{number}"}) for number in range(8)))

    world.runs(MINUTE)

    assert len(world.singles) == 3
    assert len(world.digests) == 5


def test_the_first_failure_after_the_card_was_opened_is_announced(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(8)))
    world.runs(MINUTE)
    world.put(end(8, "FAILED"), end(9, "FAILED"))

    world.runs(MINUTE)

    assert [each.transition.status for each in world.singles] == ["COMPLETED"] * 3 + ["FAILED"]


def test_a_failure_opens_the_card_at_once(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(3)))
    world.works()
    world.put(end(4, "FAILED"))
    before = world.now

    world.works()

    assert len(world.digests) == 1
    assert world.now - before <= timedelta(seconds=2)  # the channel's pace, no more


def test_rare_notifications_are_sent_singly(world: ChannelWorld, end: End) -> None:
    trickle(world, end, 10, timedelta(hours=2))

    world.runs()

    assert len(world.singles) == 10
    assert world.digests == []


def test_a_group_of_which_nothing_is_open_is_announced_at_once_and_only_once(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.put(end(7))
    world.open = 0

    world.runs()

    assert [digest.open for digest in world.digests] == [1, 0]
    assert world.digests[-1].closing
    all_announced_once(world, 7)


@pytest.mark.parametrize("after_s", [1, 5, 25])
def test_the_end_of_a_group_does_not_wait_for_the_next_edit(world: ChannelWorld, end: End, after_s: int) -> None:
    """Whenever the last ends after an edit; ten seconds are for those that ended with it, before or after an edit."""
    world.board = Stamping(world)
    world.put(*(end(number) for number in range(6)))
    world.runs(timedelta(seconds=45))
    world.put(end(6))
    world.runs(timedelta(seconds=after_s))
    world.open = 0
    world.put(end(7))
    ended = world.now

    world.runs()

    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(6, 1), (8, 0)]
    assert world.board.news_until - ended <= timedelta(seconds=16)
    all_announced_once(world, 8)


def test_the_last_ends_that_arrive_after_an_edit_are_announced_with_the_closing(world: ChannelWorld, end: End) -> None:
    """A group is announced as over once; whoever came after that would wait for the next edit."""
    world.put(*(end(number) for number in range(6)))
    world.runs(timedelta(seconds=45))
    world.put(end(6), end(7))
    world.put(end(8), after=timedelta(seconds=28))
    world.put(end(9), after=timedelta(seconds=33))
    world.runs(timedelta(seconds=27))
    world.open = 0

    world.runs(MINUTE)

    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(6, 1), (10, 0)]


def test_an_edit_is_not_put_off_for_ever_while_more_and_more_come(world: ChannelWorld, end: End) -> None:
    """Each is submitted when another has ended, so that nothing is open again and again."""
    world.put(*(end(number) for number in range(6)))
    world.runs(timedelta(seconds=45))
    world.open = 0
    for number in range(6, 60):
        world.put(end(number), after=timedelta(seconds=3 * (number - 6)))

    world.runs(timedelta(seconds=65))

    assert len(world.shown()) >= 18
    world.runs()
    all_announced_once(world, 60)


def test_the_end_of_a_group_is_announced_with_its_last_ends(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.now += MINUTE  # so that what comes now would be shown at once
    world.open = 0
    world.put(end(6))
    world.put(end(7), after=timedelta(seconds=3))

    world.runs()

    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(6, 1), (8, 0)]


def test_open_rows_of_a_region_that_is_no_longer_watched_do_not_keep_a_batch_open(
    world: ChannelWorld, end: End, a_task: ASnapshot, noon: datetime
) -> None:
    """A simulator's batch may have tasks in several regions."""
    rows = MemorySnapshots()
    left = a_task("QUEUED", 99, tags={"batch": "ghz-scan"})
    left = replace(left, arn=parse_arn(left.arn.text.replace("eu-north-1", "us-west-2")))
    rows.record(left, Step("QUEUED", noon, "event"), announce=True, now=noon)
    world.count_open = rows.count_open  # type: ignore[method-assign]
    world.put(*(end(number) for number in range(6)))

    world.runs(MINUTE)

    assert "us-west-2" not in world.policy.regions
    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(6, 0)]


def test_a_failure_that_opens_the_card_waits_for_nothing_and_says_of_no_end(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(3)))
    world.works()
    world.open = 0
    world.put(end(4, "FAILED"))
    world.works()
    world.put(end(5))

    world.runs()

    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(4, None), (5, 0)]


def test_a_failed_count_leaves_no_doubt(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(4)))
    world.open = ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.runs()

    assert sorted(row.state for row in world.ledger.rows.values()) == ["DELIVERED"] * 3


@pytest.fixture
def left_over(end: End) -> Callable[[int], Notification]:
    """A task that was cancelled when its reservation ended, so many seconds after noon."""

    def build(number: int, **changes: object) -> Notification:
        booked = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"
        return end(number, "CANCELLED", timedelta(seconds=number), **{"reservation": booked, **changes})

    return build


@pytest.mark.parametrize("edits", [True, False])
def test_tasks_that_a_reservation_left_over_are_one_message_with_the_outcome_of_its_others(
    world: ChannelWorld, left_over: Callable[[int], Notification], edits: bool
) -> None:
    world.edits = edits
    world.put(*(left_over(number) for number in range(6)))

    world.runs()

    assert world.singles == []
    assert [(len(digest.transitions), digest.reservation) for digest in world.digests] == [(6, world.reserved)]
    assert world.counted[0].endswith("reservation/3f2a")
    all_announced_once(world, 6)


@pytest.mark.parametrize("edits", [True, False])
def test_a_single_task_that_a_reservation_left_over_is_a_single_message(
    world: ChannelWorld, left_over: Callable[[int], Notification], edits: bool
) -> None:
    world.edits = edits
    world.put(left_over(1))

    world.runs()

    assert [each.reservation for each in world.singles] == [world.reserved]
    assert world.digests == []


def test_later_cancellations_of_a_reservation_are_announced_when_nothing_of_it_is_open(
    world: ChannelWorld, left_over: Callable[[int], Notification]
) -> None:
    world.reserved = Children(30, completed=24, cancelled=4)
    world.put(*(left_over(number) for number in range(4)))
    world.runs(MINUTE)
    world.reserved = Children(30, completed=24, cancelled=6)
    world.put(left_over(4), left_over(5))

    world.runs()

    assert [(len(digest.transitions), digest.open) for digest in world.digests] == [(4, 2), (6, 0)]


def test_a_reservation_that_is_not_known_whole_is_not_counted(
    world: ChannelWorld, left_over: Callable[[int], Notification]
) -> None:
    world.reserved = Children(5, cancelled=5)
    world.put(*(left_over(number) for number in range(6)))

    world.runs()

    assert [(digest.open, digest.reservation) for digest in world.digests] == [(None, None)]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, "reservation arn:aws:braket:us-east-1:012345678901:reservation/3f2a"),
        ({"job_arn": job_arn()}, f"job {job_arn()}"),  # announced with its hybrid job, and counted with it
        ({"reservation": ""}, "batch ghz-scan"),
        ({"status": "COMPLETED"}, "batch ghz-scan"),
    ],
)
def test_tasks_that_their_reservation_left_over_are_in_its_group(
    left_over: Callable[..., Notification], policy: Policy, changes: dict[str, Any], key: str
) -> None:
    transition = left_over(1, **{each: to for each, to in changes.items() if each != "status"}).transition

    assert key_of(replace(transition, status=changes.get("status", "CANCELLED")), policy) == key


@pytest.mark.parametrize("name", ["batch", "job", "reservation"])
def test_a_person_may_be_called_as_a_kind_of_group_is(world: ChannelWorld, end: End, name: str) -> None:
    world.policy = replace(world.policy, people=(Person(name, owns=("tag:owner=anna",)),))
    world.put(*(end(number, tags={"owner": "anna"}) for number in range(5)))

    world.runs(MINUTE)

    assert [(digest.title, digest.reservation) for digest in world.digests] == [(f"{name} on IQM Garnet", None)]


@pytest.mark.parametrize(
    ("key", "among", "counted", "known"),
    [
        ("batch ghz-scan", "batch ghz-scan", 3, 3),
        ("device Garnet of Anna", "device Garnet", 3, None),  # all three may be somebody else's
        ("device Garnet of Anna", "device Garnet", 0, 0),
        ("device Garnet of ", "device Garnet", 3, None),  # an owner or a folder may be known of some of them
        ("device Garnet of ", "device Garnet", 0, 0),
    ],
)
def test_whose_is_still_open_is_known_only_where_it_was_counted(
    key: str, among: str, counted: int, known: int | None
) -> None:
    assert open_of(key, among, counted) == known


@pytest.mark.parametrize(
    ("bucket", "directory", "place"),
    [
        ("lab", "anna/scan/834b21ed", "lab/anna/scan"),
        ("lab", "/anna/834b21ed/", "lab/anna"),
        ("lab", "834b21ed", "lab"),  # results at the top of a bucket
        ("lab", "tasks/834b21ed", "lab/tasks"),
        ("amazon-braket-us-east-1-012345678901", "tasks/834b21ed", ""),  # where Amazon's SDK puts everybody's results
        (
            "amazon-braket-us-east-1-012345678901",
            "anna/tasks/834b21ed",
            "amazon-braket-us-east-1-012345678901/anna/tasks",
        ),
        ("", "", ""),  # a task known from its event only
        ("lab", "ü" * 1000 + "/anna/834b21ed", "ü" * 251 + "/anna"),
    ],
)
def test_the_place_of_the_results_stands_for_an_unknown_owner(
    end: End, policy: Policy, bucket: str, directory: str, place: str
) -> None:
    transition = end(1, tags={}, bucket=bucket, directory=directory).transition
    known = replace(policy, people=(Person("Anna", owns=("tag:owner=anna", "s3:*/*")),) if bucket else ())

    assert key_of(transition, policy) == f"device {transition.snapshot.device} of {place}"
    assert whose(transition, known) == ("Anna" if bucket else "")


def test_a_card_that_was_posted_whole_is_not_announced_again(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(10)))

    world.runs()

    assert [each.action for each in world.board.sent if each.content in world.digests] == ["post"]


def test_after_a_card_was_closed_the_next_ends_are_sent_singly_again(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(10)))
    world.runs()
    world.now += timedelta(minutes=20)
    world.put(end(11))

    world.runs()

    assert len(world.singles) == 4


def test_a_deleted_card_is_posted_anew(world: ChannelWorld, end: End) -> None:
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.board.gone = {each.place for each in world.board.sent}
    world.put(end(7))

    world.runs(MINUTE)

    assert len(world.digests) == 2
    assert len(world.digests[-1].transitions) == 7
    all_but_reminders = [each for each in world.queue.contents if isinstance(each, Notification)]
    assert not all_but_reminders


def test_an_announcement_beside_a_deleted_card_is_sent_once_and_the_next_message_is_the_card(
    world: ChannelWorld, end: End
) -> None:
    world.put(*(end(number) for number in range(6)))
    world.open = 2
    world.runs(MINUTE)
    world.board.gone = {each.place for each in world.board.sent}
    world.open = 0
    world.put(end(7))
    world.runs(MINUTE)
    orphans = [each for each in world.board.sent if each.content in world.digests][1:]
    world.put(end(8))
    world.runs()

    assert [each.action for each in orphans] == ["post"]
    assert [each.action for each in world.board.sent if each.content in world.digests] == ["post"] * 3
    assert not any(each.may_repeat for each in world.board.sent)
    all_announced_once(world, 8)


class ForgettingGroups(MemoryGroups):
    """Groups that fail to save the entry of the first notification that the channel accepted."""

    failed = False

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        if entry.shown and not self.failed:
            self.failed = True
            raise ZeroDivisionError
        super().add(key, episode, entry, now=now)


@pytest.mark.parametrize("edits", [True, False])
def test_a_digest_counts_what_was_marked_and_not_noted(world: ChannelWorld, end: End, *, edits: bool) -> None:
    """The next flush learns from the ledger that the channel has shown the notification."""
    world.edits, world.groups, world.open = edits, ForgettingGroups(), 0
    world.put(end(0))
    with pytest.raises(ZeroDivisionError):
        world.works()
    world.put(*(end(number) for number in range(1, 60)))

    world.runs()

    assert len(world.digests[-1].transitions) == 60
    all_announced_once(world, 60)


@pytest.mark.parametrize(
    "failure", [TryLaterError("429", after_s=30), TryLaterError("refused"), UnacknowledgedError("reset")]
)
def test_an_edit_that_fails_is_made_again_and_leaves_no_doubt(
    world: ChannelWorld, end: End, failure: Exception
) -> None:
    world.put(*(end(number) for number in range(6)))
    world.runs(MINUTE)
    world.board.raises = [failure]
    world.put(end(7), end(8))

    world.runs()

    assert not any(each.may_repeat for each in world.board.sent)
    all_announced_once(world, 8)


def test_a_card_whose_acknowledgement_was_lost_is_posted_again_and_says_so(world: ChannelWorld, end: End) -> None:
    world.board.raises = [None, None, None, UnacknowledgedError("reset")]
    world.put(*(end(number) for number in range(6)))

    world.runs()

    assert [each.may_repeat for each in world.pings] == [False, False, False, True]
    all_announced_once(world, 6)


def test_refused_notifications_are_undelivered_one_by_one_with_their_reason(world: ChannelWorld, end: End) -> None:
    world.board.raises = [None, None, None, RefusedError("token_revoked")]
    world.put(*(end(number) for number in range(6)))

    world.runs()

    reasons = Counter(row.reason for row in world.ledger.rows.values())
    assert reasons == {"": 3, "token_revoked": 3}
    assert world.refused == ["token_revoked"] * 3
    assert not world.queue.records


def test_a_refusal_gives_up_nothing_that_was_not_claimed_for_it(world: ChannelWorld, end: End) -> None:
    """Another delivery, which died, still holds the claim of the first notification, which is sent later."""
    world.put(*(end(number) for number in range(6)))
    world.ledger.claim(replace(end(3), channel=world.channel), owner="died", now=world.now + timedelta(minutes=9))
    world.board.raises = [None, None, None, RefusedError("token_revoked")]

    world.runs()

    states = Counter(row.state for row in world.ledger.rows.values())
    assert states == {"DELIVERED": 4, "UNDELIVERED": 2}
    assert world.refused == ["token_revoked"] * 2


@pytest.mark.parametrize(("name", "edits"), [("team-slack", True), ("mail", False)])
def test_late_news_in_two_portions_notify_aloud_for_the_second_too(
    world: ChannelWorld, end: End, name: str, edits: bool
) -> None:
    """Seen: the second portion was edited into the message of the first."""
    world.channel, world.edits = name, edits
    world.now += timedelta(hours=7)
    world.put(*(end(number) for number in range(5)))
    world.runs(5 * MINUTE)
    world.put(*(end(number) for number in range(5, 8)))

    world.runs()

    assert [each.action for each in world.board.sent] == ["post", "post"]
    assert [len(digest.transitions) for digest in world.digests] == [5, 3]
    all_announced_once(world, 8)


@pytest.mark.parametrize("hold", ["quiet", "muted"])
def test_notifications_held_by_quiet_hours_or_a_mute_are_one_message_afterwards(
    world: ChannelWorld, end: End, noon: datetime, hold: str
) -> None:
    until = noon + timedelta(hours=20)
    held: dict[str, Any] = {"muted_until": {"team-slack": until}}
    if hold == "quiet":
        held = {"quiet": {"team-slack": Quiet(time(12), time(8))}, "time_zone": "UTC"}
    world.policy = replace(world.policy, **held)
    for hour in range(8):
        after = timedelta(hours=hour)
        world.put(end(hour, after=after, tags={"batch": f"b{hour}"}), after=after)

    world.runs(timedelta(hours=19))
    before = len(world.board.sent)
    world.runs(timedelta(hours=10))

    assert before == 0
    assert [digest.occasion for digest in world.digests] == ["quiet"]
    assert world.singles == []
    all_announced_once(world, 8)


def test_the_card_of_a_job_whose_end_was_held_shows_the_end_once_it_is_announced(
    world: ChannelWorld, a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime
) -> None:
    """The digest of the morning is another message, and the card still shows RUNNING without an edit."""

    def of_job(status: str) -> Notification:
        job = a_job(status, ended_at=noon if status == "COMPLETED" else None)
        return Notification(a_transition(job), "team-slack", silent=status == "RUNNING")

    world.put(of_job("RUNNING"))
    world.runs(timedelta(minutes=1))
    world.policy = replace(world.policy, muted_until={"team-slack": noon + timedelta(hours=20)})
    world.put(of_job("COMPLETED"))
    world.runs()

    assert [each.action for each in world.board.sent] == ["post", "post", "edit"]
    assert [digest.occasion for digest in world.digests] == ["quiet"]
    assert world.board.sent[2].place == world.board.sent[0].place


def test_the_card_of_a_job_that_is_announced_with_its_own_tasks_shows_its_end(
    world: ChannelWorld,
    end: End,
    a_job: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    noon: datetime,
) -> None:
    world.put(Notification(a_transition(a_job("RUNNING")), "team-slack", silent=True))
    world.runs(timedelta(minutes=1))
    world.put(*(end(number, job_arn=a_job().arn.text) for number in range(5)))
    world.runs(timedelta(minutes=1))
    world.open = 0

    world.put(Notification(a_transition(a_job("COMPLETED", ended_at=noon)), "team-slack"))
    world.runs()

    of_card = [each.content for each in world.board.sent if each.place == "C1/0"]
    assert [each.transition.status for each in of_card if isinstance(each, Notification)] == ["RUNNING", "COMPLETED"]


def test_a_status_that_passes_the_quiet_hours_is_announced_in_them(world: ChannelWorld, end: End) -> None:
    quiet = {"team-slack": Quiet(time(12), time(8), ("FAILED",))}
    world.policy = replace(world.policy, quiet=quiet, time_zone="UTC")
    world.put(end(1), end(2, "FAILED"))

    world.runs(MINUTE)

    assert [each.transition.status for each in world.singles] == ["FAILED"]


def test_a_failure_says_how_many_others_of_its_batch_failed_alike(world: ChannelWorld, end: End) -> None:
    for number, reason in enumerate(["down", "down", "other"]):
        world.put(end(number, "FAILED", number * MINUTE, failure_reason=reason), after=number * MINUTE)
    world.runs()

    assert [each.alike for each in world.singles] == [0, 1, 0]


def test_an_end_announced_long_before_is_in_no_count(world: ChannelWorld, end: End) -> None:
    for number in range(3):
        after = 30 * number * MINUTE
        world.put(end(number, "FAILED", after, failure_reason="down"), after=after)
    world.runs()

    assert [each.alike for each in world.singles] == [0, None, None]


def test_notifications_without_a_batch_are_not_counted(world: ChannelWorld, end: End) -> None:
    world.put(end(1, "FAILED", failure_reason="down", tags={}), end(2, "FAILED"), end(3))
    world.runs()

    assert [each.alike for each in world.singles] == [None, None, None]
