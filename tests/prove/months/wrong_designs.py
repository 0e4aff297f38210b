"""Wrong designs, at least one for each class of happenings; the histories must find the resulting fault."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.braket.rate_limit import RECOVERS_S, Bucket
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import ReportedStatus, SnapshotRow, Transition
from braket_notifier.errors import MalformedError, NewerVersionError
from braket_notifier.grouping.ports import Fallback
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import notifications
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.ports import LEASE, Claim, LeaseTaken, Progress
from braket_notifier.sending.result import DeliveryResult
from braket_notifier.tracking.reconcile import compare
from tests.prove.months.changes import clocks_change, mute, push, quiet_hours, region_out, rollback
from tests.prove.months.happenings import Happening
from tests.prove.months.resources import (
    burst,
    correction,
    flood,
    job,
    late_search,
    lonely_failure,
    some_ends,
    unheard_ends,
)
from tests.prove.months.rules import Settings
from tests.prove.months.troubles import (
    a_function_stops,
    braket_is_busy,
    events_are_lost,
    long_outage,
    outage,
    outage_with_fallback,
    purge,
    purge_of_events,
    restore,
    two_senders,
)
from tests.prove.world_ledger import WorldLedger

HOUR = timedelta(hours=1)
LIBRARY = "braket_notifier"
claim = WorldLedger.claim


@dataclass(frozen=True)
class Wrong:
    """A name in the code, what stands there instead, the happenings that show it, and the fault that must be found."""

    name: str
    breaks: Mapping[str, Any]
    happenings: Mapping[Happening, int]
    finds: str
    most: int = 12
    days: int = 12
    #: Histories in which it must be found.
    histories: int = 3


@contextmanager
def broken(wrong: Wrong) -> Iterator[None]:
    with ExitStack() as stack:
        for target, instead in wrong.breaks.items():
            stack.enter_context(patch(target, instead))
        yield


def _marks_first(self: WorldLedger, notification: Notification, *, owner: str, now: datetime) -> Claim:
    granted = claim(self, notification, owner=owner, now=now)
    if granted.granted:
        self.delivered(notification, now=now)
    return granted


def _forgets(self: WorldLedger, notification: Notification, *, owner: str, now: datetime) -> Claim:
    row = self.rows.get(notification.id)
    if row and row.state == "DELIVERED":
        row.state, row.lease_until = "CLAIMED", None
    granted = claim(self, notification, owner=owner, now=now)
    return replace(granted, may_repeat=False)


def _shares(self: WorldLedger, notification: Notification, *, owner: str, now: datetime) -> Claim:
    if row := self.rows.get(notification.id):
        row.lease_until = None
    return claim(self, notification, owner=owner, now=now)


def _overflows(self: Bucket, now: float) -> Bucket:
    passed = max(0.0, now - self.at)
    tokens = min(self.quota.burst, self.tokens + passed * self.quota.rate * self.slowed)
    return replace(self, tokens=tokens, at=now, slowed=min(1.0, self.slowed * 2 ** (passed / RECOVERS_S)))


def _in_winter(name: str) -> timezone:
    return timezone(datetime(2027, 1, 1, tzinfo=ZoneInfo(name)).utcoffset() or timedelta(0))


def _closings_pass(channel: str, status: str, policy: Policy, now: datetime) -> datetime | None:
    return held_until(channel, status, policy, now) if status else None


def _silently(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    return tuple(replace(each, silent=True) for each in notifications(transition, policy))


def _is_of_a_job(notification: Notification) -> bool:
    return notification.silent or notification.transition.arn.kind == "job"


def _first_settings(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    return notifications(transition, replace(policy, ignored=(), routes=Settings("UTC").policy.routes))


def _forward_only(reported: ReportedStatus, row: SnapshotRow) -> bool:
    return not reported.snapshot.supersedes(row.snapshot)


@contextmanager
def _gives_up_at_once(*_: object) -> Iterator[None]:
    try:
        yield
    except NewerVersionError as error:
        raise MalformedError(str(error)) from error


def _never_held(*_: object) -> None:
    return None


def _first_person(_: Snapshot, policy: Policy) -> Person:
    return policy.people[0]


def _next_but_of_people(notification: Notification, fallback: Fallback) -> str:
    return "" if person_of(notification.channel) else fallback.channel


def _never(*_: object) -> bool:
    return False


def _never_passed(*_: object, **__: object) -> bool:
    return False


def _due_now(_: Health, now: datetime) -> datetime:
    return now


def _granted(self: MemoryChannelLeases, channel: str, *, owner: str, now: datetime) -> LeaseTaken:
    self.held[channel] = (owner, now + LEASE)
    return LeaseTaken(now, self.down.get(channel, HEALTHY))


def _just_before(_: datetime | None, began: datetime, __: datetime) -> datetime:
    return began - HOUR / 4


def _nothing_vanishes(run: Any, listed: Any, _: Any) -> None:
    compare(run, listed, ())


NO_LEASE = {f"{LIBRARY}.adapters.memory.channel_leases.MemoryChannelLeases.take": _granted}
GROUPING, SENDING, TRACKING = f"{LIBRARY}.grouping", f"{LIBRARY}.sending", f"{LIBRARY}.tracking"
LEDGER, GROUPS = "tests.prove.world_ledger.WorldLedger", f"{LIBRARY}.adapters.memory.groups.MemoryGroups"
WITH_FALLBACK: Mapping[Happening, int] = {some_ends: 1, outage_with_fallback: 3}
SOME: Mapping[Happening, int] = {some_ends: 3, burst: 1}
UNHEARD: Mapping[Happening, int] = {unheard_ends: 2, braket_is_busy: 2, a_function_stops: 1}
AN_HOUR = {f"{SENDING}.{name}.HORIZON": HOUR for name in ("health", "retry", "claims")}
AS_NUMBERED_BEFORE = {f"{GROUPING}.group.EPISODES_AN_HOUR": 0}
SNAPSHOTS, FLOODED = f"{LIBRARY}.adapters.memory.snapshots.MemorySnapshots", ("flood", "deliver_grouped")
UNWATCHED: Mapping[Happening, int] = {some_ends: 2, unheard_ends: 3}
FORGETS = {f"{LEDGER}.claim": _forgets, f"{LEDGER}.progress": lambda *_: Progress()}
LINES_FIRST = {f"{GROUPING}.{name}": _never for name in ("deliver_grouped.looks_for_end", "pending.awaits_end")}
WRONG = (
    Wrong("marks first", {f"{LEDGER}.claim": _marks_first}, {**SOME, outage: 2}, "lost", 20, histories=4),
    Wrong("never closes", {f"{GROUPING}.group.Group.closes_at": lambda *_: None}, {burst: 1}, "silent", 4, 4),
    Wrong("fails silently", {f"{TRACKING}.record.notifications": _silently}, {lonely_failure: 1}, "silent", 3, 3),
    Wrong("folds jobs", {f"{GROUPING}.decide.is_job_task": _is_of_a_job}, {job: 1}, "lost", 1, 2),
    Wrong("sees nothing vanish", {f"{LIBRARY}.sweep.compare": _nothing_vanishes}, {unheard_ends: 1}, "late", 4, 4),
    Wrong("no sweep", {f"{LIBRARY}.sweep.sweep_regions": lambda *_: {}}, {**SOME, events_are_lost: 1}, "lost"),
    Wrong(
        "no sweep for purged events",
        {f"{LIBRARY}.sweep.sweep_regions": lambda *_: {}},
        {purge_of_events: 1},
        "lost",
    ),
    Wrong("no hourly look back", {f"{TRACKING}.slices.LISTED_EACH_HOUR": 0 * HOUR}, {late_search: 1}, "late"),
    Wrong("no daily look back", {f"{LIBRARY}.sweep.LOOK_BACK": HOUR}, {late_search: 1}, "lost"),
    Wrong("forgets where it stopped", {f"{LIBRARY}.sweep.listed_since": _just_before}, UNHEARD, "late", 30),
    Wrong("gives up within an hour", AN_HOUR, {**SOME, outage: 2}, "late", 20),
    Wrong("no redrive", {"tests.prove.world.redrive": lambda *_: None}, {**SOME, long_outage: 2}, "lost", 20, 20),
    Wrong("closes in a mute", {f"{GROUPING}.flush.held_until": _closings_pass}, {mute: 1}, "wrong"),
    Wrong("no wake", {f"{LIBRARY}.deliver.wake": lambda *_: DeliveryResult("woken")}, {**SOME, mute: 3}, "late"),
    Wrong(
        "knows no summer",
        {f"{LIBRARY}.routing.quiet_hours.ZoneInfo": _in_winter},
        {clocks_change: 1},
        "wrong",
        2,
        90,
    ),
    Wrong("knows no quiet hours", {f"{GROUPING}.decide.held_until": _never_held}, {**SOME, quiet_hours: 2}, "wrong"),
    Wrong(
        "knows no weekdays", {f"{LIBRARY}.routing.quiet_hours.WEEKDAYS": ("",) * 7}, {**SOME, quiet_hours: 3}, "wrong"
    ),
    Wrong(
        "keeps the first settings",
        {f"{TRACKING}.record.notifications": _first_settings},
        {**SOME, push: 3},
        "wrong",
    ),
    Wrong(
        "knows no flood", {f"{GROUPING}.{name}.is_flooded": _never for name in FLOODED}, {flood: 1}, "wrong", 2, 2, 1
    ),
    Wrong(
        "knows no flood after a rollback",
        {f"{GROUPING}.pending.STANDS_IN": {}},
        {rollback: 1, flood: 3},
        "wrong",
        8,
        2,
    ),
    Wrong("corrects nothing", {f"{LIBRARY}.observe.is_old_news": _forward_only}, {correction: 1}, "lost", 4, 4),
    Wrong("starts no region anew", {f"{SNAPSHOTS}.watch": lambda *_: None}, {**UNWATCHED, region_out: 2}, "wrong", 20),
    Wrong(
        "drops newer records", {f"{SENDING}.sqs_batch.newer_version_wait_s": _never_held}, {rollback: 1}, "lost", 2, 6
    ),
    Wrong(
        "drops the events of newer rows",
        {"tests.prove.world.observe.awaiting_newer_version": _gives_up_at_once},  # tests of lambdas import it again
        {rollback: 1, correction: 6},
        "lost",
        60,
        3,
        5,
    ),
    Wrong("shares every claim", {f"{LEDGER}.claim": _shares, **NO_LEASE}, {two_senders: 1, burst: 2}, "wrong"),
    Wrong("passes nothing on", {f"{GROUPING}.pass_on.passes_on": _never_passed}, WITH_FALLBACK, "lost", 8, 6),
    Wrong("writes to one person alone", {f"{LIBRARY}.routing.routes.owning": _first_person}, {some_ends: 1}, "wrong"),
    Wrong(
        "passes nothing of people on",
        {f"{GROUPING}.pass_on._next": _next_but_of_people},
        WITH_FALLBACK,
        "lost",
        16,
        6,
        6,
    ),
    Wrong("passes on after a day", {f"{SENDING}.fallback.OUTAGE_WAIT": 24 * HOUR}, WITH_FALLBACK, "lost", 8, 6),
    Wrong("passes on at once", {f"{SENDING}.fallback.OUTAGE_WAIT": 0 * HOUR}, WITH_FALLBACK, "wrong", 8, 6),
    Wrong("announces each refusal", {f"{GROUPING}.pass_on.announcement_due": _due_now}, WITH_FALLBACK, "wrong", 12, 6),
    Wrong("a forgetful ledger", FORGETS, {**SOME, restore: 2}, "wrong"),
    Wrong("visits no group", {f"{GROUPS}.to_visit": lambda *_: []}, {purge: 1}, "silent", 20),
    Wrong("counts up episodes", AS_NUMBERED_BEFORE, {burst: 1}, "wrong", 14, 75, 6),
    Wrong("says nothing of last tasks", {f"{TRACKING}.jobs._last_tasks": _never_held}, {job: 1}, "wrong", 6, 4),
    Wrong("sends last tasks first", LINES_FIRST, {job: 4, a_function_stops: 3}, "wrong", 30, histories=8),
    Wrong("overflows after a rest", {f"{LIBRARY}.braket.rate_limit.Bucket.later": _overflows}, SOME, "lost"),
)
