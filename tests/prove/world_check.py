"""The invariants of a quiet world, counted from Braket's changes and the channels' accepted messages."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from braket_notifier.adapters.memory.ledger import MemoryLedgerRow
from braket_notifier.domain.destination import direct
from braket_notifier.tracking.detect import HORIZON
from braket_notifier.tracking.record import EVENT_GRACE
from tests.prove.world import World
from tests.prove.world_braket import ENDS, Resource
from tests.prove.world_channel import Post

FINISHED = {"DELIVERED", "SUPERSEDED"}
WAITING = {"UNDELIVERED", "REOPENED"}


@dataclass
class Account:
    """The sums of one world: `lost` and `wrong` in words, repeats by whether they were avoidable."""

    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    avoidable: int = 0
    unavoidable: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        return not (self.lost or self.wrong or self.avoidable)


def account(world: World, *, given_up: bool) -> Account:
    """Count. `given_up`: UNDELIVERED rows with a reason still wait for their redrive."""
    found = Account(wrong=[*world.wrong, *world.accepted.wrong])
    for resource in world.braket.resources.values():
        for channel in _destinations(world, resource):
            if complaint := _lost(world, resource, channel, given_up=given_up):
                found.lost.append(f"{resource.arn.short_id}… {[each.status for each in resource.lives]}: {complaint}")
    found.wrong += _rows(world, FINISHED | WAITING if given_up else FINISHED)
    _count(world, found)
    return found


def _destinations(world: World, resource: Resource) -> list[str]:
    """The channels, and the owner in each channel that writes to owners; a row without tags had no known owner."""
    row = world.snapshots.get(resource.arn)
    owner = row.snapshot.tags.get("owner", "") if row else ""
    known = any(each.name == owner for each in world.policy.people)
    shared = [each for each in world.policy.channels if each not in world.policy.to_owner]
    return [*shared, *(direct(each, owner) for each in world.policy.to_owner if known)]


def _lost(  # noqa: PLR0911 - one line for each thing that may be
    world: World, resource: Resource, channel: str, *, given_up: bool
) -> str:
    """The reason why a channel misses the end of a resource; empty if it does not."""
    row = world.snapshots.get(resource.arn)
    if not resource.ends or (resource.forgotten and not (row and row.snapshot.status in ENDS)):
        return ""  # no end, or no visible end
    start, first = world.snapshots.starts[resource.arn.region], resource.lives[0].created_at
    if _before(resource.ends[0].ended_at, start) or (row is None and _before(first, start)):
        return ""  # the resource ended before the installation, or was submitted before it and its events were lost
    if row is None or row.snapshot.status not in {each.status for each in resource.ends}:
        return f"the end is not recorded: {row and row.snapshot.status}"
    if resource.last_end_arrived and row.snapshot.status != resource.truth.status:
        return f"the correction was seen and not recorded: {row.snapshot.status}"
    end = row.snapshot.status
    if end in {post.status for post in world.accepted.posts[resource.arn, channel]}:
        return ""
    if _before(row.snapshot.ended_at, world.snapshots.changed[resource.arn] - HORIZON):
        return ""  # nobody could see it for a month, so that it is history
    states = {
        (each.notification.transition.status, each.state, bool(each.reason))
        for each in _ledger(world, resource, channel)
    }
    if given_up and any((end, state, True) in states for state in WAITING):
        return ""
    return f"{channel} never took {end}, ledger {sorted(states)}"


def _before(at: datetime | None, limit: datetime) -> bool:
    return at is not None and at < limit


def _rows(world: World, allowed: set[str]) -> Iterator[str]:
    """The forbidden rows of a quiet world."""
    for number, row in world.ledger.rows.items():
        if row.state not in allowed:
            yield f"{number} is left as {row.state}"
    for region in world.policy.regions:
        for open_row in world.snapshots.open(region):
            if world.snapshots.rows[open_row.arn].snapshot.terminal:
                yield f"{open_row.arn.short_id} has ended and stays open for ever"
    for queue in world.all_queues:
        yield from (f"SQS gave up on {body[:200]}" for body in queue.dead)
    for arn, channel in [each for each in world.accepted.posts if each[0] in world.braket.resources]:
        true = {each.status for each in world.braket.resources[arn].lives}
        true |= {"GONE"} if world.braket.resources[arn].forgotten else set()
        invented = {post.status for post in world.accepted.posts[arn, channel]} - true
        if invented:
            yield f"invented: {invented}"
        ended, start = world.braket.resources[arn].truth.ended_at, world.snapshots.starts[arn.region]
        if arn in world.old and _before(ended, start - EVENT_GRACE) and world.accepted.posts[arn, channel]:
            yield f"announced, though it had ended before: {arn}"


def _count(world: World, found: Account) -> None:
    """The identity: ids that channels accepted = ids DELIVERED + ids accepted and never marked."""
    rows = world.ledger.rows
    by_id: dict[str, list[Post]] = {}
    for posts in world.accepted.posts.values():
        for post in posts:
            by_id.setdefault(post.id, []).append(post)
    delivered = {number for number, row in rows.items() if row.state == "DELIVERED"}
    unmarked = {number for number, posts in by_id.items() if not any(post.marked for post in posts)}
    if len(by_id) != len(delivered) + len(unmarked) or set(by_id) != delivered | unmarked:
        found.wrong.append(f"{len(by_id)} ids taken, {len(delivered)} delivered, {len(unmarked)} taken and unmarked")
    for posts in by_id.values():
        _repeats([post for post in posts if not post.edit], found)


def _repeats(posts: list[Post], found: Account) -> None:
    """Each doubt about an earlier post excuses one repeat."""
    doubts: list[str] = []
    for number, post in enumerate(posts):
        if number and doubts:
            found.unavoidable[doubts.pop()] += 1
        elif number and post.apart:
            found.unavoidable["clocks further apart than a lease"] += 1
        elif number:
            found.avoidable += 1
        doubts += [post.cause] if post.cause else []


def _ledger(world: World, resource: Resource, channel: str) -> Iterator[MemoryLedgerRow]:
    for row in world.ledger.rows.values():
        if row.notification.channel == channel and row.notification.transition.arn == resource.arn:
            yield row
