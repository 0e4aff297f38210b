"""Ninety days of one installation: a world with a timeline, its faults, and everything that its channels showed."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from braket_notifier.domain.destination import channel_of, direct
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.resource import Arn, Kind, Snapshot
from braket_notifier.sending.wire import encode_wake
from tests.prove.months.expiring import ExpiringGroups, ExpiringSnapshots
from tests.prove.months.rules import (
    AFTER_KILL,
    CHANNELS,
    DAY,
    DESTINATIONS,
    DIRECT,
    HOUR,
    KNOWN,
    MINUTE,
    NONE,
    Block,
    Calendar,
    Settings,
)
from tests.prove.world import CALM, TICK, World
from tests.prove.world_braket import DEVICE, Resource, event
from tests.prove.world_worker import Plan, Worker

if TYPE_CHECKING:
    from braket_notifier.domain.transition import Transition

Key = tuple[str, str, str]
#: A change of the settings is in force in every function after this time; the commands wake the channels then.
WOKEN_AFTER = timedelta(seconds=70)
#: A sender that has just asked whether the channel is held may be in the middle of its message.
IN_FLIGHT, NOW = timedelta(seconds=20), timedelta(0)
#: The edit of a card follows its announcement so soon.
BESIDE = timedelta(seconds=10)
#: For so long after something happened the sweep runs as often as it should; an idle world needs it once an hour.
LIVELY = timedelta(minutes=40)


@dataclass
class End:
    """An end of a resource, and when copies of its event arrived."""

    resource: Resource
    life: Snapshot
    at: datetime
    arrivals: list[datetime] = field(default_factory=list)
    #: The first arrival of any earlier event.
    known_at: datetime | None = None
    #: An earlier end that this one corrects, and when a later one corrected it.
    corrects: bool = False
    corrected_at: datetime | None = None

    @property
    def trial(self) -> bool:
        return "trial" in self.life.tags

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that may be notified; the direct one writes to nobody whose owner is unknown."""
        return tuple(each for each in CHANNELS if each != DIRECT or self.life.tags["owner"] in KNOWN)

    def key(self, channel: str) -> Key:
        to = direct(channel, self.life.tags["owner"]) if channel == DIRECT else channel
        return self.life.arn.text, self.life.status, to


