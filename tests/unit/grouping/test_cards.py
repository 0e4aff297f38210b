"""A card for each resource: posted once, edited in place, with announcements in its thread."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.memory.channels import Content, MemoryEditableChannel
from braket_notifier.adapters.memory.groups import MemoryCards
from braket_notifier.deliver import deliver
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, TASKS_ENDED, Children, Snapshot
from braket_notifier.domain.results import Failures, TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import DeferError, GoneError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.answers import Reason
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.sending.channel_lease import SEND_INTERVAL, take_lease
from braket_notifier.sending.ports import LEASE
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
HOUR = timedelta(hours=1)


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def of_job(a_job: ASnapshot, a_transition: Callable[..., Transition]) -> Callable[..., Notification]:
    def build(status: str, *, silent: bool = False, refresh: bool = False, **changes: Any) -> Notification:
        return Notification(a_transition(a_job(status, **changes)), "team-slack", silent, refresh)

    return build


@pytest.fixture
def of_child(
    a_job: ASnapshot, a_task: ASnapshot, a_transition: Callable[..., Transition]
) -> Callable[..., Notification]:
    def build(number: int, reason: str = "Qubit 17 is offline") -> Notification:
        child = a_task("FAILED", number, job_arn=a_job().arn.text, failure_reason=reason)
        return Notification(a_transition(child), "team-slack", silent=True)

    return build


def actions_of(world: ChannelWorld, *notifications: Notification) -> list[str]:
    """Deliver the notifications one after another, and return the actions."""
    before = len(world.board.sent)
    for each in notifications:
        world.put(each)
        world.works()
    return [each.action for each in world.board.sent[before:]]


def test_the_first_message_of_a_resource_is_its_card_and_its_end_answers_and_edits_it(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    assert actions_of(world, of_job("RUNNING", silent=True)) == ["post"]
    assert actions_of(world, of_job("COMPLETED")) == ["broadcast", "edit"]
    assert len({each.place.rsplit("/", 1)[0] for each in world.board.sent if each.action == "broadcast"}) == 1
    assert not world.queue.records


def test_a_silent_status_only_edits_the_card(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    assert actions_of(world, of_job("QUEUED", silent=True), of_job("RUNNING", silent=True)) == ["post", "edit"]


def test_a_job_that_is_failing_is_announced_once_beside_its_card(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("RUNNING", silent=True))
    warned = replace(of_job("RUNNING"), transition=replace(of_job("RUNNING").transition, status=FAILING))

    assert actions_of(world, warned, warned) == ["broadcast", "edit"]


def test_a_card_is_refreshed_after_the_warning_too(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    running = of_job("RUNNING", silent=True)
    actions_of(world, running, replace(of_job("RUNNING"), transition=replace(running.transition, status=FAILING)))
    counted = replace(running.transition, snapshot=replace(running.transition.snapshot, children=Children(9, failed=3)))

    assert actions_of(world, replace(running, transition=counted, refresh=True)) == ["edit"]


@pytest.mark.parametrize(
    "failure", [TryLaterError("429"), UnacknowledgedError("reset"), RefusedError("x"), GoneError()]
)
def test_an_edit_beside_an_announcement_fails_nothing(
    world: ChannelWorld, of_job: Callable[..., Notification], failure: Exception
) -> None:
    actions_of(world, of_job("RUNNING", silent=True))
    world.board.raises = [None, failure]

    assert actions_of(world, of_job("COMPLETED")) == ["broadcast"]
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}
    assert not world.queue.records


def test_a_card_that_cannot_be_edited_any_more_is_posted_anew(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("QUEUED", silent=True))
    world.board.gone = {each.place for each in world.board.sent}

    assert actions_of(world, of_job("RUNNING", silent=True)) == ["post"]
    assert actions_of(world, of_job("COMPLETED")) == ["broadcast", "edit"]


@pytest.mark.parametrize("error", [GoneError("thread_locked"), None])
def test_a_card_that_cannot_be_replied_to_is_posted_anew(
    world: ChannelWorld, of_job: Callable[..., Notification], error: Exception | None
) -> None:
    """A deleted card refuses no reply: the channel shows the reply by itself, and the next message is the new card."""
    actions_of(world, of_job("QUEUED", silent=True))
    if error:
        world.board.raises = [error]
    else:
        world.board.gone = {each.place for each in world.board.sent}

    assert actions_of(world, of_job("RUNNING")) == ["post"]
    assert actions_of(world, of_job("COMPLETED")) == (["broadcast", "edit"] if error else ["post"])
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}
    assert not any(each.may_repeat for each in world.board.sent)


def test_a_card_that_is_found_gone_after_long_leaves_a_whole_lease_to_the_new_one(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    """Otherwise another sender may take the lease, and the notification, while the new card is sent."""
    left: list[timedelta] = []

    class SlowBoard(MemoryEditableChannel):
        def reply(self, place: str, content: Content, *, may_repeat: bool, loud: bool) -> bool:  # noqa: ARG002
            world.now += timedelta(seconds=20)
            raise GoneError("message_not_found")

        def send(self, content: Content, *, may_repeat: bool) -> str:
            left.append(world.leases.held["team-slack"][1] - world.now)
            return super().send(content, may_repeat=may_repeat)

    world.board = SlowBoard()

    assert actions_of(world, of_job("QUEUED", silent=True), of_job("RUNNING")) == ["post", "post"]
    assert left == [LEASE, LEASE]


def test_a_refresh_of_a_card_that_is_gone_sends_nothing(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("QUEUED", silent=True))
    world.board.gone = {each.place for each in world.board.sent}
    actions_of(world, of_job("RUNNING"))

    assert actions_of(world, of_job("RUNNING", refresh=True)) == []


def test_a_thread_of_a_job_s_card_that_is_gone_gets_one_message(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    """The later tasks are left to the job's message, which is the new card."""
    actions_of(world, of_job("RUNNING", silent=True))
    world.board.gone = {each.place for each in world.board.sent}

    assert actions_of(world, of_child(1, "reason 1")) == ["post"]
    world.now += HOUR
    assert actions_of(world, of_child(2, "reason 2"), of_child(3, "reason 3")) == []
    assert actions_of(world, of_job("COMPLETED")) == ["post"]


