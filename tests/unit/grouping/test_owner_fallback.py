"""What one person's destination refuses goes to the other address, otherwise to the team with name and status alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.domain.announcement import is_unreachable
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.policy import Person, Policy, Route
from braket_notifier.domain.resource import TASKS_ENDED, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, TryLaterError
from braket_notifier.grouping.digests import digest_of
from braket_notifier.grouping.ports import Fallback
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.formats.email import body
from braket_notifier.routing.owners import fallback_of
from braket_notifier.sending.fallback import for_team
from braket_notifier.sending.wire import decode, encode
from tests.unit.grouping.test_owner_channels import OwnerWorld

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
BEN, BEN_MAIL, TEAM = "dm#ben", "mine#ben", "team-slack"
SECRETS = ("Garnet", "2,000", "amazon-braket-results", "ghz/834b", "python", "AwsQuantumTask", "ben")


@dataclass
class Enqueued:
    """The queues of the fallbacks."""

    put: list[Notification] = field(default_factory=list)

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        self.put += [decode(encode(each)) for each in notifications]

    @property
    def notifications(self) -> list[Notification]:
        return [each for each in self.put if not is_unreachable(each.transition.status)]

    @property
    def announced(self) -> list[Notification]:
        return [each for each in self.put if is_unreachable(each.transition.status)]


@pytest.fixture
def policy(policy: Policy) -> Policy:
    people = tuple(Person(name, f"U{name.upper()}", (f"tag:owner={name}",)) for name in ("anna", "ben"))
    return replace(
        policy,
        channels={"dm": "slack", "mine": "email", TEAM: "slack"},
        to_owner=("dm", "mine"),
        routes=(Route(("dm",)),),
        people=people,
    )


@pytest.fixture
def queue() -> Enqueued:
    return Enqueued()


@pytest.fixture
def world(policy: Policy, noon: datetime, queue: Enqueued) -> OwnerWorld:
    """Ben's destination refuses him; whatever is passed on goes to the team."""
    refused: list[Exception | None] = [MendableError("user_not_found", one_person=True)] * 1000
    world = OwnerWorld(policy, noon, fallback=Fallback(TEAM, queue, announced_in=TEAM))
    world.people[BEN] = MemoryEditableChannel(raises=refused)
    return world


@pytest.fixture
def ends(a_task: ASnapshot, a_transition: ATransition, noon: datetime) -> Callable[..., list[Notification]]:
    def build(count: int, first: int = 1) -> list[Notification]:
        tags = {"owner": "ben", "Name": "ghz-12", "secret": "python"}
        tasks = [
            a_task("FAILED", number, tags=tags, ended_at=noon, failure_reason="python")
            for number in range(first, first + count)
        ]
        return [Notification(a_transition(each), BEN) for each in tasks]

    return build


def test_what_one_person_is_refused_goes_to_the_fallback_at_once_and_once(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.put(*ends(1))
    world.works()
    assert [each.channel for each in queue.put] == [TEAM]  # without an announcement, because the channel is not down

    world.runs(timedelta(hours=5))
    assert [(each.channel, each.passed_from) for each in queue.put] == [(TEAM, BEN)]
    assert world.leases.health(["dm"])["dm"].down_since is None


def test_all_that_waits_for_a_refused_person_is_passed_on(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.put(*ends(30))
    world.runs(timedelta(hours=1))

    assert len(queue.notifications) == 30
    assert len({each.id for each in queue.notifications}) == 30


def test_a_digest_of_what_people_were_refused_says_so_and_names_no_device(
    policy: Policy, a_task: ASnapshot, a_transition: ATransition
) -> None:
    """Seen: the team read "unknown device: 8 ended" about the tasks of two people."""
    ends = [Notification(a_transition(a_task("COMPLETED", number)), TEAM) for number in range(2)]
    bare = [for_team(each, "ghz").transition for each in ends]
    of_all: dict[str, Any] = {"news": (), "closing": False, "still_open": None, "reservation": None}

    assert digest_of("device  of ", bare, policy, **of_all).title == "tasks of people who cannot be reached"
    assert "people" not in digest_of("device  of ", [ends[0].transition, *bare], policy, **of_all).title


def test_the_team_reads_name_and_status_alone(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]], policy: Policy
) -> None:
    [ended] = ends(1)
    world.put(ended)
    world.works()

    [passed] = queue.put
    message = message_of(passed, policy, TEAM)
    text = body(message, may_repeat=False)
    assert message.push == "❌ ghz-12 FAILED"
    assert text.startswith("❌ ghz-12 — FAILED")
    assert [each for each in SECRETS if each in text] == []
    assert [
        each for each in SECRETS if each in encode(replace(passed, passed_from=""))
    ] == []  # an earlier version shows all of it
    assert passed.id == replace(ended, channel=TEAM).id


