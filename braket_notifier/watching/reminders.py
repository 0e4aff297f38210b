"""Reminders of what people wait for: to whom each cause is announced, and once; pure.

A reminder is a transition of the notifier's own, so that routes, owners and the ledger hold for it too. All but those
of a hybrid job near its limit are about a device, and show the open tasks and jobs of one owner together. Each sweep
decides anew. What a hold keeps back is not enqueued, and is no longer due when the hold ends after its cause.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from braket_notifier.domain.announcement import arn_of
from braket_notifier.domain.destination import channel_of, person_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, Policy, Reservation
from braket_notifier.domain.reminder import (
    BACK,
    EARLIER,
    ENDING,
    NEAR_LIMIT,
    OF_OUTAGE,
    OFFLINE,
    STUCK,
    WAITING,
    counting,
    owned_by,
    reminder_of,
)
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import owning
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import notifications
from braket_notifier.text.json_fields import iso
from braket_notifier.watching.causes import DAY, NOTICE, Cause, Waiting, causes, is_near_limit, of_device
from braket_notifier.watching.queue import earlier_position, last_position
from braket_notifier.watching.watched import Seen, Watched

#: The time after which a reminder may be repeated; any other one is sent once.
REPEATED: Mapping[str, timedelta] = {STUCK: DAY, WAITING: DAY, ENDING: NOTICE}
#: Begins the id of a task that stands for others.
STANDS_FOR = "waiting-"
#: Reminders about the status of a resource, about which Braket is asked once more.
ASKED_AGAIN = frozenset({NEAR_LIMIT, STUCK, WAITING, ENDING})


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


def reminders(
    watched: Watched, waiting: Collection[Waiting], ending: Sequence[Reservation], policy: Policy, now: datetime
) -> Iterator[Reminder]:
    """Yield what is due about these open resources of one region, for each destination that nothing holds."""
    for job in (each.snapshot for each in waiting if is_near_limit(each.snapshot, now)):
        for channel in _channels(job, NEAR_LIMIT, policy, now):
            shown = Transition(job, NEAR_LIMIT, "RUNNING", now, None, 1, "sweep")
            yield from _if_due(Notification(shown, channel), job, [job.arn.text], watched, policy, now)
    for (channel, device, whose, cause), found in _by_reader(watched, waiting, ending, policy, now).items():
        seen, oldest = watched.devices.get(device), min(found, key=lambda it: it.created_at or now)
        owners = {_owner(each, policy) for each in found}
        stands = _with_queue(_stand_in(oldest, whose, found, owners, seen, cause), oldest.arn, seen, now)
        status, since = f"{cause.word} {cause.of}", seen.since if seen else None
        shown = Transition(stands, status, None, now, since, 1, "sweep")
        # of an outage that began before an upgrade, each owner was reminded
        about = [f"{device} {name}" for name in (whose, *sorted(owners))]
        yield from _if_due(Notification(shown, channel), oldest, about, watched, policy, now)


def announced(watched: Watched, policy: Policy, now: datetime) -> set[str]:
    """Name the devices of whose status nobody is notified later, because no hold keeps its reminder back."""
    holding = {*policy.channels, *policy.quiet, *policy.muted_until}

    def is_held(word: str) -> bool:
        return any(held_until(channel, word, policy, now) for channel in holding)

    words = {name: of_device(seen, now) for name, seen in watched.devices.items()}
    return {name for name, word in words.items() if word and not is_held(word)}


def _by_reader(
    watched: Watched, waiting: Collection[Waiting], ending: Sequence[Reservation], policy: Policy, now: datetime
) -> Mapping[tuple[str, str, str, Cause], list[Snapshot]]:
    """Group by channel, device, owner and cause; an outage is one message for all owners but the person who reads it.

    Each resource is routed by itself, because its tags may name a channel, or nobody. A stuck one gets the time of its
    status as its creation time, because one that is CANCELLING had another status before.
    """
    found: dict[tuple[str, str, str, Cause], list[Snapshot]] = {}
    for (device, whose), theirs in _by_owner(waiting, policy):
        for cause in causes(watched.devices.get(device), theirs, ending, policy, now):
            why = replace(cause, about=())
            for each in cause.about:
                its = replace(each.snapshot, created_at=each.since) if cause.word == STUCK else each.snapshot
                for channel in _channels(each.snapshot, cause.word, policy, now):
                    is_program = policy.channels[channel_of(channel)] in MACHINES
                    for_all = cause.word in OF_OUTAGE and whose != person_of(channel) and not is_program
                    of = "" if for_all else whose
                    found.setdefault((channel, device, of, why), []).append(its)
    return found


def _by_owner(waiting: Collection[Waiting], policy: Policy) -> Iterator[tuple[tuple[str, str], list[Waiting]]]:
    """Group by device and owner. A hybrid job's own tasks wait in a queue of their own, and the job stands for them."""

    def key(each: Waiting) -> tuple[str, str]:
        return each.snapshot.device, _owner(each.snapshot, policy)

    found = [each for each in waiting if not each.snapshot.job_arn]
    yield from ((each, list(theirs)) for each, theirs in groupby(sorted(found, key=key), key))


