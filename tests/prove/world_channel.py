"""The channels' side: what they were sent, took and answered, and what was wrong with it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from notifier.model import Arn, Notification
from notifier.ports import RefusedError, TryLaterError, UnacknowledgedError
from tests.prove.world_braket import RANKS

if TYPE_CHECKING:
    from tests.prove.world import World
    from tests.prove.world_worker import Worker

#: What a channel that took nothing answers; the other faults are of a channel that took it, or of the sender.
REFUSALS: dict[str, Exception] = {
    "429": TryLaterError("429"),
    "429 with Retry-After": TryLaterError("429", after_s=30),
    "429 for an hour": TryLaterError("429", after_s=3600),
    "connection refused": TryLaterError("ConnectionRefusedError"),
    "5xx": UnacknowledgedError("503"),
    "refused for good": RefusedError("channel_not_found"),
}
LOST = "acknowledgement lost"
TAKEN_5XX = "5xx after accepting"
DIES_BEFORE = "killed before the send"
DIES_AFTER = "killed after the send"
FAULTS = (*REFUSALS, LOST, TAKEN_5XX, DIES_BEFORE, DIES_AFTER)
#: Above this two clocks are so far apart that a lease of 30 s keeps nobody away.
APART = timedelta(seconds=10)


@dataclass
class Post:
    """One message that a channel took; if nobody marked it, `cause` says why."""

    id: str
    rank: tuple[float, bool]
    status: str
    may_repeat: bool
    apart: bool
    marked: bool = False
    cause: str = ""


@dataclass
class Told:
    """Everything that channels took, by resource and channel, and what was wrong with it."""

    posts: defaultdict[tuple[Arn, str], list[Post]] = field(default_factory=lambda: defaultdict(list))
    unmarked: dict[int, list[Post]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: What happened only because two senders at work had clocks further apart than a lease.
    apart: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> list[Post]:
        return [post for posts in self.posts.values() for post in posts]

    def accept(self, notification: Notification, worker: "Worker", *, may_repeat: bool) -> Post:
        transition = notification.transition
        rank = (RANKS.get(transition.status, 4.0), transition.correction)
        apart = any(abs(worker.plan.skew - other.plan.skew) > APART for other in worker.met)
        post = Post(notification.id, rank, transition.status, may_repeat, apart)
        before = self.posts[transition.arn, notification.channel]
        if complaint := _complaint(post, before):
            story = f"{complaint}: {[each.status for each in before]} then {post.status} in {notification.channel}"
            if apart:
                self.apart[complaint] += 1
            else:
                self.wrong.append(story)
        before.append(post)
        self.unmarked.setdefault(id(worker), []).append(post)
        return post

    def mark(self, notification: Notification, worker: "Worker") -> None:
        for post in self.unmarked.get(id(worker), []):
            if post.id == notification.id:
                post.marked = True

    def blame(self, worker: "Worker") -> None:
        """Why what a worker sent has no mark, now that it has ended."""
        for post in self.unmarked.pop(id(worker), []):
            if not post.marked and not post.cause:
                post.cause = "killed before the mark" if worker.dead else "the mark failed"


@dataclass(frozen=True)
class Line:
    """The port `Channel`, as one worker sends to it."""

    world: "World"
    worker: "Worker"

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        self.worker.moment()
        fault = self.world.fault(self.worker.channel)
        self.world.injected[fault] += 1
        if fault == DIES_BEFORE:
            self.worker.die()
        if fault in REFUSALS:
            raise REFUSALS[fault]
        post = self.world.told.accept(notification, self.worker, may_repeat=may_repeat)
        if fault in {LOST, TAKEN_5XX}:
            post.cause = fault
            raise UnacknowledgedError(fault)
        if fault == DIES_AFTER:
            self.worker.die()
        self.worker.moment()


def _complaint(post: Post, before: list[Post]) -> str:
    """What is wrong with telling this after what was told before; empty if nothing is."""
    if not before or post.id == before[-1].id:
        return "" if not before or post.may_repeat else "a repeat that does not say so"
    if post.rank < before[-1].rank:
        return "told backwards"
    if post.rank == before[-1].rank:
        return "another end without a mark"
    return "a second correction" if post.rank[1] and before[-1].rank[1] else ""