def test_the_other_address_reads_the_whole_message(policy: Policy, ends: Callable[..., list[Notification]]) -> None:
    [ended] = ends(1)
    passed = replace(ended, channel=BEN_MAIL, passed_from=BEN)

    assert message_of(passed, policy, BEN_MAIL) == message_of(ended, policy, BEN)


@pytest.mark.parametrize(
    ("destination", "has_email", "channels", "to"),
    [
        (BEN, True, ("mine", TEAM), BEN_MAIL),
        (BEN, False, ("mine", TEAM), TEAM),
        (BEN, True, (TEAM,), TEAM),
        (BEN, False, ("mine",), ""),
        ("dm#zoe", True, ("mine", TEAM), TEAM),  # she is no longer in the settings
        (BEN_MAIL, True, ("dm", TEAM), BEN),
    ],
)
def test_a_person_s_fallback_is_the_other_address_otherwise_the_team(
    policy: Policy, destination: str, has_email: bool, channels: tuple[str, ...], to: str
) -> None:
    people = tuple(replace(each, email_digest="a1" if has_email else "") for each in policy.people)

    assert fallback_of(destination, channels, replace(policy, people=people)) == to


def test_an_outage_of_direct_messages_is_announced_to_the_team_once(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]], policy: Policy
) -> None:
    world.people[BEN].raises = [MendableError("token_revoked")] * 1000
    world.fallback = Fallback(BEN_MAIL, queue, announced_in=TEAM)
    world.put(*ends(3))
    world.runs(timedelta(hours=2))

    [announced] = queue.announced
    assert announced.channel == TEAM
    assert message_of(announced, policy, TEAM).push.startswith("⚠ dm cannot be reached")
    assert [each.channel for each in queue.notifications] == [BEN_MAIL] * 3
    assert all(each.transition.snapshot.failure_reason == "python" for each in queue.notifications)  # it is his own