@dataclass
class Month(World):
    """A world in which actions are scheduled before it runs."""

    groups: ExpiringGroups = field(default_factory=ExpiringGroups)
    snapshots: ExpiringSnapshots = field(default_factory=ExpiringSnapshots)
    calendar: Calendar = field(default_factory=lambda: Calendar([]))
    timeline: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)
    blocks: defaultdict[str, list[Block]] = field(default_factory=lambda: defaultdict(list))
    outages: list[tuple[str, datetime, datetime, str]] = field(default_factory=list)
    #: Every outage of the history, also after the end of all faults.
    outages_before: list[tuple[str, datetime, datetime, str]] = field(default_factory=list)
    #: Chance that an invocation is killed, and ranges of time without events or functions.
    killing: float = 0.0
    #: Chance that a second sender gets a channel's records meanwhile.
    racing: float = 0.0
    #: The regions that were taken out, and added again.
    out: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    #: When each destination was notified aloud.
    rang: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    #: When somebody deleted a card of each destination, which a new message then replaces.
    deleted: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    silent_until: dict[str, datetime] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    arrived: dict[str, datetime] = field(default_factory=dict)
    shown: dict[Key, datetime] = field(default_factory=dict)
    heard: dict[Key, datetime] = field(default_factory=dict)
    #: The last message of each destination.
    written: dict[str, datetime] = field(default_factory=dict)
    #: Notifications whose queue records were lost while they waited in a group.
    purged: set[Key] = field(default_factory=set)
    purges: list[datetime] = field(default_factory=list)
    restores: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    #: When the next version was rolled back and deployed again, and the resources whose rows it had written by then.
    rollbacks: list[tuple[datetime, datetime]] = field(default_factory=list)
    of_next: set[Arn] = field(default_factory=set)
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    swept_next: datetime = field(init=False)
    lively_until: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.digests, self.on_accepted, self.fault = True, self._accepted, self._fault
        self.on_deleted = lambda channel: self.deleted[channel].append(self.now)
        super().__post_init__()
        self.swept_next = self.lively_until = self.now

    # --- what is scheduled ------------------------------------------------------------------------------------------

    def plan(self, at: datetime, action: Callable[[], object]) -> None:
        heapq.heappush(self.timeline, (at, next(self.numbers), action))

    @property
    def settings(self) -> Settings:
        return self.calendar.changes[-1][1]

    def change(self, settings: Settings) -> None:
        """Change the settings now, and wake the channels as the commands do."""
        self.calendar.changes.append((self.now, settings))
        self.policy = settings.policy
        self.watch = replace(self.watch, regions=frozenset(settings.regions))
        for each in DESTINATIONS:
            self.plan(self.now + WOKEN_AFTER, partial(self.wakes, each))

    def wakes(self, destination: str) -> None:
        self.queues[channel_of(destination)].put(encode_wake(Wake(destination, self.now)), self.now)

    def submit(self, kind: Kind, region: str, at: datetime, listed: timedelta = timedelta(0), **words: Any) -> Resource:
        """Submit a resource with these members; call it when its time has come."""
        resource = self.braket.submit(kind, region, at, unlisted=listed)
        tags = {**resource.truth.tags, **words.pop("tags", {})}
        resource.lives[0] = replace(resource.lives[0], **{"device": DEVICE, "tags": tags, **words})
        return resource

    def moves(self, resource: Resource, status: str, delays: tuple[float, ...] = (2.0,), reason: str = "") -> None:
        """Braket moves on now, and copies of its event come after some seconds each, or never."""
        resource.moves(status, self.now)
        resource.lives[-1] = replace(resource.truth, failure_reason=reason)
        lost = self.now < self.silent_until.get("events", self.now) or self.is_out(resource.arn.region, self.now)
        delays = () if lost else delays
        arrivals = [self.now + timedelta(seconds=each) for each in delays]
        for at in arrivals:
            self.events.put(event(resource.truth, self.now), at)
        if resource.ends:
            known = self.arrived.get(resource.arn.text)
            before = [each for each in self.ends if each.resource is resource]
            for each in before:
                each.corrected_at = self.now
            self.ends.append(End(resource, resource.truth, self.now, arrivals, known, bool(before)))
        elif arrivals:
            self.arrived.setdefault(resource.arn.text, min(arrivals))

    def is_out(self, region: str, at: datetime) -> bool:
        return any(name == region and since <= at < until for name, since, until in self.out)

    # --- time -------------------------------------------------------------------------------------------------------

    def runs(self, until: datetime) -> None:
        """Run everything that is due, in order, until then."""
        while (at := self._next()) < until:
            self.now = max(self.now, at)
            while self.timeline and self.timeline[0][0] <= self.now:
                heapq.heappop(self.timeline)[2]()
                self.lively_until = self.now + LIVELY
                self.swept_next = min(self.swept_next, self.now + TICK * self.random.random())
            if self.now >= self.swept_next:
                if not self._stopped("sweep"):
                    self.sweeps(self._fate())
                self.swept_next = self.now + (TICK if self.now < self.lively_until else self._idle_for())
            if not self._stopped("observe"):
                self.observes(self._fate())
            for channel in CHANNELS:
                if not self._stopped(channel) and self._delivers(channel):
                    self.lively_until = max(self.lively_until, self.now + TICK)
                    self.now += timedelta(milliseconds=200)
            for queue in self.queues.values():
                self.wrong += [f"SQS deleted {body[:150]}" for body in queue.deletes_old()]
        self.now = max(self.now, until)

    def _delivers(self, channel: str) -> int:
        if self.random.random() >= self.racing:
            return self.delivers(channel, self._fate())
        plan = Plan(overtaken_at=self.random.randint(1, 40))
        return self.delivers(channel, plan, meanwhile=lambda: self.delivers(channel, again=True))

    def _next(self) -> datetime:
        """When the next function or action is due."""
        found = [self.swept_next, *([self.timeline[0][0]] if self.timeline else [])]
        for name, queue in (("observe", self.events), *self.queues.items()):
            if visible := queue.next_visible(self.now):
                found.append(max(visible, self.silent_until.get(name, visible)))
        return min(found)

    def _idle_for(self) -> timedelta:
        """Until the next full hour, but not longer than until a group is overdue."""
        hour = self.now.replace(minute=1, second=0) + HOUR - self.now
        visits = [at - self.now + 2.1 * MINUTE for at in self.groups.visits.values() if at]
        return max(min([hour, *(each for each in visits if each > NOW)]), TICK)

    def _stopped(self, function: str) -> bool:
        return self.now < self.silent_until.get(function, self.now)

    def _fate(self) -> Plan:
        return Plan(dies_at=self.random.randint(1, 60)) if self.random.random() < self.killing else CALM

    def _run(self, handler: Any, given: Any, worker: Worker, queue: Any = None) -> Any:
        began, name = self.now, worker.channel or ("observe" if queue else "sweep")
        self.groups.version = self.snapshots.version = self.version
        answer = super()._run(handler, given, worker, queue)
        if worker.dead:
            self.counts["kills"] += 1
            self.blocks[name].append(Block(began, self.now, AFTER_KILL + (self.now - began)))
        return answer

    # --- what channels answer and show ------------------------------------------------------------------------------

    def _fault(self, channel: str) -> str:
        found = (kind for name, since, until, kind in self.outages if name == channel and since <= self.now < until)
        return next(found, "")

    def _accepted(self, to: str, subject: Notification | Digest, loud: bool) -> None:
        if isinstance(subject, Notification):
            news = [subject.transition]
            everything: tuple[Transition, ...] = (subject.transition,)
        else:
            everything = subject.transitions
            news = [each for each in everything if Notification(each, to).id in subject.news]
        statuses = {each.status for each in news} or {NONE}
        self.counts["messages"] += 1
        beside = not (news or loud) and self.now - self.written.get(to, self.now - DAY) < BESIDE
        if not beside and any(self._is_held(channel_of(to), each) for each in statuses):
            self.wrong.append(f"{self.now:%d %b %H:%M:%S} {to} was written to in a hold: {statuses}")
        self.written[to] = self.now
        if loud:
            self.rang[to].append(self.now)
        for each in everything:
            key = (each.arn.text, each.status, to)
            shown_before = self.now - self.shown.get(key, self.now)
            if isinstance(subject, Digest) and news and each not in news and shown_before > 8 * DAY:
                self.wrong.append(f"{self.now:%d %b %H:%M:%S} a digest counts {each.arn.short_id} of an earlier batch")
            if each in news:
                self.shown.setdefault(key, self.now)
            if loud:
                self.heard.setdefault(key, self.now)
        if isinstance(subject, Digest):
            self._finished(to, [each for batch in subject.finished for each in batch])

    def _finished(self, to: str, counted: Sequence["Transition"]) -> None:
        """The line about a batch that is finished counts what the destination was sent of late, and nothing else."""
        for each in counted:
            shown = self.shown.get((each.arn.text, each.status, to), self.now - 9 * DAY)
            if self.now - shown > 8 * DAY:
                self.wrong.append(f"{self.now:%d %b %H:%M:%S} a line counts {each.arn.short_id} of an earlier batch")
        self.counts["counted as finished"] += len(counted)

    def _is_held(self, channel: str, status: str) -> bool:
        return all(self.calendar.held(channel, status, self.now - ago) for ago in (IN_FLIGHT, NOW))
