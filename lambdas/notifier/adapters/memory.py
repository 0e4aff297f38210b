"""Every port in memory: for tests, dry runs and explanations; held to the same contract as the real adapters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from notifier.digest import MOST_COUNTED
from notifier.model import Arn, Children, Kind, Notification, Snapshot, Step, Tracked, count_children
from notifier.ports import LEASE, Claim, Cursor, Finished, NotKnownError, OpenRow, Recorded, Slot, Window


@dataclass
class MemoryBraket:
    """A Braket that knows what it is told; a resource may also be given an exception to raise."""

    knows: dict[Arn, Snapshot | Exception] = field(default_factory=dict)
    listed: list[Snapshot] | None = None
    reads: list[Arn] = field(default_factory=list)

    def read(self, arn: Arn) -> Snapshot:
        self.reads.append(arn)
        found = self.knows.get(arn, NotKnownError("ResourceNotFoundException"))
        if isinstance(found, Exception):
            raise found
        return found

    def open_tasks(self, region: str, window: Window) -> Sequence[Snapshot]:
        return [each for each in self._listed(region, "task", window) if not each.terminal]

    def created(self, region: str, kind: Kind, window: Window) -> Sequence[Snapshot]:
        return [each for each in self._listed(region, kind, window) if each.created_at]

    def _listed(self, region: str, kind: Kind, window: Window) -> Sequence[Snapshot]:
        everything = [each for each in self.knows.values() if isinstance(each, Snapshot)]
        listed = everything if self.listed is None else self.listed
        return [e for e in listed if (e.arn.region, e.arn.kind) == (region, kind) and window.has(e.created_at)]


@dataclass
class MemorySnapshots:
    """The table `snapshots`."""

    rows: dict[Arn, Tracked] = field(default_factory=dict)
    changed: dict[Arn, datetime] = field(default_factory=dict)
    closed: set[Arn] = field(default_factory=set)
    over: dict[Arn, datetime] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    misses: dict[Arn, tuple[int, datetime]] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def record(self, snapshot: Snapshot, step: Step, *, told: bool, now: datetime) -> Recorded:
        arn, old = snapshot.arn, self.rows.get(snapshot.arn)
        if old is None:
            row = Tracked(snapshot, (step,), dispatched=int(told))
        elif snapshot.supersedes(old.snapshot):
            row = replace(old, snapshot=_joined(old.snapshot, snapshot), history=(*old.history, step))
        elif snapshot.corrects(old.snapshot) and not old.corrected:
            row = replace(old, snapshot=snapshot, history=(*old.history, step), corrected=True)
        else:
            return Recorded(old, moved=False)
        self.rows[arn], self.changed[arn] = row, now
        self.closed.discard(arn)
        return Recorded(row, moved=True)

    def dispatched(self, row: Tracked, now: datetime) -> None:
        current = self.rows[row.snapshot.arn]
        current = replace(current, dispatched=max(current.dispatched, row.version))
        self.rows[row.snapshot.arn] = current
        if current.snapshot.terminal and current.dispatched == current.version:
            self.closed.add(row.snapshot.arn)
            self.over[row.snapshot.arn] = row.snapshot.ended_at or now

    def get(self, arn: Arn) -> Tracked | None:
        return self.rows.get(arn)

    def known(self, arns: Sequence[Arn]) -> Mapping[Arn, Tracked]:
        return {arn: self.rows[arn] for arn in arns if arn in self.rows}

    def refresh(self, snapshot: Snapshot, version: int) -> bool:
        row, old = self.rows[snapshot.arn], self.rows[snapshot.arn].snapshot
        if row.version == version:
            kept = replace(snapshot, status=old.status, ended_at=old.ended_at, degraded=old.degraded)
            self.rows[snapshot.arn] = replace(row, snapshot=kept)
        return row.version == version

    def missed(self, arn: Arn, misses: int, now: datetime) -> None:
        self.misses[arn] = (misses, now)
        if not misses:
            self.misses.pop(arn)

    def children(self, of: str) -> Children:
        own = [row.snapshot for row in self.rows.values() if row.snapshot.part_of == of]
        return count_children([(each.status, each.incomplete) for each in own])

    def count_open(self, among: str) -> int:
        standing = [row.snapshot for row in self.rows.values()]
        return min(MOST_COUNTED, sum(each.open_in == among for each in standing if not each.terminal))

    def ranks(self, arns: Sequence[Arn]) -> Mapping[Arn, float]:
        return {arn: self.rows[arn].snapshot.rank for arn in arns if arn in self.rows}

    def open(self, region: str) -> Iterable[OpenRow]:
        return [
            OpenRow(
                arn,
                row.snapshot.rank,
                row.dispatched < row.version,
                self.changed[arn],
                row.snapshot.created_at,
                misses=self.misses.get(arn, (0, None))[0],
                missed_at=self.misses.get(arn, (0, None))[1],
                status=row.snapshot.status,
                device=row.snapshot.device,
            )
            for arn, row in self.rows.items()
            if arn.region == region and arn not in self.closed
        ]

    def some_open(self, region: str, most: int) -> Sequence[OpenRow]:
        return [*self.open(region)][:most]

    def ended(self, region: str, window: Window, most: int) -> Sequence[tuple[Arn, datetime]]:
        over = [(arn, at) for arn, at in self.over.items() if arn.region == region and window.has(at)]
        return sorted(over, key=lambda each: each[1], reverse=True)[:most]

    def start(self, region: str, now: datetime) -> datetime:
        return self.starts.setdefault(region, now)

    def take_cursor(self, region: str, *, owner: str, now: datetime, until: datetime) -> Cursor | None:
        holder, held_until = self.held.get(region, (owner, now))
        if holder != owner and held_until > now:
            return None
        self.held[region] = (owner, until)
        return self.cursors.get(region, Cursor())

    def leave_cursor(self, region: str, cursor: Cursor, *, owner: str) -> None:
        if self.held.get(region, ("", None))[0] == owner:
            self.cursors[region] = cursor
            del self.held[region]

    def swept(self, regions: Sequence[str]) -> Mapping[str, datetime]:
        found = {region: self.cursors.get(region, Cursor()).swept_at for region in regions}
        return {region: at for region, at in found.items() if at}


@dataclass
class MemoryChannelQueues:
    """The channels' queues, each notification as often as it was put."""

    put: list[Notification] = field(default_factory=list)

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        self.put.extend(notifications)


