"""A reminder of what people wait for as a message; pure."""

from datetime import UTC, datetime, timedelta

from braket_notifier.braket.devices import device
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import (
    BACK,
    EARLIER,
    ENDING,
    NEAR_LIMIT,
    OFFLINE,
    RETIRED,
    WAITING,
    counts_of,
    reminder_of,
)
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.job import so_far
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.queue import tasks_ahead
from braket_notifier.rendering.words.recipients import shown_owner, why_received
from braket_notifier.routing.owners import owning
from braket_notifier.text.wording import clean, clock_time, cut, duration, number, plural

#: The time of a reminder without one, which no version writes.
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


def render_reminder(transition: Transition, policy: Policy, channel: str, as_of: datetime | None) -> Message:
    """Render what people wait for since when, and what they can do about it; `as_of` is the time of the message."""
    now = as_of or transition.at or UNKNOWN
    snapshot, word = transition.snapshot, reminder_of(transition.status)
    mark, texts, step = (
        _near_limit(snapshot, policy, now) if word == NEAR_LIMIT else _of_device(transition, policy, channel, now)
    )
    headline = f"{mark} {' · '.join(filter(None, texts))}"
    page = links.resource(snapshot.arn) if word == NEAR_LIMIT else links.listed(snapshot.arn)
    return Message(
        mark=mark,
        push=cut(headline, PUSH),
        headline=headline,
        lines=tuple(filter(None, (step, why_received([transition], policy, channel)))),
        owner=shown_owner(transition, policy, channel, failed=False),
        links=(("Console", page),),
        short_id=snapshot.arn.short_id if word == NEAR_LIMIT else "",
    )


def _near_limit(job: Snapshot, policy: Policy, now: datetime) -> tuple[str, tuple[str, ...], str]:
    began, limit = job.started_at or now, timedelta(seconds=job.max_runtime_s or 0)
    stops = clock_time(began + limit, policy.time_zone, beside=now)
    ran = f"{name(job)} stops at {stops} (ran {duration(now - began)} of max {duration(limit)})"
    return "⏱", (ran, so_far(job.children)), "It cannot be extended; only checkpoints that its script writes survive."


def _of_device(transition: Transition, policy: Policy, channel: str, now: datetime) -> tuple[str, tuple[str, ...], str]:
    snapshot, word = transition.snapshot, reminder_of(transition.status)
    person = owning(snapshot, policy)
    is_own = bool(person and person.name == person_of(channel))
    called, theirs = device(snapshot.device).full, _theirs(snapshot, is_own=is_own)
    began = snapshot.started_at or now
    if word == OFFLINE:
        since = clock_time(began, policy.time_zone, beside=now)
        keeps = f"{theirs} {_verb(snapshot, 'keeps its place', 'keep their place')}"
        return "⏳", (f"{called} is OFFLINE since {since}", keeps, "Braket does not say until when"), ""
    if word == BACK:
        out = duration((transition.running_at or now) - began)
        return "✅", (f"{called} is back after {out}", f"{theirs} {_verb(snapshot, 'waits', 'wait')} there"), ""
    if word == RETIRED:
        step = "Braket runs nothing on it any more; cancel what waits there and submit it to another device."
        return "⏹", (f"{called} is RETIRED", f"{theirs} {_verb(snapshot, 'waits', 'wait')} there"), step
    if word == ENDING:
        ends = clock_time(snapshot.ended_at or now, policy.time_zone, beside=now)
        still = f"{_counted(snapshot, 'of your' if is_own else '')} {_verb(snapshot, 'is', 'are')} still queued"
        step = "Braket cancels then what has not run; submit that on demand, or book another window."
        return "⏱", (still, f"the reservation of {called} ends at {ends}"), step
    waited = duration(now - snapshot.created_at) if snapshot.created_at else "long"
    are = f"{_verb(snapshot, 'has', 'have')} been {clean(snapshot.status)} on {called} for up to {waited}"
    if word == WAITING:
        queue = tasks_ahead("task", snapshot.queue_position, snapshot.tags.get(EARLIER, ""))
        first = _verb(snapshot, "", "the first one has ") if queue else ""
        return "⏳", (f"{theirs} {are}", f"{first}{queue}"), ""
    step = "What is stuck can be cancelled and submitted again." if snapshot.status == "CREATED" else ""
    return "⏳", (f"{theirs} {are}", f"{_verb(snapshot, 'it', 'they')} may be stuck"), step


def _theirs(snapshot: Snapshot, *, is_own: bool) -> str:
    """Return "14 tasks of scan-7", or "your 14 tasks" to their owner; to everybody else a line names the owner."""
    batch = cut(clean(snapshot.tags.get("batch", "")), 40)
    of = f" of {batch}" if batch else ""
    return f"{'your ' if is_own else ''}{_counted(snapshot)}{of}"


def _counted(snapshot: Snapshot, of: str = "") -> str:
    """Return "6 tasks and 1 hybrid job", or with `of` "6 of your tasks"."""
    named = ((count, "task" if kind == "task" else "hybrid job") for kind, count in counts_of(snapshot).items())
    found = (f"{number(count)} {of} {kind}s" if of else plural(count, kind) for count, kind in named if count)
    return " and ".join(found)


def _verb(snapshot: Snapshot, one: str, many: str) -> str:
    return one if sum(counts_of(snapshot).values()) == 1 else many
