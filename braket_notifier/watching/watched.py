"""The memory of a region's sweeps: its devices, and what people were reminded of; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from braket_notifier.braket.availability import ONLINE, Availability
from braket_notifier.domain.resource import Arn

#: The time for which a reminder is remembered; a hybrid job runs for five days at most.
KEPT = timedelta(days=10)
#: The time for which the end of an outage is news.
NEWS_OF_BACK = timedelta(days=1)
#: The positions of a task that are remembered.
MOST_POSITIONS = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """A device as the last sweep saw it, and the time of the first sweep that saw this status."""

    answer: Availability
    since: datetime
    #: The begin of the last outage that was announced, as long as its end is news.
    out_since: datetime | None = None
    #: The time at which the reminder of this status was sent about every task and job that was open on it.
    announced_at: datetime | None = None
    #: The positions of its first and its last queued task by their ARNs, as Braket writes them, each with its time.
    queue: Mapping[str, tuple[tuple[datetime, str], ...]] = field(default_factory=dict)

    def outage(self, now: datetime) -> datetime | None:
        """Return the begin of the outage that was announced, as long as its end is awaited or news."""
        is_over = self.answer.status == ONLINE and now - self.since >= NEWS_OF_BACK
        return None if is_over else self.out_since


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
                last = before or Seen(answer, now)
                found[device] = Seen(answer, now, last.outage(now), queue=last.queue)
            elif before:
                found[device] = replace(before, answer=answer or before.answer)
        return replace(self, devices=found)

    def after(
        self, keys: Collection[str], outages: Collection[str], announced: Collection[str], now: datetime
    ) -> "Watched":
        """Remember the reminders that were sent, and the devices whose outage or status was announced.

        What was sent in an outage is remembered as long as its end is awaited or news.
        """
        oldest = min((began for each in self.devices.values() if (began := each.outage(now))), default=now)
        kept = {key: at for key, at in self.reminded.items() if at > now - KEPT or at >= oldest}
        devices = {
            name: replace(
                seen,
                out_since=seen.since if name in outages else seen.out_since,
                announced_at=seen.announced_at or (now if name in announced else None),
            )
            for name, seen in self.devices.items()
        }
        return Watched(devices, {**kept, **dict.fromkeys(keys, now)})

    def with_positions(self, asked: Mapping[str, Sequence[Arn]], found: Mapping[Arn, str], now: datetime) -> "Watched":
        """Remember the positions of these tasks by their device, and forget those of all others."""
        devices = {}
        for name, seen in self.devices.items():
            known = {
                arn.text: (*seen.queue.get(arn.text, ()), *([(now, found[arn])] if found.get(arn) else []))
                for arn in asked.get(name, ())
            }
            queue = {arn: positions[-MOST_POSITIONS:] for arn, positions in known.items() if positions}
            devices[name] = replace(seen, queue=queue)
        return replace(self, devices=devices)
