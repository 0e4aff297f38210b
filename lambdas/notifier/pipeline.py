"""How one status change travels: observe or sweep → record → route → enqueue; then `delivery` takes over.

    event ──► observe ──┐
                        ├─► record ─► enqueue ─► (channel's queue) ─► deliver ─► channel
    schedule ─► sweep ──┘

Plain functions over the ports; what they decide is decided by pure functions of detect, route and render.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from notifier.braket import MalformedEventError, Watch, parse_event
from notifier.detect import PutBackError, believe, is_old, pending, step
from notifier.model import TERMINAL_RANK, Arn, Hint, Snapshot, Source, Tracked
from notifier.policy import Policy
from notifier.ports import Braket, BusyError, ChannelQueues, Recorded, Snapshots, UnreadableError
from notifier.retry import busy_wait_s
from notifier.route import notifications

READERS = 8
RELAY_AFTER = timedelta(minutes=1)
SEARCH_OVERLAP = timedelta(minutes=15)
#: An event proves that the rule existed when Braket changed the status, even if nothing of ours had run yet.
EVENT_GRACE = timedelta(minutes=5)
NO_GRACE = timedelta(0)
#: So many resources that Braket is too busy for end a sweep: it is not them.
MOST_BUSY = 3

Clock = Callable[[], datetime]
Truths = Mapping[Arn, Snapshot | Exception]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where news is recorded and passed on."""

    snapshots: Snapshots
    queues: ChannelQueues
    policy: Policy
    clock: Clock


# --- observe -----------------------------------------------------------------------------------------------------


def read_truths(
    bodies: Iterable[str], watch: Watch, braket: Braket, late: Callable[[], bool] = lambda: False
) -> Truths:
    """Ask Braket about every resource that a batch of events names: once each, and concurrently.

    A Braket that hangs would use up the whole batch's time: once it is `late`, nothing more is asked.
    """
    arns = {hint.snapshot.arn for hint in _readable(bodies, watch)}
    with ThreadPoolExecutor(READERS) as readers:
        return dict(readers.map(lambda arn: (arn, _ask(braket, arn, late)), arns))


def observe(body: str, receives: int, truths: Truths, watch: Watch, desk: Desk) -> Recorded:
    """Take one event as a hint and Braket's answer as the truth; MalformedEventError, PutBackError."""
    hint = parse_event(body, watch)
    truth = truths[hint.snapshot.arn]
    if isinstance(truth, BusyError):
        raise PutBackError(busy_wait_s(receives), f"Braket is busy: {truth}")
    if isinstance(truth, Exception) and not isinstance(truth, UnreadableError):
        raise truth
    snapshot = believe(hint, truth if isinstance(truth, Snapshot) else None, receives)
    return take(snapshot, "event", desk, hint=hint)


# --- sweep -------------------------------------------------------------------------------------------------------


