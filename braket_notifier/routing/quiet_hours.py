"""The holds of a channel, which are its quiet hours and its mutes; pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.policy import WEEKDAYS, Policy, Quiet
from braket_notifier.domain.resource import FAILING

#: The status of a message that announces none, such as the closing of a card: quiet hours let it never pass.
NO_STATUS = ""


def held_until(channel: str, status: str, policy: Policy, now: datetime) -> datetime | None:
    """Return when a message about the status may be written to the channel; None if it may be written now.

    A mute holds every status. Quiet hours that begin before a mute ends prolong it, and the other way round. A person's
    own quiet hours replace those of the channel, and of a person's mute and the channel's the longer one holds.
    """
    until = now
    while (later := _hold_ends(channel, status, policy, until)) > until:
        until = later
    return until if until > now else None


def passes_hold(channel: str, policy: Policy, now: datetime) -> bool:
    """Whether a status passes what holds the channel now; none passes a mute."""
    quiet = policy.quiet.get(channel) or policy.quiet.get(channel_of(channel))
    return quiet is not None and any(not held_until(channel, each, policy, now) for each in quiet.passing)


def may_hold(channel: str, policy: Policy) -> bool:
    """Whether the channel has quiet hours or a mute at any time."""
    return any(each in policy.quiet or each in policy.muted_until for each in (channel, channel_of(channel)))


def _hold_ends(channel: str, status: str, policy: Policy, at: datetime) -> datetime:
    quiet = policy.quiet.get(channel) or policy.quiet.get(channel_of(channel))
    muted = max(policy.muted_until.get(each, at) for each in (channel, channel_of(channel)))
    return muted if quiet is None or _passes(status, quiet) else max(muted, _ends(quiet, at, policy.time_zone))


def _passes(status: str, quiet: Quiet) -> bool:
    """Whether quiet hours let the status pass; the warning FAILING passes with FAILED, because it is as urgent."""
    return status in quiet.passing or (status == FAILING and "FAILED" in quiet.passing)


def _ends(quiet: Quiet, now: datetime, time_zone: str) -> datetime:
    """Return the local end of the quiet hours or the quiet day that contain `now`, or `now` itself outside of them."""
    local = now.astimezone(ZoneInfo(time_zone))
    if WEEKDAYS[local.weekday()] in quiet.all_day:
        return _at(local + timedelta(days=1), time(0)).astimezone(now.tzinfo)
    over_midnight, end = quiet.begins > quiet.ends, _at(local, quiet.ends).astimezone(now.tzinfo)
    evening = local.time() >= quiet.begins and _begin_on(local, quiet)
    # by time and not by the wall clock, which may skip the end: it is then as much later as the clock skips
    morning = now < end and _begin_on(local - timedelta(days=over_midnight), quiet)
    if not (evening or morning if over_midnight else evening and morning):
        return now
    return _at(local + timedelta(days=1), quiet.ends).astimezone(now.tzinfo) if over_midnight and evening else end


def _begin_on(day: datetime, quiet: Quiet) -> bool:
    return not quiet.days or WEEKDAYS[day.weekday()] in quiet.days


def _at(day: datetime, end: time) -> datetime:
    """Keep the fold of `day`, so that in the night that has an hour twice the end is in the same one of the two."""
    return day.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
