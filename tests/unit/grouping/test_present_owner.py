"""What waits for a person whom the settings have renamed, or replaced as the owner, reaches whoever owns it by then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import ChannelType, Person, Policy, Route
from braket_notifier.domain.reminder import OFFLINE
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, UnacknowledgedError
from braket_notifier.grouping.ports import Fallback
from braket_notifier.routing.routes import present_owner
from tests.unit.grouping.test_owner_channels import OwnerWorld

ANNA, ANNE, BEN = "dm#anna", "dm#anne", "dm#ben"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Change = Callable[[Policy], Policy]


@dataclass
class PassedOn:
    """The queue of the fallback."""

    put: list[Notification] = field(default_factory=list)

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        self.put += notifications

    @property
    def ends(self) -> list[str]:
        return [each.channel for each in self.put if each.transition.status == "COMPLETED"]


class ProbedPerson(MemoryEditableChannel):
    """A person's direct messages, with a probe that fails as a message does."""

    def probe(self) -> None:
        self._may_fail("")


def renamed(policy: Policy) -> Policy:
    anna, ben = policy.people
    return replace(policy, people=(replace(anna, name="anne"), ben))


def moved_to_ben(policy: Policy) -> Policy:
    anna, ben = policy.people
    return replace(policy, people=(replace(anna, owns=()), replace(ben, owns=("tag:owner=anna",))))


CHANGES = pytest.mark.parametrize(("change", "to"), [(renamed, ANNE), (moved_to_ben, BEN)])


@pytest.fixture
def policy(policy: Policy) -> Policy:
    people = tuple(
        Person(name, f"U{name.upper()}", (f"tag:owner={name}",), email_digest="a1") for name in ("anna", "ben")
    )
    channels: dict[str, ChannelType] = {"dm": "slack", "mine": "email", "team-slack": "slack"}
    return replace(policy, channels=channels, to_owner=("dm", "mine"), routes=(Route(("dm",)),), people=people)


@pytest.fixture
def passed_on() -> PassedOn:
    return PassedOn()


@pytest.fixture
def world(policy: Policy, noon: datetime, passed_on: PassedOn) -> OwnerWorld:
    return OwnerWorld(policy, noon, fallback=Fallback("mine#anna", passed_on, announced_in="team-slack"))


@pytest.fixture
def end(
    a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime
) -> Callable[..., Notification]:
    def build(number: int = 1, **tags: str) -> Notification:
        task = a_task("COMPLETED", number, tags={"owner": "anna", **tags}, ended_at=noon)
        return Notification(a_transition(task), ANNA)

    return build


def pushes(world: OwnerWorld, change: Change, passed_on: PassedOn) -> None:
    """The settings change; whoever they do not name can be written to no more, and has no other address."""
    world.policy = change(world.policy)
    left = [MendableError("the settings do not name the person", one_person=True)] * 1000
    if ANNA not in {f"dm#{each.name}" for each in world.policy.people}:
        world.people[ANNA] = MemoryEditableChannel(raises=list(left))
        world.fallback = Fallback("team-slack", passed_on, announced_in="team-slack")


def shown(world: OwnerWorld, destination: str) -> set[str]:
    """The short ids of the tasks that the person's messages announced."""
    found: set[str] = set()
    for each in world.sent(destination):
        content = each.content
        moves = [content.transition] if isinstance(content, Notification) else content.transitions
        found |= {move.arn.short_id for move in moves}
    return found


@CHANGES
@pytest.mark.parametrize("unmuted", [False, True])
def test_what_a_mute_holds_reaches_whoever_owns_it_at_its_end_and_nobody_else(
    world: OwnerWorld,
    passed_on: PassedOn,
    end: Callable[..., Notification],
    noon: datetime,
    change: Change,
    to: str,
    unmuted: bool,
) -> None:
    """Seen: after a rename the whole team got it; after a change of the owner nobody did."""
    world.policy = replace(world.policy, muted_until={"dm": noon + 5 * HOUR})
    world.queue.put(end(1), noon)
    world.queue.put(end(2), noon)
    world.runs(HOUR)
    pushes(world, change, passed_on)
    if unmuted:
        world.policy = replace(world.policy, muted_until={})
        world.wakes_of(ANNA)  # as the sweep does; her records are hidden for longer
    world.runs()

    assert shown(world, to) == {end(number).transition.arn.short_id for number in (1, 2)}
    assert world.sent(ANNA) == []
    assert passed_on.put == []
    assert not world.queue.records
    assert {row.state for row in world.ledger.rows.values() if row.notification.channel == ANNA} == {"SUPERSEDED"}


