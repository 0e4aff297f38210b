"""Whether a channel is to be left in peace now, and until when: pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.transition import Transition


def quiet_until(channel: str, transition: Transition, policy: Policy, now: datetime) -> datetime | None:
    """Until when the channel's quiet hours or its mute hold this back; None if it may be told now.

    A mute lets nothing pass. What is held comes afterwards, as a digest.
    """
    holds = [policy.muted_until.get(channel, now)]
    quiet = policy.quiet.get(channel)
    if quiet and not _passes(transition.status, quiet):
        holds.append(_ends(quiet, now, policy.time_zone))
    latest = max(holds)
    return latest if latest > now else None


def _passes(status: str, quiet: Quiet) -> bool:
    """The warning that a hybrid job is failing is as urgent as its failure."""
    return status in quiet.passing or (status == FAILING and "FAILED" in quiet.passing)


def _ends(quiet: Quiet, now: datetime, time_zone: str) -> datetime:
    """When the hours that `now` lies in end, by the clock on the wall; `now` if it lies in none."""
    local = now.astimezone(ZoneInfo(time_zone))
    wall, over_midnight = local.time(), quiet.begins > quiet.ends
    evening, morning = wall >= quiet.begins, wall < quiet.ends
    if not (evening or morning if over_midnight else evening and morning):
        return now
    day = local + timedelta(days=1) if over_midnight and evening else local
    # On the night when an hour happens twice, the end is in the same one of the two as now.
    end = day.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    return end.astimezone(now.tzinfo)
