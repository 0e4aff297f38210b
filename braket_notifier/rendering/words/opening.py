"""The status of a device and when its queue opens, in words; pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from braket_notifier.braket.availability import ONLINE, Availability, next_opening
from braket_notifier.text.wording import clean, clock_time, zone_name

_WEEK = 7


def opening(device: Availability, since: datetime, zone: str, now: datetime) -> str:
    """Return "OFFLINE since 16:20" or "queue opens tomorrow 15:00 CET"; empty while the device runs tasks.

    A window is named only while the device is ONLINE, because an outage may outlast it.
    """
    if device.status != ONLINE:
        return f"{clean(device.status)} since {clock_time(since, zone, beside=now)}"
    opens = next_opening(device.windows, now)
    return "" if opens is None or opens == now else f"queue opens {_day(opens, zone, now)} {zone_name(opens, zone)}"


def _day(at: datetime, zone: str, now: datetime) -> str:
    local = at.astimezone(ZoneInfo(zone))
    days = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
    if days > 1:
        return f"{local:%a %H:%M}" if days < _WEEK else f"{local.day} {local:%b %H:%M}"
    return f"{'tomorrow ' if days else ''}{local:%H:%M}"
