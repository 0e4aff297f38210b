"""Wrong designs, each of which differs from ours in one thing. The walk must find the resulting fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.events import ParsedEvent
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.errors import MalformedEventError
from braket_notifier.observe import Prefetched
from braket_notifier.routing.routes import notifications
from braket_notifier.sending.ports import Claim, Progress
from braket_notifier.tracking import record
from braket_notifier.tracking.detect import believe, pending, step
from braket_notifier.tracking.ports import OpenRow, Recorded
from braket_notifier.tracking.record import TrackingPorts
from tests.prove.interleavings.replay import Ports
from tests.prove.interleavings.stories import (
    EVENT_AND_DUPLICATE,
    NO_LEASE,
    OVERTAKEN,
    PASSED_ON,
    REDRIVEN,
    RESTORED,
    RUNNING_THEN_COMPLETED,
    TWO_PEOPLE,
    TWO_SENDERS,
    TWO_SWEEPS,
    without_faults,
)
from tests.prove.interleavings.story import NOON, Story
from tests.prove.interleavings.workers import CHANNEL, ClockedChannel, Design


@dataclass(frozen=True)
class Straight:
    """Channel queues that send each enqueued record to the channel at once."""

    channel: ClockedChannel

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        for each in notifications:
            self.channel.send(each, may_repeat=False)


def straight(ports: Ports) -> Straight:
    return Straight(ClockedChannel(ports))


def _truth(event: ParsedEvent, receives: int, prefetched: Prefetched) -> Snapshot:
    if isinstance(event, MalformedEventError):
        raise event
    answer = prefetched.answers.get(event.snapshot.arn)
    return believe(event, answer if isinstance(answer, Snapshot) else None, receives)


def snapshot_then_publish(event: ParsedEvent, receives: int, prefetched: Prefetched, ports: TrackingPorts) -> None:
    truth = _truth(event, receives, prefetched)
    old = ports.snapshots.get(truth.arn)
    if truth.supersedes(old.snapshot if old else None):
        recorded = ports.snapshots.record(truth, step(truth, "event"), announce=True, now=ports.clock())
        record.enqueue(recorded.row, ports)


def publish_then_snapshot(event: ParsedEvent, receives: int, prefetched: Prefetched, ports: TrackingPorts) -> None:
    truth = _truth(event, receives, prefetched)
    old = ports.snapshots.get(truth.arn)
    if old and truth.supersedes(old.snapshot):
        ahead = replace(old, snapshot=truth, history=(*old.history, step(truth, "event")))
        ports.queues.enqueue(
            [each for transition in pending(ahead) for each in notifications(transition, ports.policy)]
        )
        ports.snapshots.record(truth, step(truth, "event"), announce=True, now=ports.clock())


class NoMarker(MemorySnapshots):
    """The row is conditional and does not remember undispatched versions."""

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        recorded = super().record(snapshot, step, announce=announce, now=now)
        self.dispatched(recorded.row, now)
        return recorded if recorded.moved else Recorded(self.rows[snapshot.arn], moved=False)


class NoLease(MemoryLedger):
    """A claim excludes no other worker."""

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        if row := self.rows.get(notification.id):
            row.lease_until = None
        return super().claim(notification, owner=owner, now=now)


class MarksFirst(MemoryLedger):
    """A claim marks the notification as delivered already."""

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        claim = super().claim(notification, owner=owner, now=now)
        if claim.granted:
            self.delivered(notification, now=now)
        return claim


class MarksPassedOnFirst(MemoryLedger):
    """A notification counts as passed on before the fallback's queue has it."""

    def progress(self, notification: Notification) -> Progress:
        before = super().progress(notification)
        if notification.id in self.rows:
            self.passed_on(notification, to=CHANNEL, now=NOON)
        return before


class NoRank(MemorySnapshots):
    """Every record moves the row."""

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        old = self.rows.get(snapshot.arn)
        if old is None:
            return super().record(snapshot, step, announce=announce, now=now)
        self.rows[snapshot.arn] = replace(old, snapshot=snapshot, history=(*old.history, step))
        self.changed[snapshot.arn] = now
        self.closed.discard(snapshot.arn)
        return Recorded(self.rows[snapshot.arn], moved=True)