@CHANGES
def test_what_an_outage_holds_back_reaches_whoever_owns_it_and_a_doubt_is_marked(
    world: OwnerWorld, passed_on: PassedOn, end: Callable[..., Notification], change: Change, to: str
) -> None:
    world.people[ANNA] = MemoryEditableChannel(raises=[UnacknowledgedError("503")] * 9)
    world.queue.put(end(), world.now)
    world.runs(10 * MINUTE)
    pushes(world, change, passed_on)
    world.people[to] = MemoryEditableChannel()
    world.runs()

    assert [each.may_repeat for each in world.sent(to)] == [True]
    assert passed_on.put == []
    assert not world.queue.records


def test_what_was_routed_by_settings_that_the_sender_reads_later_reaches_whom_they_name(
    world: OwnerWorld, passed_on: PassedOn, end: Callable[..., Notification]
) -> None:
    """Seen: the team got the ends of the minute in which a new person was pushed."""
    before, after = world.policy, renamed(world.policy)
    world.people[ANNE] = MemoryEditableChannel(raises=[MendableError("not in the settings", one_person=True)])
    world.queue.put(replace(end(1), channel=ANNE), world.now)
    world.queue.put(replace(end(2), channel=BEN), world.now)  # his by the settings that are to come
    world.works()
    assert world.policy == before
    world.people[ANNE].raises.clear()
    world.policy = after
    world.runs()

    assert shown(world, ANNE) == {end(1).transition.arn.short_id}
    assert shown(world, BEN) == {end(2).transition.arn.short_id}
    assert world.sent(ANNA) == []
    assert passed_on.put == []


def test_what_the_other_address_got_before_a_rename_goes_to_no_crowd_and_is_shown_once_the_channel_is_back(
    world: OwnerWorld, passed_on: PassedOn, end: Callable[..., Notification]
) -> None:
    """Seen: the team got what Anna had been mailed, and her digest of it never came."""
    revoked = [MendableError("token_revoked")] * 1000
    world.people[ANNA], world.people[ANNE] = (ProbedPerson(raises=list(revoked)) for _ in range(2))
    world.queue.put(end(), world.now)
    world.runs(10 * MINUTE)
    assert passed_on.ends == ["mine#anna"]

    pushes(world, renamed, passed_on)
    world.fallback = Fallback("mine#anne", passed_on, announced_in="team-slack")
    world.people[ANNA] = ProbedPerson(raises=list(revoked))
    for _ in range(12):
        world.now += 5 * MINUTE
        world.wakes_of(ANNA)  # as the sweep does, because nobody visits her group
        world.works()
    assert passed_on.ends == ["mine#anna"]

    world.people[ANNE].raises.clear()
    world.runs()
    assert [getattr(each.content, "occasion", "") for each in world.sent(ANNE)] == ["away"]
    assert not world.queue.records


def test_what_was_delivered_before_is_not_sent_to_the_next_owner(
    world: OwnerWorld, passed_on: PassedOn, end: Callable[..., Notification]
) -> None:
    world.queue.put(end(), world.now)
    world.runs()
    pushes(world, moved_to_ben, passed_on)
    world.queue.put(end(), world.now)  # SQS repeats the record
    world.runs()

    assert len(world.sent(ANNA)) == 1
    assert world.sent(BEN) == []


def test_only_what_the_settings_send_to_another_owner_changes_its_person(
    policy: Policy, end: Callable[..., Notification]
) -> None:
    offline = replace(end(), transition=replace(end().transition, status=f"{OFFLINE} 2026-11-20T12:00:00+00:00"))
    passed = replace(end(), channel="mine#anna", passed_from=ANNA)
    shared = replace(end(), channel="team-slack")

    assert present_owner(end(), renamed(policy)) == ANNE
    assert present_owner(passed, renamed(policy)) == "mine#anne"
    assert present_owner(end(), policy) == ""
    assert present_owner(shared, renamed(policy)) == ""
    assert present_owner(replace(end(), refresh=True), renamed(policy)) == ""  # it only edits a card of Anna's
    assert present_owner(offline, renamed(policy)) == ""  # the next sweep reminds the owner of then
    assert present_owner(end(), replace(renamed(policy), routes=())) == ""
    assert present_owner(end(), replace(policy, people=policy.people[1:])) == ""  # nobody owns it any more
    named = replace(end(notify="ben"), channel=BEN)
    assert present_owner(named, policy) == ""
    assert present_owner(replace(named, channel="mine#ben", passed_from=BEN), policy) == ""
    assert present_owner(named, replace(policy, people=policy.people[:1])) == ""  # Anna has a message of her own
