"""Counts beside a group's messages: its open resources, and the quantum tasks of a reservation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Children
from braket_notifier.grouping.keys import LATE, MANY, reservation_of
from braket_notifier.grouping.ports import Entry
from braket_notifier.tracking.ports import Counts


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of the group are open, and how its reservation's quantum tasks stand; None: unknown."""

    open: int | None = None
    reservation: Children | None = None
    #: Nothing of the group seems open, but only a sweep that began after its last end shows that.
    awaits_sweep: bool = False


def count(key: str, entries: Sequence[Entry], counts: Counts, policy: Policy) -> Counted:
    """Count what is open; the end of the group is known once a sweep has begun after its last end."""
    counted = _counted(key, entries, counts, policy)
    if counted.open == 0 and not _swept_since(entries, counts, policy.regions):
        return replace(counted, open=None, awaits_sweep=True)
    return counted


def _counted(key: str, entries: Sequence[Entry], counts: Counts, policy: Policy) -> Counted:
    """A reservation of which fewer are known than were left over is not known whole."""
    if key in {MANY, *LATE} or not entries:
        return Counted()
    if arn := reservation_of(key):
        tasks = counts.children(arn)
        return Counted(tasks.submitted - tasks.finished, tasks) if tasks.cancelled >= len(entries) else Counted()
    among = entries[0].notification.transition.snapshot.open_in
    return Counted(open_of(key, among, counts.count_open(among, policy.regions)))


def _swept_since(entries: Sequence[Entry], counts: Counts, regions: Collection[str]) -> bool:
    """Whether each watched region's last complete pass began after the last end there; a task may be unknown before.

    No sweep shows the end of a group whose regions are no longer watched.
    """
    moves = [each.notification.transition for each in entries]
    ends = [(each.arn.region, at) for each in moves if (at := each.snapshot.ended_at or each.at)]
    watched = [(region, at) for region, at in ends if region in regions]
    passes = {region: counts.last_pass(region) for region in {region for region, _ in watched}}
    is_swept = all((began := passes[region]) is not None and began >= at for region, at in watched)
    return is_swept and (bool(watched) or not ends)


def open_of(key: str, among: str, counted: int) -> int | None:
    """How many of a group are open, if `counted` are open in the index `among`; None: unknown.

    The index of a device knows no owners, so only a count of zero holds for each person's group.
    """
    return counted if key == among or not counted else None