def relay(desk: Desk) -> int:
    """Enqueue what was recorded and not dispatched: whatever died between the two is found here.

    So is an end that was told to nobody: it has nothing to enqueue, and leaves the open rows all the same.
    """
    stale = desk.clock() - RELAY_AFTER
    open_rows = [row for region in desk.policy.regions for row in desk.snapshots.open(region)]
    unfinished = [row for row in open_rows if row.undispatched or row.rank == TERMINAL_RANK]
    return _each((row.arn for row in unfinished if row.changed_at < stale), lambda arn: _enqueue_again(arn, desk))


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep of one region found; in the first one, what is open is taken as it is and told when it moves."""

    moved: int
    first: bool


def sweep(region: str, braket: Braket, desk: Desk, stop: Callable[[], bool]) -> Swept:
    """Find what events missed in one region. Trouble with one resource waits until the others had their turn.

    Search is a hint, Get decides: only what changed, is new or vanished is read. A pass that is cut short (`stop`)
    leaves the watermark where it was, so the next one looks as far back; the first, to when the region was watched.
    """
    began = desk.clock()
    start = desk.snapshots.start(region, began)
    mark = desk.snapshots.watermark(region)
    open_rows = {row.arn: row for row in desk.snapshots.open(region)}
    since = (mark or start) - SEARCH_OVERLAP
    oldest_job = min((row.created_at or since for row in open_rows.values() if row.arn.kind == "job"), default=since)
    seen = {each.arn: each for each in braket.search(region, since, min(since, oldest_job))}
    known = {arn: row.rank for arn, row in open_rows.items()}
    known |= desk.snapshots.ranks([arn for arn in seen if arn not in known])
    changed = [arn for arn, each in seen.items() if each.rank > known.get(arn, -1)]
    vanished = [arn for arn, row in open_rows.items() if arn not in seen and row.rank < TERMINAL_RANK]
    in_time = takewhile(lambda _: not stop(), changed + vanished)
    moved = _each(in_time, lambda arn: _look_again(arn, seen.get(arn), braket, desk, began, first_sweep=mark is None))
    if stop():
        return Swept(moved, first=False)
    desk.snapshots.move_watermark(region, began)
    return Swept(moved, first=mark is None)


# --- record, route, enqueue --------------------------------------------------------------------------------------


def take(
    snapshot: Snapshot,
    source: Source,
    desk: Desk,
    *,
    hint: Hint | None = None,
    baseline: bool = False,
) -> Recorded:
    """Record a snapshot, then enqueue whatever the row has not dispatched yet, whoever recorded it."""
    now = desk.clock()
    since = desk.snapshots.start(snapshot.arn.region, now) - (EVENT_GRACE if source == "event" else NO_GRACE)
    told = baseline or is_old(snapshot, since, now)
    recorded = desk.snapshots.record(snapshot, step(snapshot, source, hint), told=told, now=now)
    if recorded.moved or recorded.row.dispatched < recorded.row.version:
        enqueue(recorded.row, desk)
    return recorded


def enqueue(row: Tracked, desk: Desk) -> None:
    """Route every transition above the marker, put it into its channels' queues, then raise the marker.

    Dying in between is harmless: a duplicate event or the next sweep enqueues again, and the ledger decides.
    """
    addressed = [each for transition in pending(row) for each in notifications(transition, desk.policy)]
    if addressed:
        desk.queues.enqueue(addressed)
    desk.snapshots.dispatched(row, desk.clock())


def _readable(bodies: Iterable[str], watch: Watch) -> Iterable[Hint]:
    for body in bodies:
        try:
            yield parse_event(body, watch)
        except MalformedEventError:
            continue  # `observe` raises it again for its own record


def _ask(braket: Braket, arn: Arn, late: Callable[[], bool]) -> Snapshot | Exception:
    if late():
        return BusyError("no time was left to ask")
    try:
        return braket.read(arn)
    except Exception as error:  # noqa: BLE001 - whatever it is, `observe` raises it for its own record only
        return error


def _each(arns: Iterable[Arn], act: Callable[[Arn], bool]) -> int:
    """Act on each, whatever becomes of the others, and count; what went wrong is raised in the end.

    One resource that Braket always fails over would starve those behind it for good; a few of them are Braket's rest.
    """
    done, errors, busy = 0, list[Exception](), 0
    for arn in arns:
        try:
            done += act(arn)
        except Exception as error:  # noqa: BLE001 - see above
            errors.append(error)
            busy += isinstance(error, BusyError)
        if busy == MOST_BUSY:
            break
    if errors and busy == len(errors):
        raise errors[0]
    if errors:
        raise ExceptionGroup("not every resource could be dealt with", errors)
    return done


def _enqueue_again(arn: Arn, desk: Desk) -> bool:
    if row := desk.snapshots.get(arn):
        enqueue(row, desk)
    return row is not None


def _look_again(
    arn: Arn, listed: Snapshot | None, braket: Braket, desk: Desk, began: datetime, *, first_sweep: bool
) -> bool:
    """What Get does not know (yet) the next sweep asks for again; what it would not list is believed as listed now."""
    try:
        snapshot = braket.read(arn)
    except UnreadableError:
        if listed is None or _listed_again(listed, began):
            return False
        snapshot = replace(listed, degraded=True)
    return take(snapshot, "sweep", desk, baseline=first_sweep and not snapshot.terminal).moved


def _listed_again(listed: Snapshot, began: datetime) -> bool:
    """Search always lists open tasks; of all else the next sweep asks only for what was created since this one."""
    is_open = listed.arn.kind == "task" and not listed.terminal
    return is_open or (listed.created_at is not None and listed.created_at >= began - SEARCH_OVERLAP)


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)
