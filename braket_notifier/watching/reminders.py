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
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from braket_notifier.braket.availability import ONLINE, open_time
from braket_notifier.domain.announcement import arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import BACK, NEAR_LIMIT, OFFLINE, RETIRED, STUCK, WAITING, counting, reminder_of
from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import owning
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import notifications
from braket_notifier.text.json_fields import iso
from braket_notifier.watching.watched import Seen, Watched

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
#: Reminders about the status of a resource, about which Braket is asked once more.
ASKED_AGAIN = frozenset({NEAR_LIMIT, STUCK, WAITING})
_STUCK_IN, _OF_DEVICE = ("CREATED", "CANCELLING"), (OFFLINE, BACK, RETIRED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open quantum task or hybrid job, and the time since which it has its status."""

    it: Snapshot
    since: datetime


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


def may_be_due(
    watched: Watched, kind: Kind, status: str, device: str, since: datetime, policy: Policy, now: datetime
) -> bool:
    """Whether an open task or job has to be read, because a reminder may be about it."""
    seen = watched.devices.get(device)
    if (kind == "job" and status == "RUNNING") or (seen and _of_device(seen, now)):
        return True
    return now - since >= _patience(status, policy)


def reminders(watched: Watched, waiting: Collection[Waiting], policy: Policy, now: datetime) -> Iterator[Reminder]:
    """Yield what is due about these open resources of one region, for each destination that nothing holds."""
    for each in waiting:
        if _is_near_limit(each.it, now):
            for channel in _channels(each.it, NEAR_LIMIT, policy, now):
                shown = Transition(each.it, NEAR_LIMIT, "RUNNING", now, None, 1, "sweep")
                yield from _if_due(Notification(shown, channel), each.it, each.it.arn.text, watched, policy, now)
    for (device, whose), theirs in _by_owner(waiting, watched, policy):
        seen = watched.devices[device]
        for word, about in _causes(seen, theirs, policy, now):
            status = f"{word} {iso(seen.since) if word in _OF_DEVICE else now.date()}"
            for channel, found in _by_channel(about, word, policy, now).items():
                oldest = min(found, key=lambda it: it.created_at or now)
                shown = Transition(
                    _stand_in(oldest, whose, found, seen, now), status, None, now, seen.since, 1, "sweep"
                )
                yield from _if_due(Notification(shown, channel), oldest, f"{device} {whose}", watched, policy, now)


def _is_near_limit(job: Snapshot, now: datetime) -> bool:
    """Whether a hybrid job has run for most of its maximum run time, after which Braket stops it."""
    if job.status != "RUNNING" or job.started_at is None or not job.max_runtime_s:
        return False
    return now - job.started_at >= NEAR * timedelta(seconds=job.max_runtime_s)


def _by_owner(
    waiting: Collection[Waiting], watched: Watched, policy: Policy
) -> Iterator[tuple[tuple[str, str], list[Waiting]]]:
    """Group by device and owner. A hybrid job's own tasks wait in a queue of their own, and the job stands for them."""

    def key(each: Waiting) -> tuple[str, str]:
        person = owning(each.it, policy)
        return each.it.device, person.name if person else ""

    found = [each for each in waiting if each.it.device in watched.devices and not each.it.job_arn]
    yield from ((each, list(theirs)) for each, theirs in groupby(sorted(found, key=key), key))


def _by_channel(about: Sequence[Waiting], word: str, policy: Policy, now: datetime) -> Mapping[str, list[Snapshot]]:
    """Route each resource by itself, because its tags may name a channel, or nobody."""
    found: dict[str, list[Snapshot]] = {}
    for each in about:
        for channel in _channels(each.it, word, policy, now):
            found.setdefault(channel, []).append(each.it)
    return found


def _channels(it: Snapshot, word: str, policy: Policy, now: datetime) -> Iterator[str]:
    shown = Transition(it, word, None, now, None, 1, "sweep")
    return (each.channel for each in notifications(shown, policy) if not each.silent)


def _causes(
    seen: Seen, waiting: Sequence[Waiting], policy: Policy, now: datetime
) -> Iterator[tuple[str, Sequence[Waiting]]]:
    """Yield each reminder that something causes, with the resources that it is about."""
    if word := _of_device(seen, now):
        yield word, waiting
    if seen.answer.status == ONLINE:
        long = [each for each in waiting if _waits_too_long(each, seen, policy, now)]
        of = {status: [each for each in long if each.it.status == status] for status in (*_STUCK_IN, "QUEUED")}
        if about := of["CREATED"] or of["CANCELLING"]:  # one message a day, which names one status
            yield STUCK, about
        if of["QUEUED"]:
            yield WAITING, of["QUEUED"]


def _of_device(seen: Seen, now: datetime) -> str:
    """Return the reminder that the device's status may cause; empty for none."""
    status, lasts = seen.answer.status, now - seen.since
    if status == OFFLINE:
        return OFFLINE if lasts >= LONG_OUTAGE else ""
    if status == ONLINE:
        return BACK if seen.out_since and lasts < DAY else ""
    return RETIRED if status == RETIRED else ""


def _waits_too_long(each: Waiting, seen: Seen, policy: Policy, now: datetime) -> bool:
    """Decide about a task. One with a reservation waits on purpose, and a job waits for other jobs."""
    patience = _patience(each.it.status, policy)
    if each.it.reservation or each.it.arn.kind == "job" or now - each.since < patience:
        return False
    if each.it.status == "QUEUED":
        return True
    return open_time(seen.answer.windows, max(each.since, seen.since), now, patience) >= patience


def _patience(status: str, policy: Policy) -> timedelta:
    """Return the time in a status after which a reminder may be due."""
    if status == "QUEUED" and policy.waiting_over_s is not None:
        return timedelta(seconds=policy.waiting_over_s)
    return USUAL if status in _STUCK_IN else timedelta.max


def _stand_in(oldest: Snapshot, whose: str, about: Sequence[Snapshot], seen: Seen, now: datetime) -> Snapshot:
    """Return a task that stands for all of one owner on one device.

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
        tags={**oldest.tags, **counting(about)},
        submitter=oldest.submitter,
    )


def _if_due(
    found: Notification, example: Snapshot, about: str, watched: Watched, policy: Policy, now: datetime
) -> Iterator[Reminder]:
    word, channel = reminder_of(found.transition.status), found.channel
    keys = {name: sha256(f"{name} {about} {channel}".encode()).hexdigest()[:16] for name in (word, OFFLINE)}
    last = {name: watched.reminded.get(key) for name, key in keys.items()}
    if _is_due(word, last, watched.devices.get(example.device), now) and not held_until(channel, word, policy, now):
        yield Reminder(found, word, keys[word], example)


def _is_due(word: str, last: Mapping[str, datetime | None], seen: Seen | None, now: datetime) -> bool:
    before, out = last[word], last[OFFLINE]
    if word == OFFLINE:
        return seen is not None and (before is None or before < seen.since)
    if word == BACK:
        return out is not None and (before is None or before < out)
    return before is None or (word in {STUCK, WAITING} and now - before >= DAY)
