"""A story whose every order can be walked: its workers, and the expected notifications."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.braket.events import Watch
from braket_notifier.domain.destination import direct
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy, Route
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Step, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.tracking.ports import Cursor
from tests.prove.interleavings.check import Way
from tests.prove.interleavings.explorer import Worker
from tests.prove.interleavings.replay import Body
from tests.prove.interleavings.stores import HIDDEN, RecordingChannel, Truth
from tests.prove.interleavings.workers import (
    CHANNEL,
    DIRECT,
    REGION,
    Design,
    Settings,
    braket_moves,
    deliverer,
    observer,
    redriving,
    relaying,
    sweeping,
    to_people,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ACCOUNT = "012345678901"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
#: A relay handles only rows older than a minute, so its clock is ahead by the recorder's stall.
STALLED = timedelta(minutes=2)
SWEPT_BEFORE = Cursor(watermark=NOON - 3 * STALLED, looked_back_at=NOON - 3 * STALLED)
BOTH: tuple[Way, ...] = ("sweeps alone", "events alone")
ENDS = ("COMPLETED", "FAILED", "CANCELLED")
POLICY = Policy(
    regions=(REGION,),
    time_zone="UTC",
    channels={CHANNEL: "slack"},
    routes=(
        Route((CHANNEL,), kind="task", status=ENDS),
        Route((CHANNEL,), kind="job", status=("RUNNING", *ENDS), silent=("RUNNING",)),
    ),
)
#: E-mails to two owners alone, so that the team's channel gets nothing but what is passed on.
TO_OWNERS = replace(
    POLICY,
    channels={CHANNEL: "slack", DIRECT: "email"},
    to_owner=(DIRECT,),
    people=tuple(Person(each, owns=(f"tag:owner={each}",), email_digest="a1") for each in ("anna", "ben")),
    routes=(Route((DIRECT,), kind="task", status=ENDS),),
)
ANNA, BEN = direct(DIRECT, "anna"), direct(DIRECT, "ben")
WATCH = Watch("aws.braket", "aws", ACCOUNT, frozenset(POLICY.regions))


@dataclass(frozen=True)
class Story:
    """The content of the stores, the events under way, and the workers."""

    name: str
    #: Each resource's status in Braket, and its later statuses.
    braket: Sequence[Snapshot]
    moves_to: Sequence[Snapshot] = ()
    rows: Sequence[SnapshotRow] = ()
    events: Sequence[Snapshot] = ()
    queued: Sequence[Notification] = ()
    #: The records of the channel that writes to owners, its senders, and the person whom it refuses.
    direct: Sequence[Notification] = ()
    to_people: int = 0
    refuses: str = ""
    policy: Policy = POLICY
    delivered: Sequence[Notification] = ()
    #: The notifications that were given up, and the number of operators who redrive them.
    given_up: Sequence[Notification] = ()
    redrives: int = 0
    relays: int = 0
    sweeps: int = 0
    deliverers: int = 2
    human: bool = True
    #: How often the channel asks for time first, the duration of the first sender's sends, and whether a received
    #: record stays visible, because a standard queue may deliver it to two workers at once.
    busy: int = 0
    slow_s: float = 0
    hides: bool = True
    ways: Sequence[Way] = BOTH
    faults: int = 1

    def settings(self, design: Design) -> Settings:
        return Settings(self.policy, WATCH, design)

    def workers(self, settings: Settings) -> list[Worker]:
        events = [event_of(each) for each in self.events]
        moves = {each.arn: each for each in self.moves_to}
        return [
            *([Worker("Braket", braket_moves(moves), mortal=False)] if moves else []),
            *(Worker(f"observe {n}", observer(n, each, settings)) for n, each in enumerate(events, 1)),
            *(Worker(f"relay {n}", relaying(settings, STALLED)) for n in range(1, self.relays + 1)),
            *(Worker(f"sweep {n}", sweeping(settings, STALLED)) for n in range(1, self.sweeps + 1)),
            *(Worker(f"redrive {n}", redriving(settings)) for n in range(1, self.redrives + 1)),
            *(Worker(f"people {n}", to_people(f"people {n}", settings)) for n in range(1, self.to_people + 1)),
            *(Worker(f"deliver {n}", self._deliverer(n, settings)) for n in range(1, self.deliverers + 1)),
        ]

    def _deliverer(self, n: int, settings: Settings) -> Body:
        return deliverer(f"deliver {n}", settings, human=self.human, takes_s=self.slow_s if n == 1 else 0)

    def stores(self, design: Design) -> Mapping[str, Any]:
        snapshots = design.snapshots(starts={REGION: NOON - timedelta(days=1)}, cursors={REGION: SWEPT_BEFORE})
        for row in self.rows:
            arn = row.snapshot.arn
            snapshots.rows[arn], snapshots.changed[arn] = row, NOON - STALLED
            if row.snapshot.terminal and row.dispatched == row.version:
                snapshots.closed.add(arn)
        hidden = HIDDEN if self.hides else timedelta(0)
        records: MemoryQueue[Notification] = MemoryQueue(hidden)
        to_owners: MemoryQueue[Notification] = MemoryQueue(hidden)
        events: MemoryQueue[str] = MemoryQueue()
        ledger, channel = design.ledger(), RecordingChannel(busy=self.busy, refuses=self.refuses)
        records.enqueue(self.queued)
        to_owners.enqueue(self.direct)
        events.enqueue([event_of(each) for each in self.events])
        for each in self.delivered:
            ledger.claim(each, owner="before", now=NOON - 2 * STALLED)
            ledger.delivered(each, now=NOON - 2 * STALLED)
            channel.send(each, may_repeat=False, at=NOON - 2 * STALLED)
        for each in self.given_up:
            ledger.claim(each, owner="before", now=NOON - 2 * STALLED)
            ledger.release(each, owner="before")
            ledger.undelivered(each, owner="before", reason="channel_not_found", now=NOON - 2 * STALLED)
        return {
            "snapshots": snapshots,
            "records": records,
            "direct": to_owners,
            "groups": MemoryGroups(),
            "ledger": ledger,
            "leases": MemoryChannelLeases(),
            "channel": channel,
            "braket": Truth(knows={each.arn: each for each in self.braket}),
            "events": events,
        }

    @property
    def expected(self) -> list[str]:
        """The ends that the routes choose, by id."""
        last = {each.arn: each for each in (*self.braket, *self.moves_to)}
        ends = [each for each in last.values() if each.terminal]
        return [each.id for end in ends for each in notifications(_transition(end), self.policy)]


def task(status: str, number: int = 1) -> Snapshot:
    return _snapshot(f"quantum-task/834b21ed-77a7-4b36-a90c-{number:012d}", status, created=timedelta(hours=4))


def job(status: str, *, created: timedelta = timedelta(hours=6)) -> Snapshot:
    return _snapshot("job/70b21eda-0000-4b36-a90c-000000000001", status, created=created)


def row(*snapshots: Snapshot, dispatched: int) -> SnapshotRow:
    """A row that went through these statuses."""
    steps = tuple(Step(each.status, None, "event") for each in snapshots)
    return SnapshotRow(snapshots[-1], steps, dispatched)


def addressed(snapshot: Snapshot, version: int = 2, to: str = CHANNEL) -> Notification:
    return Notification(_transition(snapshot, version), to)


def of_anna(**tags: str) -> Snapshot:
    return replace(task("COMPLETED"), tags={"owner": "anna", **tags})


def _transition(snapshot: Snapshot, version: int = 2) -> Transition:
    return Transition(snapshot, snapshot.status, "RUNNING", snapshot.ended_at, None, version, "event")


def _snapshot(resource: str, status: str, created: timedelta) -> Snapshot:
    ended = NOON - timedelta(seconds=5) if status in ENDS else None
    arn = parse_arn(f"arn:aws:braket:{REGION}:{ACCOUNT}:{resource}")
    return Snapshot(arn, status, created_at=NOON - created, ended_at=ended, device=GARNET)


def event_of(snapshot: Snapshot) -> str:
    kinds = {"task": ("Braket Task State Change", "quantumTaskArn"), "job": ("Braket Job State Change", "jobArn")}
    detail_type, key = kinds[snapshot.arn.kind]
    detail = {key: str(snapshot.arn), "status": snapshot.status, "deviceArn": snapshot.device}
    if snapshot.ended_at:
        detail["endedAt"] = snapshot.ended_at.isoformat()
    return json.dumps(
        {
            "detail-type": detail_type,
            "source": WATCH.source,
            "account": ACCOUNT,
            "region": REGION,
            "time": NOON.isoformat(),
            "resources": [str(snapshot.arn)],
            "detail": detail,
        }
    )
