"""The status of a device and its execution windows, as GetDevice returns them; pure.

A device outside its windows stays ONLINE and queues tasks; an OFFLINE one refuses new tasks. When a window is open is
decided as in the SDK's `AwsDevice.is_available`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from braket_notifier.text.json_fields import inside, object_in, shown, text

#: Braket's word for a device that accepts tasks.
ONLINE = "ONLINE"
#: The weekdays, as Python counts them, of each of Braket's words for days.
DAYS: Mapping[str, Sequence[int]] = {
    "Everyday": range(7),
    "Weekdays": range(5),
    "Weekend": (5, 6),
    **{
        name: (number,)
        for number, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
    },
}
#: Characters of the capabilities of the largest device, with room; more is not parsed.
LONGEST = 4_000_000
#: Windows of a device; a longer list is cut, because a row has limited room.
MOST = 50
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(\.\d{1,6})?")
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """A range of hours in UTC on certain days; one that ends before it begins crosses midnight."""

    day: str
    begins: time
    ends: time

    @property
    def crosses(self) -> bool:
        return self.ends < self.begins

    def has(self, now: datetime) -> bool:
        """Whether the window is open; its last second belongs to it."""
        utc = now.astimezone(UTC)
        at = utc.time().replace(microsecond=0)
        is_within = at >= self.begins or at <= self.ends if self.crosses else self.begins <= at <= self.ends
        weekday = (utc.weekday() - (self.crosses and at < self.ends)) % 7
        return is_within and self.begins != self.ends and weekday in DAYS[self.day]

    def on(self, day: datetime) -> tuple[datetime, datetime] | None:
        """Return the range that begins on this day in UTC; None if none does."""
        if day.weekday() not in DAYS[self.day] or self.begins == self.ends:
            return None
        begins = datetime.combine(day, self.begins, UTC)
        return begins, datetime.combine(day + _DAY * self.crosses, self.ends, UTC)


@dataclass(frozen=True, slots=True)
class Availability:
    """Braket's answer about a device."""

    status: str
    windows: tuple[Window, ...] = ()


def parse_availability(members: Mapping[str, object]) -> Availability:
    """Parse an answer of GetDevice; ValueError without a status. What is no execution window is left out."""
    status = text(members.get("deviceStatus"), 64)
    if not status:
        raise ValueError(f"deviceStatus {shown(members.get('deviceStatus'))} is not a status of a device")
    return Availability(status, parse_windows(members.get("deviceCapabilities")))


def parse_windows(capabilities: object) -> tuple[Window, ...]:
    """Parse the windows in `deviceCapabilities`, which is JSON in a text."""
    found = inside(object_in(text(capabilities, LONGEST)), "service", "executionWindows")
    listed = found[:MOST] if isinstance(found, list) else []
    return tuple(each for each in map(parse_window, listed) if each)


def parse_window(members: object) -> Window | None:
    """Parse one window; None for another form, as a day that this version does not know."""
    named = members if isinstance(members, Mapping) else {}
    day, begins, ends = (text(named.get(key)) for key in ("executionDay", "windowStartHour", "windowEndHour"))
    if day not in DAYS or not (_HOUR.fullmatch(begins) and _HOUR.fullmatch(ends)):
        return None
    return Window(day, time.fromisoformat(begins[:8]), time.fromisoformat(ends[:8]))


def is_open(windows: Sequence[Window], now: datetime) -> bool:
    return any(each.has(now) for each in windows)


def next_opening(windows: Sequence[Window], now: datetime) -> datetime | None:
    """Return when the device next runs tasks: `now` while a window is open, and None without any window."""
    if is_open(windows, now):
        return now
    return min((begins for begins, _ in _ranges(windows, now, now + _WEEK + _DAY) if begins > now), default=None)


def open_time(windows: Sequence[Window], since: datetime, until: datetime, enough: timedelta) -> timedelta:
    """Add up for how long the windows were open in a range, at most about `enough`; overlaps count once."""
    total, reached = timedelta(0), since
    for begins, ends in sorted(_ranges(windows, since - _DAY, until)):
        begin, end = max(begins, reached), min(ends, until)
        if end > begin:
            total, reached = total + (end - begin), end
        if total >= enough:
            break
    return total


def _ranges(windows: Sequence[Window], since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= until:
        yield from (found for each in windows if (found := each.on(day)))
        day += _DAY
