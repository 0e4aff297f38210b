"""The causes of reminders: what people wait for, which no change of a resource's status announces; pure.

| status             | it is due                                                                                  |
|--------------------|--------------------------------------------------------------------------------------------|
| NEAR_LIMIT         | once, when a hybrid job has run for 80 % of its maximum run time                           |
| STUCK              | once a day, while tasks are CREATED or CANCELLING for an hour of their device's open time  |
| WAITING            | once a day, while tasks are QUEUED for longer than the settings allow without one          |
| OFFLINE            | once an outage, when a device with open tasks or jobs has been OFFLINE for three hours     |
| BACK               | when the device is ONLINE again, to whoever was notified of OFFLINE                        |
| RETIRED            | once                                                                                       |
| RESERVATION_ENDING | once, from 15 minutes before a reservation ends, or in the last sweep before its end,      |
|                    | while tasks or jobs of it have not run                                                     |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from braket_notifier.braket.availability import ONLINE, open_time
from braket_notifier.domain.policy import Policy, Reservation
from braket_notifier.domain.reminder import BACK, ENDING, OFFLINE, RETIRED, STUCK, WAITING
from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.sending.health import HORIZON
from braket_notifier.text.json_fields import iso
from braket_notifier.watching.watched import Seen

#: The part of its maximum run time after which a hybrid job is near its limit.
NEAR = 0.8
#: The time of an outage after which it is announced, because shorter ones are usual.
LONG_OUTAGE = timedelta(hours=3)
#: The open time of a device within which a task usually leaves its status.
USUAL = timedelta(hours=1)
#: The time before the end of a reservation from which people are reminded of what has not run.
NOTICE = timedelta(minutes=15)
#: The time by which a sweep may be later than its interval, because its slices come first.
LATER = timedelta(minutes=5)
#: The time for which a reminder is news; a hold or an outage of its channel may last longer.
NEWS = timedelta(hours=6)
DAY = timedelta(days=1)
_STUCK_IN, _QUEUED = ("CREATED", "CANCELLING"), ("CREATED", "QUEUED")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open quantum task or hybrid job, and the time since which it has its status."""

    snapshot: Snapshot
    since: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of a reminder about a device."""

    word: str
    about: Sequence[Waiting]
    #: The day, the begin of the outage or the end of the reservation, for which the reminder stands once.
    of: str
    #: The time after which the reminder is no longer sent.
    until: datetime


def may_be_due(
    seen: Seen | None, kind: Kind, status: str, since: datetime, *, ends: bool, policy: Policy, now: datetime
) -> bool:
    """Whether an open task or job has to be read, because a reminder may be about it.

    `ends`: a reservation of its device is about to end. Of a device whose status was announced only later ones are
    read, because an outage may last for days.
    """
    is_new = seen is None or seen.announced_at is None or since >= seen.announced_at
    if (kind == "job" and status == "RUNNING") or (seen and is_new and of_device(seen, now)):
        return True
    return (ends and status in _QUEUED) or now - since >= _patience(status, policy)


def is_near_limit(job: Snapshot, now: datetime) -> bool:
    """Whether a hybrid job has run for most of its maximum run time, after which Braket stops it."""
    if job.status != "RUNNING" or job.started_at is None or not job.max_runtime_s:
        return False
    return now - job.started_at >= NEAR * timedelta(seconds=job.max_runtime_s)


def causes(
    seen: Seen | None, waiting: Sequence[Waiting], ending: Sequence[Reservation], policy: Policy, now: datetime
) -> Iterator[Cause]:
    """Yield the causes about the resources of one owner on a device, of which nothing may be known."""
    today, news = f"{now.date()}", now + NEWS
    if seen and (word := of_device(seen, now)):
        lasts = now + HORIZON if word == RETIRED else news  # it stays true, and no later sweep repeats it
        yield Cause(word, waiting, f"{iso(seen.since)}", lasts)
    if seen and seen.answer.status == ONLINE:
        long = [each for each in waiting if _waits_too_long(each, seen, policy, now)]
        of = {status: [each for each in long if each.snapshot.status == status] for status in (*_STUCK_IN, "QUEUED")}
        if about := of["CREATED"] or of["CANCELLING"]:  # one message a day, which names one status
            yield Cause(STUCK, about, today, news)
        if of["QUEUED"]:
            yield Cause(WAITING, of["QUEUED"], today, news)
    for booked in ending:
        if about := [each for each in waiting if each.snapshot.status in _QUEUED and _is_of(booked, each.snapshot)]:
            yield Cause(ENDING, about, f"{iso(booked.ends)}", booked.ends)


def of_device(seen: Seen, now: datetime) -> str:
    """Return the reminder that the device's status may cause; empty for none."""
    status, lasts = seen.answer.status, now - seen.since
    if status == OFFLINE:
        return OFFLINE if lasts >= LONG_OUTAGE else ""
    if status == ONLINE:
        return BACK if seen.outage(now) else ""
    return RETIRED if status == RETIRED else ""


def ending_reservations(policy: Policy, swept_at: datetime | None, now: datetime) -> tuple[Reservation, ...]:
    """Return the reservations whose end no later sweep is sure to announce in time; `swept_at` is the last one's."""
    notice = max(NOTICE, now - (swept_at or now) + LATER)
    booked = dict.fromkeys((*policy.reservations, *policy.reserved))  # one may be named twice
    return tuple(each for each in booked if each.begins <= now < each.ends <= now + notice)


def _waits_too_long(each: Waiting, seen: Seen, policy: Policy, now: datetime) -> bool:
    """Decide about a task. One with a reservation waits on purpose, and a job waits for other jobs."""
    patience = _patience(each.snapshot.status, policy)
    if each.snapshot.reservation or each.snapshot.arn.kind == "job" or now - each.since < patience:
        return False
    if each.snapshot.status == "QUEUED":
        return True
    return open_time(seen.answer.windows, max(each.since, seen.since), now, patience) >= patience


def _patience(status: str, policy: Policy) -> timedelta:
    """Return the time in a status after which a reminder may be due."""
    if status == "QUEUED" and policy.waiting_over_s is not None:
        return timedelta(seconds=policy.waiting_over_s)
    return USUAL if status in _STUCK_IN else timedelta.max


def _is_of(booked: Reservation, it: Snapshot) -> bool:
    """Whether the resource waits for this reservation; Braket names the one that it is submitted with."""
    return bool(it.reservation) and (it.reservation == booked.arn if booked.arn else it.device == booked.device)
