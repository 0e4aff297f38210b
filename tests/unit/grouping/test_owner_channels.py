"""Channels that write to owners: cards, digests, holds, intervals and refusals are each person's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.memory.channels import MemoryEditableChannel, SentMessage
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.policy import Person, Policy, Route
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError
from braket_notifier.grouping.ports import Fallback, GroupingPorts
from braket_notifier.routing.routes import notifications
from tests.unit.grouping.channel_world import ChannelWorld

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
NAMES = ("anna", "ben", "chiara")
ANNA, BEN = "dm#anna", "dm#ben"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    """Three owners by tag, of whom each gets every end of theirs and the beginning of their jobs silently."""
    people = tuple(Person(name, f"U{name.upper()}", (f"tag:owner={name}",), email_digest="a1") for name in NAMES)
    ends = ("COMPLETED", "FAILED", "CANCELLED")
    routes = (Route(("dm", "mine"), status=("RUNNING", *ends), silent=("RUNNING",)),)
    return replace(
        policy, channels={"dm": "slack", "mine": "email"}, to_owner=("dm", "mine"), routes=routes, people=people
    )


@dataclass
class OwnerWorld(ChannelWorld):
    """A channel that writes to owners, with each person's messages."""

    channel: str = "dm"
    people: dict[str, MemoryEditableChannel] = field(default_factory=dict)
    fallback: Fallback | None = None

    def __post_init__(self) -> None:
        self.address = self.channel_of

    def channel_of(self, destination: str) -> GroupingPorts:
        found = self.people.setdefault(destination, MemoryEditableChannel())
        return replace(self.ports, channel=found, editable=found if self.edits else None, fallback=self.fallback)

    def put(self, *carried: Notification, after: timedelta = timedelta(0)) -> None:
        for each in carried:
            self.queue.put(each, self.now + after)

    def routes(self, *transitions: Transition, after: timedelta = timedelta(0)) -> None:
        of_ours = (each for one in transitions for each in notifications(one, self.policy))
        self.put(*(each for each in of_ours if each.channel.startswith(f"{self.channel}#")), after=after)

    def sent(self, destination: str) -> list[SentMessage]:
        return self.people[destination].sent if destination in self.people else []


@pytest.fixture
def world(policy: Policy, noon: datetime) -> OwnerWorld:
    return OwnerWorld(policy, noon)


@pytest.fixture
def ends(a_task: ASnapshot, a_transition: ATransition, noon: datetime) -> Callable[..., list[Transition]]:
    """Ends of an owner's tasks, all at the world's noon or later."""

    def build(owner: str, count: int, first: int = 1, status: str = "COMPLETED", **tags: str) -> list[Transition]:
        tagged = {"tags": {"owner": owner, **tags}, "ended_at": noon}
        return [a_transition(a_task(status, number, **tagged)) for number in range(first, first + count)]

    return build


def tasks_of(content: Notification | Digest) -> Iterator[Snapshot]:
    transitions = content.transitions if isinstance(content, Digest) else (content.transition,)
    yield from (each.snapshot for each in transitions)


@pytest.mark.parametrize("edits", [True, False], ids=["direct messages", "e-mails"])
def test_120_ends_of_three_owners_ring_each_at_most_six_times_and_name_no_other_person_s_task(
    policy: Policy, noon: datetime, ends: Callable[..., list[Transition]], edits: bool
) -> None:
    world = OwnerWorld(policy, noon, channel="dm" if edits else "mine", edits=edits)
    for number in range(40):
        for place, name in enumerate(NAMES):
            world.routes(*ends(name, 1, first=1 + number * 3 + place), after=timedelta(minutes=number))

    world.runs()

    assert world.people.keys() == {f"{world.channel}#{name}" for name in NAMES}
    for destination, board in world.people.items():
        assert 1 <= len(board.pings) <= 6
        shown = [task for each in board.sent for task in tasks_of(each.content)]
        assert {task.tags["owner"] for task in shown} == {person_of(destination)}
        assert len({task.arn for task in shown}) == 40


def test_a_later_status_edits_the_same_person_s_card(
    world: OwnerWorld, a_task: ASnapshot, a_transition: ATransition
) -> None:
    tags = {"owner": "anna", "notify": "ben", "notify-on": "RUNNING COMPLETED"}
    world.routes(a_transition(a_task("RUNNING", tags=tags)))
    world.runs()
    world.routes(a_transition(a_task("COMPLETED", tags=tags)))
    world.runs()

    assert [each.action for each in world.sent(BEN)] == ["post", "broadcast", "edit"]
    assert world.sent(BEN)[2].place == world.sent(BEN)[0].place
    assert [each.action for each in world.sent(ANNA)] == ["post"]  # her own RUNNING is silent, so it posts no card


@pytest.mark.parametrize("edits", [True, False], ids=["direct messages", "e-mails"])
def test_a_silent_status_posts_nothing_to_a_person_and_edits_a_card_that_exists(
    policy: Policy, noon: datetime, a_job: ASnapshot, a_transition: ATransition, edits: bool
) -> None:
    world = OwnerWorld(policy, noon, channel="dm" if edits else "mine", edits=edits)
    destination = f"{world.channel}#anna"
    running = a_transition(a_job("RUNNING", tags={"owner": "anna"}))
    world.routes(running)
    world.runs()
    assert world.sent(destination) == []

    queued = replace(running, status="QUEUED", snapshot=replace(running.snapshot, status="QUEUED"))
    world.put(Notification(replace(queued, at=noon), destination))
    world.runs()
    again = replace(running, snapshot=replace(running.snapshot, arn=a_job("RUNNING", 2).arn))
    world.routes(again)
    world.runs()

    assert [each.action for each in world.sent(destination)] == ["post"]