@dataclass
class PendingExpires(MemorySnapshots):
    """An ended row expires, dispatched or not."""

    closed: set[Arn] = field(default_factory=set)

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        recorded = super().record(snapshot, step, announce=announce, now=now)
        if recorded.row.snapshot.terminal:
            self.closed.add(snapshot.arn)
        return recorded

    def open(self, region: str) -> Sequence[OpenRow]:
        expiring, self.closed = self.closed, set()
        rows = [each for each in super().open(region) if each.undispatched or each.arn not in expiring]
        self.closed = expiring
        return rows


class ReopensDelivered(MemoryLedger):
    """A redrive reopens its listed rows, whatever has become of them since."""

    def reopen(self, notification: Notification, *, now: datetime, superseded: bool = False) -> bool:
        self.rows[notification.id].state = "UNDELIVERED"
        return super().reopen(notification, now=now, superseded=superseded)


@dataclass(frozen=True)
class ByVersion(Notification):
    """A notification whose id contains the row's version instead of the status."""

    @property
    def id(self) -> str:
        return sha256(f"{self.transition.arn}|{self.transition.version}|{self.channel}".encode()).hexdigest()[:16]


def ledger_by(key: Callable[[Notification], Notification]) -> type[MemoryLedger]:
    """A ledger with one row for each key."""

    class Keyed(MemoryLedger):
        def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
            return super().claim(key(notification), owner=owner, now=now)

        def progress(self, notification: Notification) -> Progress:
            return super().progress(key(notification))

        def delivered(self, notification: Notification, *, now: datetime) -> None:
            super().delivered(key(notification), now=now)

        def release(self, notification: Notification, *, owner: str, unsure: bool = False) -> None:
            super().release(key(notification), owner=owner, unsure=unsure)

    return Keyed


def _by_version(notification: Notification) -> Notification:
    return ByVersion(notification.transition, notification.channel, notification.silent)


def _of_all_people(notification: Notification) -> Notification:
    return replace(notification, channel=channel_of(notification.channel))


@dataclass(frozen=True)
class Wrong:
    """A wrong design, a story that shows it, and the fault that must be found."""

    design: Design
    story: Story
    finds: str


A = Design("snapshot then publish", snapshot_then_publish, snapshots=NoMarker, queues=straight, has_ledger=False)
B = Design("publish then snapshot", publish_then_snapshot, snapshots=NoMarker, queues=straight, has_ledger=False)
NO_CHANNEL_LEASE = Design("no channel lease", takes_lease=False)
WRONG = (
    Wrong(A, EVENT_AND_DUPLICATE, "lost"),
    Wrong(B, without_faults(EVENT_AND_DUPLICATE), "avoidable repeat"),
    Wrong(Design("conditional snapshot then publish", snapshots=NoMarker), EVENT_AND_DUPLICATE, "lost"),
    Wrong(Design("no lease in the ledger", ledger=NoLease), without_faults(NO_LEASE), "avoidable repeat"),
    Wrong(Design("mark before send", ledger=MarksFirst), TWO_SENDERS, "lost"),
    Wrong(Design("client retries", clients_retry_sends=True), TWO_SENDERS, "avoidable repeat"),
    Wrong(Design("no rank condition", snapshots=NoRank), without_faults(RUNNING_THEN_COMPLETED), "row backwards"),
    Wrong(Design("TTL on pending", snapshots=PendingExpires), TWO_SWEEPS, "lost"),
    Wrong(Design("ledger by version after a restore", ledger=ledger_by(_by_version)), without_faults(RESTORED), "lost"),
    Wrong(
        Design("redrive of delivered notifications", ledger=ReopensDelivered),
        without_faults(REDRIVEN),
        "avoidable repeat",
    ),
    Wrong(Design("mark before passing on", ledger=MarksPassedOnFirst), PASSED_ON, "lost"),
    Wrong(Design("one row for all people", ledger=ledger_by(_of_all_people)), without_faults(TWO_PEOPLE), "lost"),
    Wrong(NO_CHANNEL_LEASE, without_faults(OVERTAKEN), "sent backwards"),
    Wrong(NO_CHANNEL_LEASE, without_faults(OVERTAKEN), "too fast"),
)
