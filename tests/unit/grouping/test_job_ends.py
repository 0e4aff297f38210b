"""The line about a hybrid job's last tasks never comes before the end of the job, whatever held up the end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import TASKS_ENDED, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, NewerVersionError
from braket_notifier.sending.health import HORIZON
from braket_notifier.sending.sqs_batch import MOST_RECEIVES
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
QUIET_AT_NOON = Quiet(time(12), time(16))


@pytest.fixture
def world(policy: Policy, noon: Any) -> ChannelWorld:
    return ChannelWorld(replace(policy, time_zone="UTC"), noon)


@pytest.fixture
def end(a_job: ASnapshot, a_transition: Callable[..., Transition]) -> Notification:
    return Notification(a_transition(a_job("COMPLETED", children=Children(2, completed=2))), "team-slack")


@pytest.fixture
def line(end: Notification) -> Notification:
    return replace(end, transition=replace(end.transition, status=f"{TASKS_ENDED} 6", was="COMPLETED"))


def nothing(_: ChannelWorld) -> None:
    pass


def mute(world: ChannelWorld) -> None:
    world.policy = replace(world.policy, muted_until={world.channel: world.now + 4 * HOUR})


def quiet(world: ChannelWorld) -> None:
    world.policy = replace(world.policy, quiet={world.channel: QUIET_AT_NOON})


def quiet_unless_completed(world: ChannelWorld) -> None:
    world.policy = replace(world.policy, quiet={world.channel: replace(QUIET_AT_NOON, passing=("COMPLETED",))})


def away(world: ChannelWorld) -> None:
    """Both are late news."""
    world.now += 7 * HOUR


def flooded(world: ChannelWorld) -> None:
    world.policy = replace(world.policy, flood_after=1)


def by_mail(world: ChannelWorld) -> None:
    world.channel, world.edits = "mail", False


def flooded_mail(world: ChannelWorld) -> None:
    flooded(world)
    by_mail(world)


SITUATIONS = (nothing, mute, quiet, quiet_unless_completed, away, flooded, by_mail, flooded_mail)
#: The end comes so long after the line: in the same batch, before the next look, and after a longest back-off.
LATER = (timedelta(0), 5 * SECOND, 16 * MINUTE)


@pytest.mark.parametrize("later", LATER, ids=str)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_line_about_last_tasks_is_never_sent_before_the_end_of_the_job(
    world: ChannelWorld, end: Notification, line: Notification, situation: Callable[[ChannelWorld], None], later: Any
) -> None:
    situation(world)
    world.put(line)
    world.put(end, after=later)
    world.runs()

    assert announced(world) == ["COMPLETED", f"{TASKS_ENDED} 6"]
    assert {row.state for row in world.ledger.rows.values()} == {"DELIVERED"}
    assert not [each for each in world.board.sent if each.may_repeat]


@pytest.mark.parametrize("hold", [mute, quiet])
def test_one_message_after_a_hold_announces_the_end_and_the_last_tasks(
    world: ChannelWorld, end: Notification, line: Notification, hold: Callable[[ChannelWorld], None]
) -> None:
    hold(world)
    world.put(line)
    world.put(end, after=MINUTE)
    world.runs()

    assert len(world.pings) == 1


def test_a_hold_that_ends_early_sends_the_line_after_an_end_that_it_did_not_hold(
    world: ChannelWorld, end: Notification, line: Notification
) -> None:
    mute(world)
    world.put(line)
    world.runs(HOUR)
    world.policy = replace(world.policy, muted_until={})
    world.wakes()
    world.put(end, after=10 * SECOND)
    world.runs(3 * MINUTE)
    world.wakes()  # as the sweep does once a group is overdue
    world.runs(MINUTE)

    assert announced(world) == ["COMPLETED", f"{TASKS_ENDED} 6"]


def test_the_line_follows_an_end_that_the_channel_refused_for_hours(
    world: ChannelWorld, end: Notification, line: Notification
) -> None:
    world.board.raises = [MendableError("not_in_channel")] * 300
    world.put(end)
    world.put(line, after=HOUR)
    world.runs(5 * HOUR)
    world.board.raises = []
    world.runs()

    assert announced(world) == ["COMPLETED", f"{TASKS_ENDED} 6"]


def test_the_line_is_sent_alone_once_no_end_of_its_job_comes_any_more(world: ChannelWorld, line: Notification) -> None:
    """The routes did not send the end to the channel, or a restored table forgot it."""
    began = world.now
    world.put(line)
    world.runs(HORIZON - MINUTE)
    before = announced(world)
    world.runs()

    assert (before, announced(world)) == ([], [f"{TASKS_ENDED} 6"])
    assert world.log[-1][0] - began < HORIZON + HOUR / 2
    assert world.most_receives < MOST_RECEIVES
    assert not world.board.sent[-1].may_repeat


@pytest.mark.parametrize("state", ["SUPERSEDED", "UNDELIVERED"])
def test_the_line_does_not_wait_for_an_end_that_was_finished_without_a_message(
    world: ChannelWorld, end: Notification, line: Notification, state: str
) -> None:
    world.ledger.claim(end, owner="before", now=world.now)
    world.ledger.rows[end.id].state = state
    world.put(line)
    world.works()

    assert announced(world) == [f"{TASKS_ENDED} 6"]


def test_the_line_waits_for_an_end_whose_row_only_a_newer_version_can_read(
    world: ChannelWorld, end: Notification, line: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = world.ledger.progress

    def of_newer_version(notification: Notification) -> Any:
        if notification.id == end.id:
            raise NewerVersionError(end.id)
        return progress(notification)

    monkeypatch.setattr(world.ledger, "progress", of_newer_version)
    mute(world)
    world.put(line)
    world.runs(5 * HOUR)

    assert announced(world) == []
    assert world.queue.records


def announced(world: ChannelWorld) -> list[str]:
    """Each status in the order in which people are notified of it."""
    statuses: list[str] = []
    for sent in world.pings:
        content = sent.content
        if isinstance(content, Digest):
            news = [each for each in content.transitions if Notification(each, world.channel).id in content.news]
            statuses += [each.status for each in news]
        else:
            statuses.append(content.transition.status)
    return statuses