def test_running_edits_the_card_that_a_person_has(
    world: OwnerWorld, a_job: ASnapshot, a_transition: ATransition, noon: datetime
) -> None:
    job = a_job("QUEUED", tags={"owner": "anna"})
    world.put(Notification(a_transition(job, at=noon), ANNA))
    world.runs()
    world.routes(a_transition(replace(job, status="RUNNING")))
    world.runs()
    assert [each.action for each in world.sent(ANNA)] == ["post", "edit"]

    world.people[ANNA].gone.add(world.sent(ANNA)[0].place)
    world.put(Notification(a_transition(replace(job, status="CANCELLING")), ANNA, silent=True))
    world.runs()
    assert [each.action for each in world.sent(ANNA)] == ["post", "edit"]  # a deleted card is not posted anew for it


def test_a_refusal_of_one_person_holds_back_nobody_else(
    world: OwnerWorld, ends: Callable[..., list[Transition]]
) -> None:
    world.people[BEN] = MemoryEditableChannel(raises=[MendableError("user_not_found", one_person=True)] * 3)
    world.routes(*ends("ben", 1), *ends("anna", 1, first=2), *ends("ben", 1, first=3))
    world.works()

    assert [each.action for each in world.sent(ANNA)] == ["post"]
    assert world.leases.health(["dm"])["dm"].down_since is None
    world.runs()
    assert {task.arn for each in world.sent(BEN) for task in tasks_of(each.content)} == {
        each.arn for each in (*ends("ben", 1), *ends("ben", 1, first=3))
    }


def test_the_card_of_a_person_who_has_left_closes_without_its_last_message_after_72_hours(
    world: OwnerWorld, ends: Callable[..., list[Transition]]
) -> None:
    """Seen: the record that closes it came back every four minutes for ever."""
    world.routes(*ends("ben", 8))
    world.runs(timedelta(minutes=2))
    began, sent = world.now, len(world.sent(BEN))
    world.people[BEN].raises = [MendableError("user_not_found", one_person=True)] * 10_000
    world.runs(timedelta(days=14))

    assert not world.queue.records
    assert timedelta(hours=72) < world.now - began < timedelta(hours=74)
    assert len(world.sent(BEN)) == sent


def test_a_refusal_of_the_channel_holds_back_everybody_until_it_is_mended(
    world: OwnerWorld, ends: Callable[..., list[Transition]]
) -> None:
    world.people[BEN] = MemoryEditableChannel(raises=[MendableError("token_revoked")])
    world.routes(*ends("ben", 1), *ends("anna", 1, first=2))
    world.works()

    assert world.leases.health(["dm"])["dm"].down_since
    assert world.sent(ANNA) == []
    world.runs()
    assert len(world.sent(ANNA)) == len(world.sent(BEN)) == 1


def test_a_mute_of_one_person_holds_that_person_s_messages_alone(
    policy: Policy, noon: datetime, ends: Callable[..., list[Transition]]
) -> None:
    world = OwnerWorld(replace(policy, muted_until={ANNA: noon + timedelta(hours=1)}), noon)
    world.routes(*ends("anna", 2), *ends("ben", 1, first=3))
    world.works()
    assert world.people.keys() >= {BEN}
    assert world.sent(ANNA) == []

    world.policy = policy
    world.queue.put(Wake(ANNA), world.now)
    world.works()

    [digest] = world.sent(ANNA)
    assert isinstance(digest.content, Digest)
    assert len(digest.content.transitions) == 2
    assert len(world.sent(BEN)) == 1


def test_a_wake_of_one_person_visits_no_other_person_s_groups(
    world: OwnerWorld, ends: Callable[..., list[Transition]]
) -> None:
    world.routes(*ends("anna", 6), *ends("ben", 6, first=7))
    world.works()
    waiting = {destination: len(board.sent) for destination, board in world.people.items()}
    world.queue.records.clear()
    world.now += timedelta(minutes=5)
    world.queue.put(Wake(ANNA), world.now)
    world.works()

    assert len(world.sent(ANNA)) > waiting[ANNA]
    assert len(world.sent(BEN)) == waiting[BEN]


def test_each_person_has_a_send_interval_of_their_own(world: OwnerWorld, ends: Callable[..., list[Transition]]) -> None:
    began = world.now
    world.routes(
        *(each for first in (1, 4) for place, name in enumerate(NAMES) for each in ends(name, 1, first + place))
    )
    world.works()

    assert sum(len(each.sent) for each in world.people.values()) == 6
    assert world.now - began == timedelta(seconds=1)  # six posts of one channel would take five seconds
    world.routes(*ends("anna", 1, first=7))
    world.works()
    assert world.now - began == timedelta(seconds=2)  # the next sender keeps the interval too


def test_a_person_s_groups_and_claims_never_meet_another_one_s(
    world: OwnerWorld, a_task: ASnapshot, a_transition: ATransition
) -> None:
    transition = a_transition(a_task(tags={"owner": "anna", "notify": "ben", "batch": "both"}))
    world.routes(transition)
    world.runs()

    assert len(world.sent(ANNA)) == len(world.sent(BEN)) == 1
    contents: list[Any] = [world.sent(each)[0].content for each in (ANNA, BEN)]
    assert {each.id for each in contents} == {
        each.id for each in notifications(transition, world.policy) if "dm" in each.channel
    }
    assert len({each.id for each in contents}) == 2
    assert world.cards.get(ANNA, transition.arn)
    assert world.cards.get(BEN, transition.arn)
