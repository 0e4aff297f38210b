"""When the weekly line is due, and what it counts: pure.

The line is a heartbeat. People miss it if the notifier has died with its alarms, so a week without ends has one too.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.announcement import ENDED, FAILED, UNDELIVERED, WEEK, announcement, arn_of
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.watching.ports import Ends

#: The local time on Fridays from which the line is sent, so that people read it before the weekend.
SENT_ON, SENT_FROM = 4, time(16)
#: The local time on that Friday until which ends are counted, and from which the next line counts them. Each end is
#: recorded by the time at which the line is sent.
COUNTED_UNTIL = time(15)
A_WEEK, TO_MONDAY = timedelta(days=7), timedelta(days=3)
#: Days for which ended rows must be kept, because a line is sent up to two days after the week that it counts.
COUNTED_DAYS = 10
#: The time for which home must have been watched, because a new installation has nothing to count.
OLD_ENOUGH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of which a line is due: the ISO week, the range of ends that it counts, and the end of the week."""

    name: str
    since: datetime
    until: datetime
    over: datetime


@dataclass(frozen=True, slots=True)
class Troubles:
    """Reasons for which people may have missed a notification."""

    #: Records that are undelivered or that no function reads.
    undelivered: int = 0
    #: Channels that have accepted nothing since they refused a message.
    down: tuple[str, ...] = ()
    #: Watched regions whose last sweep is too old.
    unswept: tuple[str, ...] = ()


def due(now: datetime, time_zone: str, watched_since: datetime) -> Week | None:
    """Return the week whose line is due; None from Monday to Friday afternoon, and for a new installation.

    A line that could not be sent by Sunday is never sent, because it would say "this week" about another one.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    friday = today + timedelta(days=SENT_ON - today.weekday())
    if now < datetime.combine(friday, SENT_FROM, zone) or now - watched_since < OLD_ENOUGH:
        return None
    year, week, _ = friday.isocalendar()
    bounds = ((friday - A_WEEK, COUNTED_UNTIL), (friday, COUNTED_UNTIL), (friday + TO_MONDAY, time(0)))
    return Week(f"{year}-W{week:02}", *(datetime.combine(*each, zone).astimezone(UTC) for each in bounds))


def unsent(now: datetime, policy: Policy, ends: Ends, start: Callable[[str], datetime]) -> Week | None:
    """Return the week whose line is due and was not sent yet; rows are read only in the days when one is due.

    `start` gives the time since which a region is watched. Home, the first region, remembers the week.
    """
    home = policy.regions[0]
    if policy.retention_days < COUNTED_DAYS or due(now, policy.time_zone, now - OLD_ENOUGH) is None:
        return None
    week = due(now, policy.time_zone, start(home))
    return week if week and ends.last("week", home) != week.name else None


def weekly_line(
    week: Week, policy: Policy, ends: Ends, troubles: Troubles | None, spent: Cost | None = None
) -> Notification:
    """Count the ends of the week in all watched regions; `troubles` is None if one of them could not be read.

    Its tags are the figures, and each trouble as words; without a figure of undelivered records it claims nothing.
    """
    counts: Counter[str] = Counter()
    for region in policy.regions:
        counts.update(ends.count_ended(region, week.since, week.until))
    tags = {ENDED: str(counts.total()), FAILED: str(counts["FAILED"])}
    if troubles:
        down = [f"{channel} is down" for channel in troubles.down]
        unswept = [f"{region} was not swept" for region in troubles.unswept]
        tags |= {UNDELIVERED: str(troubles.undelivered), **dict.fromkeys([*down, *unswept], "")}
    snapshot = Snapshot(arn_of("weekly-line", policy.regions[0]), "CREATED", ended_at=week.over, tags=tags, cost=spent)
    return announcement(snapshot, f"{WEEK} {week.name}", policy.weekly_to)


def unswept(swept: Mapping[str, datetime], policy: Policy, week: Week) -> tuple[str, ...]:
    """Name the regions of which no sweep began after the week's last end, so that an end may be unknown."""
    return tuple(each for each in policy.regions if each not in swept or swept[each] < week.until)