@dataclass
class MemoryLedgerRow:
    """One row of `deliveries`."""

    notification: Notification
    state: str
    owner: str
    lease_until: datetime | None
    attempts: int
    doubts: int
    first_claim: datetime
    unsure: bool = False
    reason: str = ""


@dataclass
class MemoryLedger:
    """The ledger `deliveries`, by notification id (one for each resource, channel and status)."""

    rows: dict[str, MemoryLedgerRow] = field(default_factory=dict)
    lease: timedelta = LEASE
    in_order: bool = True

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        row = self.rows.get(notification.id)
        if row is None:
            row = MemoryLedgerRow(notification, "CLAIMED", owner, now + self.lease, 1, 1, now)
            self.rows[notification.id] = row
        elif row.state not in {"CLAIMED", "REOPENED"}:
            return Claim(granted=False, finished=True, delivered=row.state == "DELIVERED")
        elif row.lease_until and row.lease_until > now:
            if row.owner != owner:
                wait = int((row.lease_until - now).total_seconds()) + 1
                return Claim(granted=False, attempts=row.attempts, wait_s=wait)
        else:
            row.state, row.owner, row.lease_until = "CLAIMED", owner, now + self.lease
            row.attempts, row.doubts = row.attempts + 1, row.doubts + 1
        if self.in_order and self._is_superseded(notification):
            row.state = "SUPERSEDED"
            return Claim(granted=False, finished=True)
        doubts = row.doubts - 1
        may_repeat = doubts > 0 or row.unsure
        return Claim(
            granted=True,
            attempts=row.attempts,
            doubts=doubts,
            may_repeat=may_repeat,
            first_claim=row.first_claim,
        )

    def _is_superseded(self, notification: Notification) -> bool:
        return any(
            row.notification.order > notification.order
            and (row.state in {"CLAIMED", "DELIVERED"} or row.unsure or row.doubts > 1)
            for row in list(self.rows.values())  # others are claimed meanwhile
            if row.notification.channel == notification.channel
            and row.notification.transition.arn == notification.transition.arn
        )

    def finished(self, notification: Notification) -> Finished | None:
        row = self.rows.get(notification.id)
        return Finished(row.state, row.reason) if row and row.state not in {"CLAIMED", "REOPENED"} else None

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:  # noqa: ARG002 - as below
        row = self.rows[notification.id]
        if row.owner == owner:
            row.state, row.reason = "SUPERSEDED", reason

    def delivered(self, notification: Notification, *, now: datetime) -> None:  # noqa: ARG002 - no clock in memory
        self.rows[notification.id].state = "DELIVERED"

    def release(self, notification: Notification, *, owner: str) -> None:
        row = self.rows[notification.id]
        if row.owner == owner and row.lease_until:
            row.lease_until, row.doubts = None, row.doubts - 1

    def undelivered(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:  # noqa: ARG002 - as above
        row = self.rows[notification.id]
        if row.owner == owner:
            row.state, row.reason = "UNDELIVERED", reason

    def all_undelivered(self) -> Iterable[Notification]:
        return [row.notification for row in self.rows.values() if row.state in {"UNDELIVERED", "REOPENED"}]

    def reopen(self, notification: Notification, *, now: datetime) -> bool:
        row = self.rows.get(notification.id)
        if row is None or row.state not in {"UNDELIVERED", "REOPENED"}:
            return False
        row.state, row.lease_until, row.first_claim = "REOPENED", None, now
        row.unsure, row.doubts = row.unsure or row.doubts > 1, 0
        return True


@dataclass
class MemoryTurns:
    """Whose turn it is in each channel."""

    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    slots: dict[str, datetime] = field(default_factory=dict)

    def take(self, channel: str, *, owner: str, now: datetime) -> Slot | None:
        holder, until = self.held.get(channel, (owner, now))
        if holder != owner and until > now:
            return None
        self.held[channel] = (owner, now + LEASE)
        return Slot(self.slots.setdefault(channel, now))

    def keep(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        if self.held.get(channel, ("", now))[0] != owner:
            return False
        self.held[channel], self.slots[channel] = (owner, now + LEASE), not_before
        return True

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        if self.held.get(channel, ("", now))[0] == owner:
            self.held[channel], self.slots[channel] = (owner, now), not_before


@dataclass
class MemoryChannel:
    """A channel that takes everything, except that it raises what it is given to raise, in order."""

    raises: list[Exception | None] = field(default_factory=list)
    taken: list[tuple[Notification, bool]] = field(default_factory=list)

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        if self.raises and (error := self.raises.pop(0)):
            raise error
        self.taken.append((notification, may_repeat))


@dataclass
class MemoryUndelivered:
    """The dead-letter queue: raw text and reason."""

    kept: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, raw: str, reason: str) -> None:
        self.kept.append((raw, reason))


def _joined(old: Snapshot, new: Snapshot) -> Snapshot:
    """A hint alone never overwrites the details that Braket once gave."""
    return replace(old, status=new.status, ended_at=new.ended_at, degraded=True) if new.degraded else new
