"""The channels of a simulated world: accepted messages, answers, and errors in them."""

from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from braket_notifier.domain.announcement import is_unreachable
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, is_last_tasks
from braket_notifier.errors import GoneError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from tests.prove.world_braket import RANKS

if TYPE_CHECKING:
    from tests.prove.world import World
    from tests.prove.world_worker import Worker

#: Answers of a channel that accepted nothing; the other faults are of an accepting channel, or of the sender.
#: Each is raised as a copy, because an error keeps every frame that it ever passed, and with it the whole world.
REFUSALS: dict[str, Exception] = {
    "429": TryLaterError("429", perhaps_sent=True),
    "429 with Retry-After": TryLaterError("429", after_s=30, perhaps_sent=True),
    "429 for an hour": TryLaterError("429", after_s=3600, perhaps_sent=True),
    "connection refused": TryLaterError("ConnectionRefusedError"),
    "5xx": UnacknowledgedError("503"),
    "mendable": MendableError("not_in_channel"),
    "refused for good": RefusedError("invalid_blocks"),
}
LOST = "acknowledgement lost"
TAKEN_5XX = "5xx after accepting"
DIES_BEFORE = "killed before the send"
DIES_AFTER = "killed after the send"
FAULTS = (*REFUSALS, LOST, TAKEN_5XX, DIES_BEFORE, DIES_AFTER)
#: The warning about a job that fails comes between RUNNING and the end, and the line about its last tasks after it.
ORDER = {**RANKS, "FAILING": 2.7}
#: The complaint about an earlier status after a later one; programs get them in any order.
BACKWARDS = "sent backwards"
#: Share of a person's mendable refusals that concern that person alone.
ONE_PERSON = 0.5
#: Share of edits whose card was deleted before.
GONE = 0.1
#: Seconds between two clocks above which a lease of 30 s excludes no other worker.
APART = timedelta(seconds=10)


@dataclass
class Post:
    """An accepted message; if it has no mark, `cause` is the reason."""

    id: str
    rank: tuple[float, bool]
    status: str
    may_repeat: bool
    apart: bool
    #: An edit announces nothing, and a repeated edit changes nothing.
    edit: bool = False
    marked: bool = False
    cause: str = ""
    #: The id of a job's end that had been given up when the line about its last tasks was sent. The line awaits no such
    #: end for longer, and an operator may send the end afterwards.
    given_up: str = ""


