"""Reminders of what people wait for, which no change of a resource's status announces; pure.

| status     | it is due                                                                                       |
|------------|-------------------------------------------------------------------------------------------------|
| NEAR_LIMIT | once, when a hybrid job has run for 80 % of its maximum run time                                |
| STUCK      | once a day, while tasks are CREATED or CANCELLING for an hour of their device's open time       |
| WAITING    | once a day, while tasks are QUEUED for longer than the settings allow without one               |
| OFFLINE    | once an outage, when a device with open tasks or jobs has been OFFLINE for three hours          |
| BACK       | when the device is ONLINE again, to whoever was notified of OFFLINE                             |
| RETIRED    | once                                                                                            |

A reminder is a transition of the notifier's own, so that routes, owners and the ledger hold for it too. All but the
first one are about a device, and show the open tasks and jobs of one owner together. Each sweep decides anew. What a
hold keeps back is not enqueued, and is no longer due when the hold ends after its cause.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from braket_notifier.braket.availability import ONLINE, Availability, open_time
from braket_notifier.domain.announcement import arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import BACK, NEAR_LIMIT, OFFLINE, RETIRED, STUCK, WAITING, counting, reminder_of
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.routing.owners import owning
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import notifications
from braket_notifier.text.json_fields import iso

#: The part of its maximum run time after which a hybrid job is near its limit.
NEAR = 0.8
#: The time of an outage after which it is announced, because shorter ones are usual.
LONG_OUTAGE = timedelta(hours=3)
#: The open time of a device within which a task usually leaves its status.
USUAL = timedelta(hours=1)
DAY = timedelta(days=1)
#: Begins the id of a task that stands for others.
STANDS_FOR = "waiting-"
#: The time for which a reminder is news; a hold or an outage of its channel may last longer.
NEWS = timedelta(hours=6)
#: The time for which a reminder is remembered; a hybrid job runs for five days at most.
KEPT = timedelta(days=10)
#: Reminders about the status of a resource, about which Braket is asked once more.
ASKED_AGAIN = frozenset({NEAR_LIMIT, STUCK, WAITING})
_STUCK_IN, _OF_DEVICE = ("CREATED", "CANCELLING"), (OFFLINE, BACK, RETIRED)


@dataclass(frozen=True, slots=True)
class Seen:
    """A device as the last sweep saw it, and the time of the first sweep that saw this status."""

    answer: Availability
    since: datetime
    #: The begin of the last outage that was announced.
    out_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """The devices of a region that have open tasks or jobs, and the time of each reminder by its key."""

    devices: Mapping[str, Seen] = field(default_factory=dict)
    reminded: Mapping[str, datetime] = field(default_factory=dict)

    def seen(self, answers: Mapping[str, Availability | None], now: datetime) -> "Watched":
        """Return the devices after these answers; one without an answer stays as it was."""
        found = {}
        for device, answer in answers.items():
            before = self.devices.get(device)
            if answer and (before is None or before.answer.status != answer.status):
                found[device] = Seen(answer, now, before.out_since if before else None)
            elif before:
                found[device] = replace(before, answer=answer or before.answer)
        return replace(self, devices=found)

    def after(self, sent: Collection["Reminder"], now: datetime) -> "Watched":
        """Remember what was sent."""
        kept = {key: at for key, at in self.reminded.items() if now - at < KEPT}
        out = {each.device for each in sent if each.word == OFFLINE}
        devices = {
            name: replace(seen, out_since=seen.since) if name in out else seen for name, seen in self.devices.items()
        }
        return Watched(devices, kept | {each.key: now for each in sent})


@dataclass(frozen=True, slots=True)
class Reminder:
    """A notification that is due, and the key under which it is remembered."""

    notification: Notification
    word: str
    key: str
    #: The resource that stands for all of them; Braket is asked once more whether it still has this status.
    example: Snapshot

    @property
    def device(self) -> str:
        return self.example.device


def may_be_due(watched: Watched, status: str, device: str, changed_at: datetime, policy: Policy, now: datetime) -> bool:
    """Whether an open task or job has to be read, because a reminder may be about it."""
    seen = watched.devices.get(device)
    if status == "RUNNING" or (seen and _of_device(seen, now)):
        return True
    return now - changed_at >= _patience(status, policy)


def reminders(watched: Watched, rows: Collection[SnapshotRow], policy: Policy, now: datetime) -> Iterator[Reminder]:
    """Yield what is due about these open resources of one region, for each destination that nothing holds."""
    for row in rows:
        if is_near_limit(row.snapshot, now):
            shown = Transition(row.snapshot, NEAR_LIMIT, "RUNNING", now, None, row.version, "sweep")
            yield from _to_send(shown, row.snapshot, row.snapshot.arn.text, watched, policy, now)
    for (device, whose), theirs in _by_owner(rows, watched, policy):
        seen = watched.devices[device]
        for word, about in _causes(seen, theirs, policy, now):
            oldest = min(about, key=lambda row: row.snapshot.created_at or now).snapshot
            status = f"{word} {iso(seen.since) if word in _OF_DEVICE else now.date()}"
            shown = Transition(_stand_in(oldest, whose, about, seen, now), status, None, now, seen.since, 1, "sweep")
            yield from _to_send(shown, oldest, f"{device} {whose}", watched, policy, now)


def is_near_limit(job: Snapshot, now: datetime) -> bool:
    """Whether a hybrid job has run for most of its maximum run time, after which Braket stops it."""
    if job.status != "RUNNING" or job.started_at is None or not job.max_runtime_s:
        return False
    return now - job.started_at >= NEAR * timedelta(seconds=job.max_runtime_s)


def _by_owner(
    rows: Collection[SnapshotRow], watched: Watched, policy: Policy
) -> Iterator[tuple[tuple[str, str], list[SnapshotRow]]]:
    """Group by device and owner. A hybrid job's own tasks wait in a queue of their own, and the job stands for them."""

    def key(row: SnapshotRow) -> tuple[str, str]:
        person = owning(row.snapshot, policy)
        return row.snapshot.device, person.name if person else ""

    found = [row for row in rows if row.snapshot.device in watched.devices and not row.snapshot.job_arn]
    yield from ((each, list(theirs)) for each, theirs in groupby(sorted(found, key=key), key))


