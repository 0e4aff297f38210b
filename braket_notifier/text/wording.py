"""Texts, numbers and times in the form that people read."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.text.graphemes import SELECTORS, boundary

#: Invisible characters that are kept between others, because they join emoji and separate letters.
_JOINERS = "\u200c\u200d"
_KEPT = {*_JOINERS, *SELECTORS}
#: Categories of characters that control, hide or reverse text.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return one line without control, bidirectional and other invisible characters; joiners in an emoji stay."""
    spaced = _SPACES.sub(" ", text)
    if spaced.isprintable():  # true of nearly every text, and faster than a look at each character
        return spaced.strip()
    visible = "".join(c for c in spaced if c in _KEPT or unicodedata.category(c) not in _INVISIBLE)
    return visible.rstrip(" " + _JOINERS).lstrip(" " + "".join(_KEPT))


def printable(text: str) -> str:
    """Return the text for a terminal: its lines and spaces, but no control, bidirectional or invisible character."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or c in _KEPT or unicodedata.category(c) not in _INVISIBLE)


def composed(text: str) -> str:
    """Return the text to compare, with the same characters however its accents were typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(name: str) -> str:
    """Return a name to compare in any case."""
    return composed(composed(name).casefold())


def cut(text: str, most: int) -> str:
    """Return at most `most` characters, whole grapheme clusters only; an ellipsis replaces the rest."""
    if len(text) <= most:
        return text
    return text[: boundary(text, most - 1)].rstrip(" " + _JOINERS) + "…"


def number(value: int) -> str:
    return f"{value:,}"


def plural(count: int, thing: str) -> str:
    return f"{number(count)} {thing}{'' if count == 1 else 's'}"


def duration(span: timedelta) -> str:
    """Return two units at most: 48 s, 12 min, 3 h 41 min, 2 d 4 h."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2])


def span(length: timedelta) -> str:
    """Return the short form for a timeline: 3 h 05, and below an hour the form of `duration`."""
    minutes = round(max(0.0, length.total_seconds()) / 60)
    return f"{minutes // 60:,} h {minutes % 60:02}" if minutes >= 60 else duration(length)  # noqa: PLR2004 - an hour


def clock_time(at: datetime, zone: str, beside: datetime | None = None, named: datetime | None = None) -> str:
    """Return `12:53`, with its day in front if `beside` has another, and with its zone if `named` has another."""
    local = at.astimezone(ZoneInfo(zone))
    same_day = beside is None or beside.astimezone(ZoneInfo(zone)).date() == local.date()
    same_zone = named is None or zone_name(named, zone) == zone_name(at, zone)
    day = "" if same_day else f"{local.day} {local:%b} "
    return f"{day}{local:%H:%M}" if same_zone else f"{day}{local:%H:%M} {zone_name(at, zone)}"


def zoned_time(at: datetime, zone: str, beside: datetime | None = None) -> str:
    """Return `12:53 CET (11:53 UTC)`, or `11:53 UTC` if the zone has no offset, with the day as `clock_time` has it."""
    shown = f"{clock_time(at, zone, beside)} {zone_name(at, zone)}"
    return f"{shown} ({at.astimezone(UTC):%H:%M} UTC)" if at.astimezone(ZoneInfo(zone)).utcoffset() else shown


def zone_name(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Z}" if local.utcoffset() else "UTC"
