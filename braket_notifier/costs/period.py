"""The local calendar day, week or month that a budget or a monthly page is about; pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.policy import Period


def period_of(now: datetime, period: Period, time_zone: str) -> tuple[datetime, datetime]:
    """Return begin and end of the local calendar day, week or month that contains `now`."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    if period == "day":
        first, after = today, today + timedelta(days=1)
    elif period == "week":
        first = today - timedelta(days=today.weekday())
        after = first + timedelta(days=7)
    else:
        first = today.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    begin, end = (datetime.combine(day, time(0), zone).astimezone(UTC) for day in (first, after))
    return begin, end