def _owner(it: Snapshot, policy: Policy) -> str:
    person = owning(it, policy)
    return person.name if person else ""


def _channels(it: Snapshot, word: str, policy: Policy, now: datetime) -> Iterator[str]:
    shown = Transition(it, word, None, now, None, 1, "sweep")
    return (each.channel for each in notifications(shown, policy) if not each.silent)


def _stand_in(
    oldest: Snapshot, whose: str, about: Sequence[Snapshot], owners: Collection[str], seen: Seen | None, cause: Cause
) -> Snapshot:
    """Return a task that stands for all of these owners' on one device, in one outage if the reminder is about that.

    It has the creation time of the oldest one, as the time of its start the begin of the outage, and as its end the
    time after which the reminder is no longer sent. It is of a batch, or of an owner, only if all of them are.
    """
    one_batch, one_owner = len({each.tags.get("batch") for each in about}) == 1, len(owners) == 1
    tags = {key: value for key, value in oldest.tags.items() if (one_batch if key == "batch" else one_owner)}
    began = (seen.since if cause.word == OFFLINE else seen.out_since or seen.since) if seen else None
    outage = f" {iso(began)}" if cause.word in OF_OUTAGE else ""
    digest = sha256(f"{oldest.device} {whose}{outage}".encode()).hexdigest()[:16]
    return Snapshot(
        arn_of(f"{STANDS_FOR}{digest}", oldest.arn.region),
        oldest.status,
        created_at=oldest.created_at,
        started_at=began,
        ended_at=cause.until,
        device=oldest.device,
        bucket=oldest.bucket if one_owner else "",
        directory=oldest.directory if one_owner else "",
        tags={**tags, **counting(about), **owned_by(owners)},
        submitter=oldest.submitter if one_owner else "",
    )


def _with_queue(stands: Snapshot, oldest: Arn, seen: Seen | None, now: datetime) -> Snapshot:
    """Add the queue positions of the oldest task, if sweeps asked for them."""
    earlier = earlier_position(seen, oldest, now)
    tags = {**stands.tags, EARLIER: earlier} if earlier else stands.tags
    return replace(stands, queue_position=last_position(seen, oldest, now), tags=tags)


def _if_due(
    found: Notification, example: Snapshot, about: Sequence[str], watched: Watched, policy: Policy, now: datetime
) -> Iterator[Reminder]:
    """Yield it unless it was sent; it is remembered by the first of `about`, and was sent by any of them."""
    word, channel = reminder_of(found.transition.status), found.channel
    keys = {
        name: [sha256(f"{name} {of} {channel}".encode()).hexdigest()[:16] for of in about] for name in (word, OFFLINE)
    }
    last = {
        name: max((at for key in of if (at := watched.reminded.get(key))), default=None) for name, of in keys.items()
    }
    if _is_due(word, last, watched.devices.get(example.device), now) and not held_until(channel, word, policy, now):
        yield Reminder(found, word, keys[word][0], example)


def _is_due(word: str, last: Mapping[str, datetime | None], seen: Seen | None, now: datetime) -> bool:
    before, out = last[word], last[OFFLINE]
    if word == OFFLINE:
        return seen is not None and (before is None or before < seen.since)
    if word == BACK:
        return out is not None and (before is None or before < out)
    return before is None or now - before >= REPEATED.get(word, timedelta.max)
