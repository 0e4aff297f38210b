"""Quiet hours and mutes of a channel; pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.transition import Transition


def quiet_until(channel: str, transition: Transition, policy: Policy, now: datetime) -> datetime | None:
    """Return the end of the quiet hours or the mute that holds the transition; None if it may be sent now.

    A mute holds every status. A digest delivers the held transitions afterwards.
    """
    holds = [policy.muted_until.get(channel, now)]
    quiet = policy.quiet.get(channel)
    if quiet and not _passes(transition.status, quiet):
        holds.append(_ends(quiet, now, policy.time_zone))
    latest = max(holds)
    return latest if latest > now else None


def _passes(status: str, quiet: Quiet) -> bool:
    """Whether quiet hours let the status pass; the warning FAILING passes with FAILED, because it is as urgent."""
    return status in quiet.passing or (status == FAILING and "FAILED" in quiet.passing)


def _ends(quiet: Quiet, now: datetime, time_zone: str) -> datetime:
    """Return the local end of the quiet hours that contain `now`, or `now` itself outside of them."""
    local = now.astimezone(ZoneInfo(time_zone))
    wall_time, over_midnight = local.time(), quiet.begins > quiet.ends
    evening, morning = wall_time >= quiet.begins, wall_time < quiet.ends
    if not (evening or morning if over_midnight else evening and morning):
        return now
    day = local + timedelta(days=1) if over_midnight and evening else local
    # `replace` keeps the fold, so in the night that has an hour twice the end is in the same one of the two as now.
    end = day.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    return end.astimezone(now.tzinfo)
