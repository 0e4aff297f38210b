"""The hops of one quantum task until each channel accepted it, and where to look after a failed hop: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from braket_notifier.cli.deliveries import DeliveryRow
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.text.wording import plural

Key = tuple[str, str]  # the hop's name and its channel; no channel where the hop is before them
BOOK = "docs/runbook.md"
_BY: Mapping[str, str] = {"event": "by an event", "sweep": "by the sweep"}
#: The states of an accepted notification.
_ACCEPTED = {"DELIVERED": "accepted", "SUPERSEDED": "not needed, because a later status was sent"}


@dataclass(frozen=True, slots=True)
class Hold:
    """The reason that holds a notification back on purpose, and the end of the hold."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A quantum task at one moment, as Braket, the snapshots, the ledger and the groups show it."""

    now: datetime
    submitted: datetime
    #: How long each hop may take, counted from the hop before it.
    timeout: timedelta
    task: Snapshot
    row: SnapshotRow | None = None
    #: The notifications of the task's end, and what holds them, by channel.
    deliveries: Mapping[str, DeliveryRow] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    #: The last refusal of each channel that is down.
    refusals: Mapping[str, str] = field(default_factory=dict)
    #: When each hop was first found passed.
    passed: Mapping[Key, datetime] = field(default_factory=dict)

    @property
    def end(self) -> Snapshot:
        """The row outranks Braket's answer, which may lag behind the events."""
        return self.row.snapshot if self.row and self.row.snapshot.terminal else self.task


@dataclass(frozen=True, slots=True)
class Hop:
    """A hop: passed or failed and when, awaited, or held until then."""

    name: str
    state: Literal["passed", "awaited", "failed", "held"]
    at: datetime
    text: str
    channel: str = ""

    @property
    def key(self) -> Key:
        return self.name, self.channel


def hops(trail: Trail, channels: Sequence[str]) -> list[Hop]:
    """Every hop so far: up to the first that was not passed, and from there on each channel by itself."""
    found: list[Hop] = []
    since = trail.submitted
    for name, at, text in _before_channels(trail, channels):
        hop = _hop(trail, (name, ""), at, text, since)
        found.append(hop)
        if hop.state != "passed":
            return found
        since = max(since, hop.at)
        if name == "recorded" and trail.row and all(step.source == "sweep" for step in trail.row.history):
            found.append(Hop("event", "failed", hop.at, "no event arrived, only the sweep found the task"))
    return found + [hop for channel in channels for hop in _in_channel(channel, since, trail)]


def _before_channels(trail: Trail, channels: Sequence[str]) -> Iterator[tuple[str, datetime | None, str]]:
    """Each hop's name, its time if it was passed, and its text. A claimed notification had been routed by then."""
    row, end = trail.row, trail.end
    now = min([trail.now, *(each.claimed_at for each in trail.deliveries.values() if each.claimed_at)])
    yield "submitted", trail.submitted, f"submitted {trail.task.arn}"
    seen = f"seen {_BY[row.history[0].source]}" if row else "not seen, neither by an event nor by the sweep"
    yield "seen", now if row else None, seen
    yield "ended", (end.ended_at or now) if end.terminal else None, f"{end.status} at Braket"
    if row is None or not row.snapshot.terminal:
        yield "recorded", None, f"{end.status} not recorded"
        return
    yield "recorded", now, f"{end.status} recorded {_BY[row.history[-1].source]}"
    routed = row.dispatched >= row.version
    yield "routed", now if routed else None, f"{'' if routed else 'not '}routed to {', '.join(channels)}"


def _in_channel(channel: str, since: datetime, trail: Trail) -> Iterator[Hop]:
    delivery, hold = trail.deliveries.get(channel), trail.holds.get(channel)
    refusal = f", because of {trail.refusals[channel]}" if channel in trail.refusals else ""
    if delivery is None:
        if refusal:
            yield _hop(trail, ("accepted", channel), None, f"{channel}: not accepted{refusal}", since)
        elif hold and hold.until > since + trail.timeout:
            yield Hop("claimed", "held", hold.until, f"{channel}: held by {hold.reason}", channel)
        else:
            yield _hop(trail, ("claimed", channel), None, f"{channel}: not claimed", since)
        return
    claimed = _hop(trail, ("claimed", channel), delivery.claimed_at or trail.now, f"{channel}: claimed", since)
    yield claimed
    if delivery.state == "UNDELIVERED":
        yield Hop("refused", "failed", trail.now, f"{channel}: refused for good ({delivery.reason})", channel)
        return
    waits = f"not accepted after {plural(delivery.attempts, 'attempt')}{refusal}"
    at = (delivery.at or trail.now) if delivery.state in _ACCEPTED else None
    text = f"{channel}: {_ACCEPTED.get(delivery.state, waits)}"
    yield _hop(trail, ("accepted", channel), at, text, max(since, claimed.at))


def _hop(trail: Trail, key: Key, at: datetime | None, text: str, since: datetime) -> Hop:
    """Passed if it has a time; otherwise it fails when its own time is over."""
    name, channel = key
    if at is not None:
        return Hop(name, "passed", trail.passed.get(key, at), text, channel)
    return Hop(name, "failed" if trail.now - since >= trail.timeout else "awaited", trail.now, text, channel)


@dataclass(frozen=True, slots=True)
class Installed:
    """The names of one installation, the task's region, and how many records are in each queue."""

    name: str
    home: str
    region: str
    arn: str
    records: Mapping[str, int]


def where_to_look(hop: Hop, at: Installed) -> str:
    observe, queue = f"the log group /aws/lambda/{at.name}-observe", f"deliver-{hop.channel}"
    log = f"the log group /aws/lambda/{at.name}-{queue}"
    elsewhere = "" if at.region == at.home else f" in {at.region} and the rule {at.name}-forwarded in {at.home}"
    undelivered = f"the dead-letter queue {at.name}-undelivered"
    refused = f"{BOOK}#{'unread-queue' if elsewhere else 'refused-events'}"
    places = {
        "seen": f"the rule {at.name}-changes{elsewhere}, {undelivered}, {refused}",
        "ended": f"`braket-notifier watch {at.arn}`, because Braket takes longer",
        "recorded": f"{observe}, {BOOK}#waiting-events",
        "routed": f"{observe}, {BOOK}#errors; the next sweep tries it again",
        "claimed": f"`braket-notifier explain {at.arn}`, {observe}, {undelivered}, {BOOK}#undelivered",
        "accepted": f"the last lines of {log}, {BOOK}#channel-down; it is tried for 72 hours",
        "refused": f"{BOOK}#undelivered; after the fix `braket-notifier redrive` sends it",
    }
    if hop.name in {"seen", "event", "recorded"} and at.records.get("events"):
        waiting = plural(at.records["events"], "record")
        return f"the queue {at.name}-events with {waiting}, {observe}, {BOOK}#waiting-events"
    if hop.name == "claimed" and at.records.get(queue):
        waiting = plural(at.records[queue], "record")
        return f"the queue {at.name}-{queue} with {waiting}, {log}, {BOOK}#unread-queue"
    return places["seen" if hop.name == "event" else hop.name]
