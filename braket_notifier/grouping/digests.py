"""The digest of a group, and the counts beside it: open resources, and the quantum tasks of a reservation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from braket_notifier.braket.devices import device
from braket_notifier.domain.digest import Digest, Occasion
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Children, count_children
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.keys import AWAY, LATE, OF_MANY, QUIET, key_of, reservation_of, whose
from braket_notifier.grouping.ports import Entry
from braket_notifier.sending.fallback import is_bare
from braket_notifier.text.wording import clean
from braket_notifier.tracking.detect import is_failing
from braket_notifier.tracking.ports import Counts


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of the group are open, and how its reservation's quantum tasks stand; None: unknown."""

    open: int | None = None
    reservation: Children | None = None
    #: Nothing of the group seems open, but only a sweep that began after its last end shows that.
    awaits_sweep: bool = False
    #: Each batch of a message about several groups of which nothing is open, with all of it that was or will be sent.
    finished: tuple[tuple[Transition, ...], ...] = ()


def count(key: str, entries: Sequence[Entry], counts: Counts, policy: Policy) -> Counted:
    """Count what is open; the end of the group is known once a sweep has begun after its last end."""
    counted = _counted(key, entries, counts, policy)
    if counted.open == 0 and not _swept_since(entries, counts, policy.regions):
        return replace(counted, open=None, awaits_sweep=True)
    return counted


def _counted(key: str, entries: Sequence[Entry], counts: Counts, policy: Policy) -> Counted:
    """A reservation of which fewer are known than were left over is not known whole."""
    if key in {*OF_MANY, *LATE} or not entries:
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


def digest_of(
    key: str,
    transitions: Sequence[Transition],
    policy: Policy,
    *,
    news: tuple[str, ...],
    closing: bool,
    still_open: int | None,
    reservation: Children | None,
) -> Digest:
    ordered = in_order(transitions)
    occasion: Occasion = "away" if key == AWAY else "quiet" if key == QUIET else "many"
    batch = ordered[0].snapshot.tags.get("batch", "") if key.startswith("batch ") else ""
    title = _title(key, ordered, policy) if occasion == "many" else ""
    return Digest(title, ordered, occasion, still_open, closing, batch, reservation, news)


def is_failing_batch(key: str, transitions: Sequence[Transition], share: float, at_least: int) -> bool:
    """Whether enough of the ended tasks of a batch failed to warn of it, as a hybrid job is warned of."""
    if not key.startswith("batch "):
        return False
    latest = {each.arn: each.snapshot for each in in_order(transitions) if each.snapshot.terminal}
    return is_failing(count_children([(each.status, each.incomplete) for each in latest.values()]), share, at_least)


def _title(key: str, ordered: Sequence[Transition], policy: Policy) -> str:
    first = ordered[0].snapshot
    if key in OF_MANY:
        keys = {key_of(each, policy) for each in ordered}
        return _title(keys.pop(), ordered, policy) if len(keys) == 1 else "many tasks and jobs"
    if arn := reservation_of(key):
        return f"reservation {clean(arn).rsplit('/', 1)[-1][:8]}"
    if all(is_bare(each.snapshot) for each in ordered):
        return "tasks of people who cannot be reached"
    if first.open_in.startswith("device "):
        place, where = whose(ordered[0], policy), device(first.device).full or "unknown device"
        folder = clean(place.removeprefix(f"{first.bucket}/"))
        return f"{folder} on {where}" if folder else where
    if key.startswith("batch "):
        return clean(first.tags["batch"])
    named = next((each.snapshot.job_name for each in ordered if each.snapshot.job_name), "")
    return clean(named) or f"hybrid job {key.rsplit('/', 1)[-1][:8]}"


def in_order(transitions: Sequence[Transition]) -> tuple[Transition, ...]:
    """Sort by when each resource last moved, and of one resource by rank: Braket gives no time for some statuses."""
    moved: dict[Arn, float] = {}
    for each in transitions:
        at = each.at or each.snapshot.ended_at
        moved[each.arn] = max(moved.get(each.arn, 0.0), at.timestamp() if at else 0.0)
    return tuple(sorted(transitions, key=lambda each: (moved[each.arn], each.arn.text, each.order, each.beside_card)))
