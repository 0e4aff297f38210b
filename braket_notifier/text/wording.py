"""Words, figures and times as people say them, out of whatever data holds."""

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.text.graphemes import SELECTORS, boundary

#: What may be invisible and yet means something: it joins emoji and parts letters, but only between others.
_JOINERS = "\u200c\u200d"
_KEPT = {*_JOINERS, *SELECTORS}
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """One line without control, bidirectional and other invisible characters (a joiner inside an emoji stays)."""
    spaced = _SPACES.sub(" ", text)
    if spaced.isprintable():  # nearly always, and much sooner known than said of each character
        return spaced.strip()
    seen = "".join(c for c in spaced if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    return seen.rstrip(" " + _JOINERS).lstrip(" " + "".join(_KEPT))


def cut(text: str, most: int) -> str:
    """At most `most` characters, never through what people take for one; an ellipsis shows that something is gone."""
    if len(text) <= most:
        return text
    return text[: boundary(text, most - 1)].rstrip(" " + _JOINERS) + "…"


def to_ascii(text: str) -> str:
    """The nearest ASCII: accents go, a middle dot becomes a comma, what has no likeness is left out."""
    alike = text.replace(" · ", ", ").replace("—", "-").replace("…", "...").replace("ß", "ss")
    return clean(unicodedata.normalize("NFKD", alike).encode("ascii", "ignore").decode())


def number(value: int) -> str:
    return f"{value:,}"


def plural(count: int, thing: str) -> str:
    return f"{number(count)} {thing}{'' if count == 1 else 's'}"


def duration(span: timedelta) -> str:
    """Two units at most: 48 s, 12 min, 3 h 41 min, 2 d 4 h."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2])


def span(length: timedelta) -> str:
    """As short as a timeline needs it: 3 h 05, and below an hour like any duration."""
    minutes = round(max(0.0, length.total_seconds()) / 60)
    return f"{minutes // 60:,} h {minutes % 60:02}" if minutes >= 60 else duration(length)  # noqa: PLR2004 - an hour


def clock_time(at: datetime, zone: str, beside: datetime | None = None) -> str:
    """`12:53`, with the day in front where it is not the day of `beside`."""
    local = at.astimezone(ZoneInfo(zone))
    same_day = beside is None or beside.astimezone(ZoneInfo(zone)).date() == local.date()
    return f"{local:%H:%M}" if same_day else f"{local.day} {local:%b %H:%M}"


def zoned_time(at: datetime, zone: str) -> str:
    """`12:53 CET (11:53 UTC)`, or `11:53 UTC` where that is the local time."""
    local = at.astimezone(ZoneInfo(zone))
    if not local.utcoffset():
        return f"{local:%H:%M} UTC"
    return f"{local:%H:%M %Z} ({at.astimezone(ZoneInfo('UTC')):%H:%M} UTC)"


def zone_name(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Z}" if local.utcoffset() else "UTC"