def _causes(
    seen: Seen, rows: Sequence[SnapshotRow], policy: Policy, now: datetime
) -> Iterator[tuple[str, Sequence[SnapshotRow]]]:
    if word := _of_device(seen, now):
        yield word, rows
    if seen.answer.status == ONLINE:
        waits = {STUCK: _STUCK_IN, WAITING: ("QUEUED",)}
        for word, statuses in waits.items():
            if about := [row for row in rows if row.snapshot.status in statuses and _waits(row, seen, policy, now)]:
                yield word, about


def _of_device(seen: Seen, now: datetime) -> str:
    """Return the reminder that the device's status may cause; empty for none."""
    status, lasts = seen.answer.status, now - seen.since
    if status == OFFLINE:
        return OFFLINE if lasts >= LONG_OUTAGE else ""
    if status == ONLINE:
        return BACK if seen.out_since and lasts < DAY else ""
    return RETIRED if status == RETIRED else ""


def _waits(row: SnapshotRow, seen: Seen, policy: Policy, now: datetime) -> bool:
    """Whether a task waits for too long. One with a reservation waits on purpose, and a job waits for other jobs."""
    snapshot, patience = row.snapshot, _patience(row.snapshot.status, policy)
    since = row.history[-1].at or snapshot.created_at
    if snapshot.reservation or snapshot.arn.kind == "job" or since is None or now - since < patience:
        return False
    if snapshot.status == "QUEUED":
        return True
    return open_time(seen.answer.windows, max(since, seen.since), now, patience) >= patience


def _patience(status: str, policy: Policy) -> timedelta:
    """Return the time in a status after which a reminder may be due."""
    if status == "QUEUED" and policy.waiting_over_s is not None:
        return timedelta(seconds=policy.waiting_over_s)
    return USUAL if status in _STUCK_IN else timedelta.max


def _stand_in(oldest: Snapshot, whose: str, about: Sequence[SnapshotRow], seen: Seen, now: datetime) -> Snapshot:
    """Return a task that stands for all of one owner on one device, with what routes and owners ask of it.

    It has the creation time of the oldest one, as the time of its start the begin of the outage, and as its end the
    time after which the reminder is no longer sent.
    """
    digest = sha256(f"{oldest.device} {whose}".encode()).hexdigest()[:16]
    return Snapshot(
        arn_of(f"{STANDS_FOR}{digest}", oldest.arn.region),
        oldest.status,
        created_at=oldest.created_at,
        started_at=seen.out_since or seen.since,
        ended_at=now + NEWS,
        device=oldest.device,
        bucket=oldest.bucket,
        directory=oldest.directory,
        tags={**oldest.tags, **counting([each.snapshot for each in about])},
        submitter=oldest.submitter,
    )


def _to_send(
    shown: Transition, example: Snapshot, about: str, watched: Watched, policy: Policy, now: datetime
) -> Iterator[Reminder]:
    word = reminder_of(shown.status)
    for each in notifications(shown, policy):
        keys = {name: sha256(f"{name} {about} {each.channel}".encode()).hexdigest()[:16] for name in (word, OFFLINE)}
        last = {name: watched.reminded.get(key) for name, key in keys.items()}
        seen = watched.devices.get(example.device)
        if not each.silent and _is_due(word, last, seen, now) and not held_until(each.channel, word, policy, now):
            yield Reminder(each, word, keys[word], example)


def _is_due(word: str, last: Mapping[str, datetime | None], seen: Seen | None, now: datetime) -> bool:
    before, out = last[word], last[OFFLINE]
    if word == OFFLINE:
        return seen is not None and (before is None or before < seen.since)
    if word == BACK:
        return out is not None and (before is None or before < out)
    return before is None or (word in {STUCK, WAITING} and now - before >= DAY)