@dataclass
class AcceptedPosts:
    """Everything that channels accepted, by resource and channel, and the errors in it."""

    posts: defaultdict[tuple[Arn, str], list[Post]] = field(default_factory=lambda: defaultdict(list))
    unmarked: dict[int, list[Post]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: Errors that two concurrent senders with clocks further apart than a lease cause.
    apart: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> list[Post]:
        return [post for posts in self.posts.values() for post in posts]

    def accept(self, notification: Notification, worker: "Worker", *, may_repeat: bool, edit: bool = False) -> Post:
        transition = notification.transition
        rank = (5.0 if transition.beside_card else ORDER.get(transition.status, 4.0), transition.correction)
        apart = any(abs(worker.plan.skew - other.plan.skew) > APART for other in worker.met)
        post = Post(notification.id, rank, transition.status, may_repeat, apart, edit)
        if is_last_tasks(transition.status):
            job_end = replace(notification, transition=replace(transition, status=transition.snapshot.status))
            progress = worker.world.ledger.progress(job_end)
            post.given_up = job_end.id if progress.end and progress.end.state == "UNDELIVERED" else ""
        before = self.posts[transition.arn, notification.channel]
        in_order = notification.channel not in worker.world.ledger.machines
        if (complaint := _complaint(post, before)) and (in_order or complaint != BACKWARDS):
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
        """Set the reason of each missing mark of an ended worker."""
        for post in self.unmarked.pop(id(worker), []):
            if not post.marked and not post.cause:
                post.cause = "killed before the mark" if worker.dead else "the mark failed"


@dataclass(frozen=True)
class Line:
    """The ports `Channel` and `EditableChannel` of one worker; an edit meets the same faults as a post."""

    world: "World"
    worker: "Worker"
    #: The person in a channel that writes to owners.
    destination: str = ""

    def send(self, subject: Notification | Digest, *, may_repeat: bool) -> str:
        return self._takes(
            subject, may_repeat=may_repeat, loud=not (isinstance(subject, Notification) and subject.silent)
        )

    def reply(self, place: str, subject: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:  # noqa: ARG002 - anywhere
        """Accept the reply; False if the message was deleted, so that the reply stands by itself."""
        self._takes(subject, may_repeat=may_repeat, loud=loud)
        return self.world.random.random() >= GONE

    def edit(self, place: str, subject: Notification | Digest) -> None:
        if self.world.random.random() < GONE and isinstance(subject, Digest):
            self.world.on_deleted(self._to)
            raise GoneError("message_not_found")
        self._takes(subject, may_repeat=False, edit=True, place=place)

    def probe(self) -> None:
        """Meet the same faults as a message, and accept nothing."""
        self.worker.moment()
        fault = self.world.fault(self.worker.channel)
        self.world.injected[fault] += 1
        if fault in (DIES_BEFORE, DIES_AFTER):
            self.worker.die()
        if fault in REFUSALS:
            raise copy(REFUSALS[fault])
        if fault in {LOST, TAKEN_5XX}:
            raise UnacknowledgedError(fault)
        self.worker.moment()

    def _takes(
        self,
        subject: Notification | Digest,
        *,
        may_repeat: bool,
        edit: bool = False,
        loud: bool = False,
        place: str = "",
    ) -> str:
        self.worker.moment()
        fault = self.world.fault(self.worker.channel)
        self.world.injected[fault] += 1
        if fault == DIES_BEFORE:
            self.worker.die()
        if fault == "mendable" and self.destination and self.world.random.random() < ONE_PERSON:
            raise MendableError("user_not_found", one_person=True)
        if fault in REFUSALS:
            raise copy(REFUSALS[fault])
        posts = [
            self.world.accepted.accept(each, self.worker, may_repeat=may_repeat, edit=edit)
            for each in _news(subject, self._to)
        ]
        self._check_owner(subject)
        self.world.on_accepted(self._to, subject, loud)
        if fault in {LOST, TAKEN_5XX}:
            for post in posts:
                post.cause = fault
            raise UnacknowledgedError(fault)
        if fault == DIES_AFTER:
            self.worker.die()
        self.worker.moment()
        return place or f"C1/{sum(self.world.injected.values())}"

    @property
    def _to(self) -> str:
        return self.destination or self.worker.channel

    def _check_owner(self, subject: Notification | Digest) -> None:
        """No message to a person shows another person's resource."""
        person = person_of(self.destination)
        shown = subject.transitions if isinstance(subject, Digest) else (subject.transition,)
        others = {each.snapshot.tags.get("owner", "") for each in shown} - {person}
        if person and others:
            self.world.wrong.append(f"a message to {person} shows resources of {others}")


def _news(subject: Notification | Digest, channel: str) -> list[Notification]:
    """The notifications that a message announces for the first time; an updated card announces none."""
    if isinstance(subject, Notification):
        return [] if subject.refresh else [subject]
    everything = (Notification(each, channel) for each in subject.transitions)
    return [each for each in everything if each.id in subject.news]


def _complaint(post: Post, before: list[Post]) -> str:
    """The error of sending this after the earlier posts, or an empty text; edits announced nothing."""
    before = [each for each in before if not (each.edit and each.id == post.id) and each.given_up != post.id]
    if post.edit or (post.may_repeat and post.id in {each.id for each in before}):
        # the line about a job's last tasks stands beside its card, and replaces no end that may be lost
        before = [each for each in before if not is_last_tasks(each.status)]
    if not before or (post.id == before[-1].id and post.edit):
        return ""
    if post.id == before[-1].id:
        return "" if post.may_repeat else "an unmarked repeat"
    if post.rank < before[-1].rank:
        return BACKWARDS
    if post.rank == before[-1].rank and not (is_last_tasks(post.status) or is_unreachable(post.status)):
        return "another end without a mark"
    return "a second correction" if post.rank[1] and before[-1].rank[1] else ""