def test_two_senders_at_once_make_one_card(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    """A sender without the lease sends nothing. With it, the sender finds the earlier card."""
    lease = take_lease(world.leases, "team-slack", SEND_INTERVAL["slack"], "one", world.clock, world.sleep)
    world.put(of_job("RUNNING", silent=True), of_job("COMPLETED"))
    world.works()
    while_taken = len(world.board.sent)
    assert lease
    lease.end()

    world.runs(HOUR)

    assert while_taken == 0
    assert [each.action for each in world.board.sent].count("post") == 1


def test_a_channel_without_edits_gets_posts_of_the_same_content(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    world.edits = False

    assert actions_of(world, of_job("RUNNING", silent=True), of_job("COMPLETED")) == ["post", "post"]


LOST = TaskResults((Failures("DEVICE", 6, reasons=(("lost", ("[0][1]",)),)),), "metadata.json")


@pytest.fixture
def of_set(a_task: ASnapshot, a_transition: Callable[..., Transition]) -> Notification:
    """The end of a program set of which some executables failed."""
    ended = a_task("FAILED", shots=96000, successful_shots=90000, programs=12, executables=96)
    return Notification(a_transition(ended), "team-slack")


def test_the_failed_executables_are_listed_in_the_thread_of_the_card(world: ChannelWorld, of_set: Notification) -> None:
    world.results = LOST

    assert actions_of(world, of_set) == ["post", "reply"]

    card, reply = world.board.sent
    assert reply.place.startswith(card.place)
    assert isinstance(reply.content, Notification)
    assert reply.content.results == LOST


@pytest.mark.parametrize("failure", [None, UnacknowledgedError("reset")])
def test_the_message_after_a_thread_reply_waits_for_the_send_interval(
    world: ChannelWorld, of_set: Notification, failure: Exception | None
) -> None:
    world.results = LOST
    world.board.raises = [None, failure]

    actions_of(world, of_set)

    assert world.leases.slots["team-slack"] == world.now + SEND_INTERVAL["slack"]


def test_unreadable_results_add_no_reply(world: ChannelWorld, of_set: Notification) -> None:
    assert actions_of(world, of_set) == ["post"]


@pytest.mark.parametrize("failure", [TryLaterError("429"), UnacknowledgedError("reset"), GoneError("gone")])
def test_a_failed_reply_repeats_no_card(world: ChannelWorld, of_set: Notification, failure: Exception) -> None:
    world.results = LOST
    world.board.raises = [None, failure]

    assert actions_of(world, of_set, of_set) == ["post"]
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}


def test_of_what_failed_as_a_whole_nothing_is_read(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    world.results = LOST

    assert actions_of(world, of_job("FAILED")) == ["post"]


def test_a_refresh_edits_the_card_and_leaves_no_row(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    actions_of(world, of_job("RUNNING", silent=True))

    assert actions_of(world, of_job("RUNNING", refresh=True)) == ["edit"]
    assert len(world.ledger.rows) == 1


def test_a_card_shows_the_time_of_its_post_or_edit(world: ChannelWorld, of_job: Callable[..., Notification]) -> None:
    """A hybrid job runs on meanwhile."""
    actions_of(world, of_job("RUNNING"))
    world.now += timedelta(minutes=42)
    before = world.now
    actions_of(world, of_job("RUNNING", refresh=True))

    posted, edited = (each.content for each in world.board.sent)
    assert isinstance(posted, Notification)
    assert isinstance(edited, Notification)
    assert posted.as_of
    assert edited.as_of
    assert posted.as_of < before <= edited.as_of


@pytest.mark.parametrize(
    ("shown", "failure"),
    [
        ("", None),  # no card
        ("COMPLETED", None),  # the card shows something later
        ("RUNNING", TryLaterError("429", after_s=3)),
        ("RUNNING", UnacknowledgedError("reset")),
        ("RUNNING", RefusedError("token_revoked")),
        ("RUNNING", GoneError("message_not_found")),
    ],
)
def test_a_refresh_that_cannot_be_made_is_dropped(
    world: ChannelWorld, of_job: Callable[..., Notification], shown: str, failure: Exception | None
) -> None:
    if shown:
        actions_of(world, of_job(shown))
    world.board.raises = [failure]

    assert actions_of(world, of_job("RUNNING", refresh=True)) == []
    assert not world.queue.records


def test_a_channel_that_asks_for_time_at_an_edit_is_left_alone_by_what_comes_next(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    """Slack may close a channel to whoever goes on."""
    actions_of(world, of_job("RUNNING", silent=True))
    world.board.raises = [TryLaterError("429", after_s=30)]
    before = world.now
    actions_of(world, of_job("RUNNING", refresh=True))

    assert actions_of(world, of_job("COMPLETED")) == []
    world.runs()

    assert world.now - before >= timedelta(seconds=30)
    assert [each.action for each in world.board.sent[1:]] == ["broadcast", "edit"]


def test_a_job_s_own_failed_tasks_are_listed_in_its_thread_three_of_each_reason(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("RUNNING", silent=True))

    actions = actions_of(world, *(of_child(number) for number in range(1, 6)), of_child(7, "another reason"))

    assert actions == ["reply"] * 4
    states = [row.state for row in world.ledger.rows.values()]
    assert (states.count("DELIVERED"), states.count("SUPERSEDED")) == (5, 2)
    assert not world.queue.records


def test_a_hold_and_a_pause_let_no_more_than_three_alike_into_the_thread_of_a_job(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("RUNNING", silent=True))
    world.policy = replace(world.policy, muted_until={"team-slack": world.now + HOUR})
    world.put(of_child(1))
    world.runs()
    world.wakes()
    world.works()
    world.now += HOUR

    actions = actions_of(world, *(of_child(number) for number in range(2, 6)))

    assert actions == ["reply"] * 2


def test_a_job_s_own_task_waits_for_the_job_s_card(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    early = actions_of(world, of_child(1))
    actions_of(world, of_job("RUNNING", silent=True))

    world.runs(HOUR)

    assert early == []
    assert [each.action for each in world.board.sent] == ["post", "reply"]


def test_a_job_s_own_task_that_failed_hours_before_its_job_s_end_is_in_the_thread_of_that_end(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    """A channel of one person has no card of a running job."""
    world.put(of_child(1))
    world.runs(9 * HOUR)
    assert world.board.sent == []

    ended = of_job("COMPLETED")
    world.open = 0
    world.put(replace(ended, transition=replace(ended.transition, at=world.now)))
    world.runs(HOUR / 2)

    assert [each.action for each in world.board.sent] == ["post", "reply"]
    assert world.most_receives <= 70


def test_a_job_s_own_task_waits_for_no_card_of_a_job_that_has_ended_without_one(
    world: ChannelWorld, of_child: Callable[..., Notification]
) -> None:
    """The end was shown in a message about many, or goes to another channel."""
    world.put(of_child(1))
    world.runs(9 * HOUR)
    world.open = 0
    world.runs(HOUR / 2)

    assert [row.reason for row in world.ledger.rows.values()] == [Reason.NO_THREAD.value]
    assert not world.queue.records


def test_a_job_s_own_task_that_the_settings_cease_to_send_is_left_out(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    world.put(of_child(1))
    world.runs(9 * HOUR)
    world.policy = replace(world.policy, job_tasks="ignore")
    actions_of(world, of_job("RUNNING", silent=True))
    world.runs(HOUR / 2)

    assert [each.action for each in world.board.sent] == ["post"]
    assert not world.queue.records


def test_reasons_that_differ_in_their_numbers_alone_are_alike_in_a_job_s_thread(
    world: ChannelWorld, of_job: Callable[..., Notification], of_child: Callable[..., Notification]
) -> None:
    actions_of(world, of_job("RUNNING", silent=True))

    actions = actions_of(world, *(of_child(number, f"qubit {number} of 20 is not there") for number in range(1, 50)))

    assert actions == ["reply"] * 3


def test_a_job_s_own_task_is_announced_by_the_job_where_there_is_no_thread(
    world: ChannelWorld, of_child: Callable[..., Notification]
) -> None:
    world.edits = False

    assert actions_of(world, of_child(1)) == []
    assert [row.state for row in world.ledger.rows.values()] == ["SUPERSEDED"]
    assert not world.queue.records


def test_without_time_for_a_whole_message_nothing_is_begun(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    hurried = HumanSender(world.board, world.ledger, world.clock, lambda: 44.9, None, ports=world.ports)

    with pytest.raises(DeferError, match="time"):
        deliver(of_job("COMPLETED"), hurried, "me")

    assert world.ledger.rows == {}


@pytest.fixture
def line(of_job: Callable[..., Notification]) -> Notification:
    """The line about the quantum tasks that ended after their hybrid job."""
    ended = of_job("COMPLETED", children=Children(6, completed=4, failed=2))
    return replace(ended, transition=replace(ended.transition, status=TASKS_ENDED, was="COMPLETED"))


def test_a_job_s_last_tasks_are_announced_beside_its_card_which_still_shows_the_job(
    world: ChannelWorld, of_job: Callable[..., Notification], line: Notification
) -> None:
    assert actions_of(world, of_job("COMPLETED"), line) == ["post", "broadcast"]
    assert actions_of(world, of_job("COMPLETED", silent=True, refresh=True)) == ["edit"]
    assert {each.place.rsplit("/", 1)[0] for each in world.board.sent[1:]} == {"C1/0", "C1"}


def test_a_line_without_a_card_is_a_message_that_no_refresh_edits(
    world: ChannelWorld, of_job: Callable[..., Notification], line: Notification
) -> None:
    """The card expired before the last task of the job ended."""
    actions_of(world, of_job("COMPLETED"))
    world.cards = MemoryCards()

    assert actions_of(world, line, of_job("COMPLETED", silent=True, refresh=True)) == ["post"]


def test_a_correction_of_the_job_follows_the_line_about_its_last_tasks(
    world: ChannelWorld, of_job: Callable[..., Notification], line: Notification
) -> None:
    failed = of_job("FAILED")
    corrected = replace(failed, transition=replace(failed.transition, was="COMPLETED", correction=True))

    assert actions_of(world, of_job("COMPLETED"), line, corrected) == ["post", "broadcast", "broadcast", "edit"]


def test_the_card_of_a_job_shows_its_end_although_one_digest_announces_the_last_tasks_too(
    world: ChannelWorld, of_job: Callable[..., Notification], line: Notification, noon: datetime
) -> None:
    world.put(of_job("RUNNING", silent=True))
    world.runs(timedelta(minutes=1))
    world.policy = replace(world.policy, muted_until={"team-slack": noon + 2 * HOUR})
    world.put(of_job("COMPLETED"), line)
    world.runs()

    edits = [each.content for each in world.board.sent if each.action == "edit"]
    assert [each.transition.status for each in edits if isinstance(each, Notification)] == ["COMPLETED"]


def test_a_refresh_of_a_card_that_is_gone_is_the_last_one(
    world: ChannelWorld, of_job: Callable[..., Notification]
) -> None:
    """The card of a re-pointed channel says once that its story goes on elsewhere."""
    actions_of(world, of_job("RUNNING", silent=True))
    world.board = gone = EditsCounted(gone={"C1/0"})

    actions_of(world, *(of_job("RUNNING", silent=True, refresh=True) for _ in range(3)))

    assert gone.edits == 1
    assert actions_of(world, of_job("COMPLETED")) == ["post"]


@dataclass
class EditsCounted(MemoryEditableChannel):
    """A channel that counts the edits that were tried."""

    edits: int = 0

    def edit(self, place: str, content: Content) -> None:
        self.edits += 1
        super().edit(place, content)


def test_a_line_beside_a_card_that_is_gone_does_not_become_the_card(
    world: ChannelWorld, of_job: Callable[..., Notification], line: Notification
) -> None:
    actions_of(world, of_job("COMPLETED"))
    world.board.raises = [GoneError("the settings name another channel")]

    assert actions_of(world, line) == ["post"]
    assert actions_of(world, of_job("COMPLETED", silent=True, refresh=True)) == []
