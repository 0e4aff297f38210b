"""The monthly page: when it is due, what it counts for each device, and the figures that it carries; pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from braket_notifier.costs.period import period_of
from braket_notifier.costs.sums import Sum, is_counted, sums
from braket_notifier.domain.cost import Cost, parse_cost
from braket_notifier.domain.resource import Snapshot
from braket_notifier.text.json_fields import text, whole

#: The local time on the first of a month from which the page about the last one is sent, and the days in which it is.
SENT_FROM, SENT_FOR = time(8), timedelta(days=7)
#: Days for which ended rows must be kept, because a page is sent up to seven days after the month that it counts.
COUNTED_DAYS = 39
#: Devices on a page, the dearest ones, because a queue record has limited room.
MOST_DEVICES = 20


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the settings' time zone whose page is due: name, bounds, and the end of the due days."""

    name: str
    since: datetime
    until: datetime
    over: datetime


@dataclass(frozen=True, slots=True)
class DeviceMonth:
    """The quantum tasks that ended in a month on one QPU."""

    device: str
    tasks: int
    failed: int
    cost: Cost
    #: The median time from submission to RUNNING; None if RUNNING was never seen.
    waited: timedelta | None = None

    @property
    def sum(self) -> Sum:
        return Sum(self.device, self.tasks, self.failed, self.cost)


def due(now: datetime, time_zone: str) -> Month | None:
    """Return the month whose page is due; None after the first days of a month."""
    zone = ZoneInfo(time_zone)
    until, _ = period_of(now, "month", time_zone)
    since, _ = period_of(until - timedelta(days=1), "month", time_zone)
    over = until + SENT_FOR
    sent_from = datetime.combine(until.astimezone(zone).date(), SENT_FROM, zone)
    return Month(f"{since.astimezone(zone):%Y-%m}", since, until, over) if sent_from <= now < over else None


def by_device(ended: Iterable[Snapshot]) -> list[DeviceMonth]:
    """Count the tasks of each QPU, the dearest one first; `started_at` is the time of RUNNING, if that was seen."""
    tasks = [each for each in ended if is_counted(each)]
    waits: defaultdict[str, list[timedelta]] = defaultdict(list)
    for each in tasks:
        if each.created_at and each.started_at:
            waits[each.device].append(each.started_at - each.created_at)
    return [
        DeviceMonth(each.key, each.tasks, each.failed, each.cost, _median(waits[each.key]))
        for each in sums(tasks, lambda task: task.device)
    ]


def _median(waits: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in waits)) if waits else None


def to_tags(rows: Iterable[DeviceMonth]) -> dict[str, str]:
    """Return the rows as tags of an announcement, in their order; `of_tags` reads them."""
    listed = list(rows)[:MOST_DEVICES]
    return {f"{place:02}": json.dumps(_members(each), separators=(",", ":")) for place, each in enumerate(listed)}


def of_tags(tags: Mapping[str, str]) -> Iterator[DeviceMonth]:
    """Read the rows, without those that another version wrote."""
    for _, value in sorted(tags.items()):
        try:
            device, tasks, failed, cost, waited = json.loads(value)
            found, seconds = parse_cost(cost), whole("waited", waited)
            counts = whole("tasks", tasks) or 0, whole("failed", failed) or 0
        except (TypeError, ValueError):
            continue
        if found:
            yield DeviceMonth(text(device), *counts, found, None if seconds is None else timedelta(seconds=seconds))


def _members(row: DeviceMonth) -> list[object]:
    seconds = None if row.waited is None else max(0, round(row.waited.total_seconds()))
    return [row.device, row.tasks, row.failed, row.cost.to_json(), seconds]