def test_without_a_shared_channel_an_outage_is_announced_nowhere(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.people[BEN].raises = [MendableError("token_revoked")] * 1000
    world.fallback = Fallback(BEN_MAIL, queue, announced_in="")
    world.put(*ends(1))
    world.runs(timedelta(hours=1))

    assert queue.announced == []
    assert len(queue.notifications) == 1


def test_a_busy_slack_passes_nothing_on(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.people[BEN].raises = [TryLaterError("ratelimited", 30)]
    world.put(*ends(1))
    world.runs(timedelta(hours=1))

    assert queue.put == []
    assert len(world.sent(BEN)) == 1


def test_a_person_who_can_be_reached_again_gets_one_digest_of_what_was_passed_on(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.put(*ends(5))
    world.runs(timedelta(hours=1))
    assert len(queue.notifications) == 5
    world.people[BEN].raises.clear()
    world.runs(timedelta(hours=2))

    shown: list[Any] = [each.content for each in world.sent(BEN)]
    assert {each for content in shown for each in content.news} == {each.id for each in ends(5)}
    assert {content.occasion for content in shown} == {"away"}


def test_what_both_addresses_of_a_person_refuse_reaches_the_team_once(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]], policy: Policy
) -> None:
    world.people[BEN_MAIL] = world.people.pop(BEN)
    world.channel, world.edits, world.fallback = "mine", False, Fallback(BEN, queue, announced_in=TEAM)
    [ended] = ends(1)
    world.put(replace(ended, channel=BEN_MAIL, passed_from=BEN))
    world.runs(timedelta(hours=5))

    [passed] = queue.put
    assert (passed.channel, passed.passed_from) == (TEAM, BEN_MAIL)
    assert message_of(passed, policy, TEAM).push == "❌ ghz-12 FAILED"
    assert [each for each in SECRETS if each in encode(replace(passed, passed_from=""))] == []


def test_what_both_addresses_refuse_goes_nowhere_without_a_shared_channel(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    world.people[BEN_MAIL] = world.people.pop(BEN)
    world.channel, world.edits, world.fallback = "mine", False, Fallback(BEN, queue, announced_in="")
    world.put(replace(ends(1)[0], channel=BEN_MAIL, passed_from=BEN))
    world.runs(timedelta(hours=5))

    assert queue.put == []


def test_the_line_about_last_tasks_reaches_the_fallback_soon_after_the_end_that_a_person_was_refused(
    world: OwnerWorld, queue: Enqueued, a_job: ASnapshot, a_transition: ATransition, noon: datetime
) -> None:
    job = a_job("COMPLETED", tags={"owner": "ben"}, ended_at=noon)
    end = a_transition(job)
    line = replace(end, status=f"{TASKS_ENDED} 3", snapshot=replace(job, children=Children(3, completed=3)))
    world.put(Notification(end, BEN))
    world.runs(timedelta(minutes=10))
    world.put(Notification(line, BEN))
    world.runs(timedelta(minutes=30))

    assert [each.transition.status for each in queue.put] == ["COMPLETED", line.status]

    world.people[BEN].raises.clear()
    world.runs(timedelta(hours=2))
    shown: list[Any] = [each.content for each in world.sent(BEN)]
    assert [len(content.news) for content in shown] == [2]


def test_the_team_gets_what_both_addresses_refuse_although_routes_lead_to_both(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]]
) -> None:
    """The mail's own record goes to direct messages, whose own one comes here; both mean the same row."""
    world.people[BEN_MAIL] = world.people.pop(BEN)
    world.channel, world.edits, world.fallback = "mine", False, Fallback(BEN, queue, announced_in=TEAM)
    own = replace(ends(1)[0], channel=BEN_MAIL)
    world.put(own)
    world.put(replace(own, passed_from=BEN), after=timedelta(minutes=1))
    world.runs(timedelta(hours=5))

    assert [each.channel for each in queue.put] == [BEN, TEAM]


@pytest.mark.parametrize(
    "error",
    [MendableError("user_not_found", one_person=True), MendableError("token_revoked")],
    ids=["one person", "all"],
)
def test_what_waits_for_a_refused_person_is_passed_on_although_its_records_are_lost(
    world: OwnerWorld, queue: Enqueued, ends: Callable[..., list[Notification]], error: Exception
) -> None:
    """The sweep wakes the group that nobody visits."""
    world.people[BEN].raises = []
    world.put(*ends(8))
    world.works()
    waiting = {id_ for entries in world.groups.added.values() for id_, each in entries.items() if not each.shown}
    world.people[BEN].raises = [error] * 1000
    world.queue.records.clear()
    for _ in range(12):
        world.now += timedelta(minutes=5)
        world.queue.put(Wake(BEN, world.now), world.now)
        world.works()

    assert len(waiting) == 4
    assert {replace(each, channel=BEN).id for each in queue.notifications} == waiting
    assert world.people[BEN].raises  # no message was accepted


@pytest.mark.parametrize(("silent", "is_whole"), [((), True), (("FAILED",), False)])
def test_what_the_team_s_own_routes_send_aloud_is_passed_on_as_they_send_it(
    world: OwnerWorld,
    queue: Enqueued,
    ends: Callable[..., list[Notification]],
    policy: Policy,
    silent: tuple[str, ...],
    is_whole: bool,
) -> None:
    """Otherwise name and status alone might come first, and the ledger would drop the whole message."""
    world.policy = replace(policy, routes=(Route(("dm",)), Route((TEAM,), silent=silent)))
    [ended] = ends(1)
    world.put(ended)
    world.runs(timedelta(hours=1))

    [passed] = queue.put
    assert (passed == replace(ended, channel=TEAM)) == is_whole
    assert passed.id == replace(ended, channel=TEAM).id
    assert ("python" in encode(passed)) == is_whole
