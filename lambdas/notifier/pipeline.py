"""How one status change travels: observe or sweep → record → route → enqueue; then `delivery` takes over.

    event ──► observe ──┐
                        ├─► record ─► enqueue ─► (channel's queue) ─► deliver ─► channel
    schedule ─► sweep ──┘

Plain functions over the ports; what they decide is decided by pure functions of detect, route and render.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from notifier.braket import MalformedEventError, Watch, parse_event
from notifier.detect import HORIZON, PutBackError, believe, is_old, is_old_news, latest, pending, step
from notifier.model import Arn, Hint, Snapshot, Source, Tracked, Transition
from notifier.policy import Policy
from notifier.ports import Braket, BusyError, ChannelQueues, Recorded, Snapshots, UnreadableError
from notifier.retry import busy_wait_s
from notifier.route import announceable, notifications

READERS = 8
#: An event proves that the rule existed when Braket changed the status, even if nothing of ours had run yet.
EVENT_GRACE = timedelta(minutes=5)
NO_GRACE = timedelta(0)

Clock = Callable[[], datetime]
#: Hears what is done, of which transition, and for which channels.
Noted = Callable[[str, Transition, Sequence[str]], None]
Truths = Mapping[Arn, Snapshot | Exception]


def unheard(*_: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where news is recorded and passed on."""

    snapshots: Snapshots
    queues: ChannelQueues
    policy: Policy
    clock: Clock
    noted: Noted = unheard


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch of events is held against: our rows, and Braket's answers where they were needed."""

    rows: Mapping[Arn, Tracked]
    truths: Truths


# --- observe -----------------------------------------------------------------------------------------------------


def look_up(
    bodies: Iterable[str], watch: Watch, braket: Braket, desk: Desk, late: Callable[[], bool] = lambda: False
) -> Known:
    """Find the rows of a batch's resources, and ask Braket where that matters: once each, and concurrently.

    A Braket that hangs would use up the whole batch's time: once it is `late`, nothing more is asked.
    """
    hints = list(_readable(bodies, watch))
    arns = list(dict.fromkeys(hint.snapshot.arn for hint in hints))
    try:
        rows = desk.snapshots.known(arns)
    except Exception as error:  # noqa: BLE001 - `observe` raises it for each record
        return Known({}, dict.fromkeys(arns, error))
    asked = dict.fromkeys(hint.snapshot.arn for hint in hints if _matters(hint, rows, desk.policy))
    with ThreadPoolExecutor(READERS) as readers:
        return Known(rows, dict(readers.map(lambda arn: (arn, ask(braket, arn, late)), asked)))


def ask(braket: Braket, arn: Arn, late: Callable[[], bool] = lambda: False) -> Snapshot | Exception:
    """Braket's answer, or what kept it from being one: that is raised later, for this resource only."""
    if late():
        return BusyError("no time was left to ask")
    try:
        return braket.read(arn)
    except Exception as error:  # noqa: BLE001 - see above
        return error


def observe(body: str, receives: int, known: Known, watch: Watch, desk: Desk) -> Recorded:
    """Take one event as a hint and Braket's answer as the truth; MalformedEventError, PutBackError."""
    hint = parse_event(body, watch)
    arn = hint.snapshot.arn
    row = known.rows.get(arn)
    if row and is_old_news(hint, row):
        return _pass_on(Recorded(row, moved=False), desk)
    if arn not in known.truths:
        return take(hint.snapshot, "event", desk, hint=hint)
    truth = known.truths[arn]
    if isinstance(truth, BusyError):
        raise PutBackError(busy_wait_s(receives), f"Braket is busy: {truth}")
    if isinstance(truth, Exception) and not isinstance(truth, UnreadableError):
        raise truth
    snapshot = believe(hint, truth if isinstance(truth, Snapshot) else None, receives)
    return take(snapshot, "event", desk, hint=hint)


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
    told = baseline or is_old(snapshot, now - HORIZON if desk.policy.announce_existing else since, now)
    full = with_children(snapshot, desk)
    return _pass_on(desk.snapshots.record(full, step(snapshot, source, hint), told=told, now=now), desk)


def with_children(snapshot: Snapshot, desk: Desk) -> Snapshot:
    """A hybrid job's own quantum tasks, counted; a hint alone never overwrites details, so it needs none."""
    if snapshot.arn.kind == "task" or snapshot.degraded:
        return snapshot
    children = desk.snapshots.children(snapshot.arn.text)
    return replace(snapshot, children=children if children.submitted else None)


def enqueue(row: Tracked, desk: Desk) -> None:
    """Route every transition above the marker, put it into its channels' queues, then raise the marker.

    Dying in between is harmless: a duplicate event or the next sweep enqueues again, and the ledger decides.
    """
    routed = [(each, notifications(each, desk.policy)) for each in pending(row)]
    if addressed := [each for _, its in routed for each in its]:
        desk.queues.enqueue(addressed)
    desk.snapshots.dispatched(row, desk.clock())
    for transition, its in routed:
        desk.noted("routed", transition, [each.channel for each in its])


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def _pass_on(recorded: Recorded, desk: Desk) -> Recorded:
    row = recorded.row
    if recorded.moved or row.dispatched < row.version:
        enqueue(row, desk)
    if recorded.moved and row.dispatched == row.version:
        desk.noted("recorded, and told to nobody", latest(row), [])
    return recorded


def _readable(bodies: Iterable[str], watch: Watch) -> Iterable[Hint]:
    for body in bodies:
        try:
            yield parse_event(body, watch)
        except MalformedEventError:
            continue  # `observe` raises it again for its own record


def _matters(hint: Hint, rows: Mapping[Arn, Tracked], policy: Policy) -> bool:
    """Braket is asked at first sight and for what may be told; in between the event alone moves the row."""
    row = rows.get(hint.snapshot.arn)
    if row is None or not hint.snapshot.status:
        return True
    reached = replace(hint.snapshot, device=row.snapshot.device, job_arn=row.snapshot.job_arn)
    return not is_old_news(hint, row) and announceable(reached, policy)
