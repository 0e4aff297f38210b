"""Tables in memory whose rows expire, in any order and some days late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from braket_notifier.adapters.dynamodb import delivery_keys as dynamo
from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Step
from braket_notifier.errors import NewerVersionError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.ports import Entry
from braket_notifier.tracking.ports import Recorded

#: A group in which nothing waits owes nothing.
IDLE_KEPT = timedelta(days=15)
#: Share of the expired rows that DynamoDB deletes in a day.
DELETED_A_DAY = 0.25


@dataclass
class ExpiringGroups(MemoryGroups):
    """Groups and entries that expire as the table's rows do; a group in which nothing waits goes long before."""

    groups_expire: dict[tuple[str, str], datetime] = field(default_factory=dict)
    entries_expire: dict[tuple[str, str, int, str], datetime] = field(default_factory=dict)
    #: The version that runs, and the groups that a later one has written.
    version: int = 1
    later: dict[tuple[str, str], int] = field(default_factory=dict)

    def get(self, channel: str, key: str) -> Group:
        if self._is_later(channel, key):
            raise NewerVersionError(key)
        return super().get(channel, key)

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        saved = not self._is_later(channel, key) and super().save(channel, key, group, now=now, visit_at=visit_at)
        if saved:
            self.later[channel, key] = self.version
            self.groups_expire[channel, key] = now + (dynamo.KEPT if visit_at else IDLE_KEPT)
        return saved

    def _is_later(self, channel: str, key: str) -> bool:
        return self.later.get((channel, key), 1) > self.version

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        super().add(key, episode, entry, now=now)
        channel, number = entry.notification.channel, entry.notification.id
        shown = self.added[channel, key, episode][number].shown
        if entry.shown or not shown:
            self.entries_expire[channel, key, episode, number] = now + dynamo.KEPT

    def expire(self, now: datetime, random: Random) -> int:
        """Delete some of the rows that have expired."""
        groups = [key for key, at in self.groups_expire.items() if at < now and random.random() < DELETED_A_DAY]
        entries = [key for key, at in self.entries_expire.items() if at < now and random.random() < DELETED_A_DAY]
        for of in groups:
            del self.groups_expire[of]
            self.groups.pop(of, None)
            self.later.pop(of, None)
            self.visits.pop(of, None)
        for channel, key, episode, number in entries:
            del self.entries_expire[channel, key, episode, number]
            self.added.get((channel, key, episode), {}).pop(number, None)
        return len(groups) + len(entries)


@dataclass
class ExpiringSnapshots(MemorySnapshots):
    """Rows that expire some time after the end of their resources, and rows that only the next version can read.

    An earlier version neither reads nor writes such a row. It finds it in the indexes and by its rank, because they
    have no attribute that shows the version.
    """

    version: int = 1
    #: The resources whose rows the next version has written.
    of_next: set[Arn] = field(default_factory=set)

    def record(self, snapshot: Snapshot, step: Step, *, announce: bool, now: datetime) -> Recorded:
        self._check(snapshot.arn)
        return super().record(snapshot, step, announce=announce, now=now)

    def record_dispatched(self, snapshot: Snapshot, step: Step, *, now: datetime) -> Recorded:
        self._check(snapshot.arn)
        return super().record_dispatched(snapshot, step, now=now)

    def get(self, arn: Arn) -> SnapshotRow | None:
        if self._is_later(arn):
            raise NewerVersionError(arn.text)
        return super().get(arn)

    def rows_of(self, arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]:
        return super().rows_of([arn for arn in arns if not self._is_later(arn)])

    def expire(self, now: datetime, random: Random, kept: timedelta) -> int:
        """Delete some of the rows that have expired."""
        closed = sorted(self.closed, key=str)  # a set of texts has another order in each process
        found = [arn for arn in closed if self.over[arn] + kept < now and random.random() < DELETED_A_DAY]
        for arn in found:
            for rows in (self.rows, self.changed, self.over):
                rows.pop(arn)
            self.closed.discard(arn)
            self.of_next.discard(arn)
        return len(found)

    def _check(self, arn: Arn) -> None:
        """Refuse the write of an earlier version; a later one makes the row its own."""
        if self._is_later(arn):
            raise NewerVersionError(arn.text)
        if self.version > 1:
            self.of_next.add(arn)

    def _is_later(self, arn: Arn) -> bool:
        return self.version == 1 and arn in self.of_next
