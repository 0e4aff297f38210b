"""Changes of the settings, one function for each class of happenings."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from tests.prove.months.month import Month
from tests.prove.months.resources import burst, task, within
from tests.prove.months.rules import AFTER_OUTAGE, DAY, HOUR, MINUTE, PEOPLE, Block, Hours
from tests.prove.world_braket import REGIONS

#: The last one is a chain of mutes.
MUTES = (10 * MINUTE, 50 * MINUTE, 4 * HOUR, 14 * HOUR, 3 * DAY, 16 * DAY)
QUIET = (
    Hours(time(22), time(7)),
    Hours(time(22, 30), time(2, 30), ("FAILED",)),
    Hours(time(1), time(2, 30)),
    Hours(time(12), time(13), ("FAILED",)),
    Hours(time(0, 30), time(9)),
    Hours(time(22), time(7), days=("sunday", "monday", "tuesday", "wednesday", "thursday")),
    Hours(time(18), time(8), ("FAILED",), all_day=("saturday", "sunday")),
    Hours(all_day=("wednesday", "sunday")),
    Hours(time(1), time(2, 30), days=("saturday", "sunday"), all_day=("tuesday",)),
)


def mute(month: Month) -> None:
    """A mute, and perhaps another one, a longer or shorter one, or its end before its time."""
    channel = month.random.choice(PEOPLE)
    if month.random.random() < 0.4:
        burst(month)
    month.plan(within(month, 10 * MINUTE), partial(_mute, month, channel, month.random.choice(MUTES)))
    for _ in range(month.random.randint(0, 2)):
        lasts = month.random.choice([timedelta(0), *MUTES[:4]])
        month.plan(within(month, 6 * HOUR), partial(_mute, month, channel, lasts))


def quiet_hours(month: Month) -> None:
    """Other quiet hours, or none any more."""
    _keep_quiet(month, month.random.choice(PEOPLE), month.random.choice([*QUIET, None]))


def clocks_change(month: Month) -> None:
    """Ends in the night in which the clocks change, with quiet hours of every kind in force."""
    zone = ZoneInfo(month.settings.zone)
    offsets = [(day, (month.now + day * DAY).astimezone(zone).utcoffset()) for day in range(90)]
    night = next((day for day, offset in offsets if offset != offsets[0][1]), None)
    if night is None:
        return
    begins = (month.now + (night - 1) * DAY).astimezone(zone).replace(hour=20).astimezone(UTC)
    for channel in PEOPLE:
        month.plan(begins, partial(_keep_quiet, month, channel, month.random.choice(QUIET)))
    for _ in range(12):
        month.plan(begins + month.random.random() * 14 * HOUR, partial(task, month))


def push(month: Month) -> None:
    """Other routes, or another rule of what is ignored."""
    now = month.settings
    others = (
        replace(now, mail_all=not now.mail_all),
        replace(now, slack_cancelled=not now.slack_cancelled),
        replace(now, ignores_trials=not now.ignores_trials),
    )
    month.change(month.random.choice(others))


def region_out(month: Month) -> None:
    """A deployment takes a region out, and a later one adds it again."""
    region, back = month.random.choice(REGIONS), month.now + month.random.choice([3 * HOUR, 30 * HOUR, 8 * DAY])
    if any(month.now - until < 10 * DAY for _, _, until in month.out):
        return
    month.out.append((region, month.now, back))
    _watch(month, tuple(each for each in REGIONS if each != region))
    month.plan(back, partial(_watch, month, REGIONS))


def rollback(month: Month) -> None:
    """The next version runs for some time, is rolled back, and is deployed again before its records are given up."""
    back = month.now + month.random.choice([10 * MINUTE, 5 * HOUR])
    again = back + month.random.choice([HOUR, 12 * HOUR, 40 * HOUR])
    if month.version != 1:
        return
    month.version = 2
    if month.random.random() < 0.7:
        burst(month)
    month.plan(back, partial(_roll_back, month, again))
    month.plan(again, partial(setattr, month, "version", 2))


def _roll_back(month: Month, again: datetime) -> None:
    """Leave records, rows and groups behind that only the next version can read."""
    month.version = 1
    month.rollbacks.append((month.now, again))
    month.of_next |= month.snapshots.of_next
    for channel in PEOPLE:
        month.blocks[channel].append(Block(month.now, again, AFTER_OUTAGE[channel]))


def _watch(month: Month, regions: tuple[str, ...]) -> None:
    month.change(replace(month.settings, regions=regions))


def _keep_quiet(month: Month, channel: str, hours: Hours | None) -> None:
    quiet = {name: each for name, each in month.settings.quiet.items() if name != channel}
    month.change(replace(month.settings, quiet={**quiet, channel: hours} if hours else quiet))


def _mute(month: Month, channel: str, lasts: timedelta) -> None:
    """Mute for so long from now on; no time ends a mute."""
    others = {name: at for name, at in month.settings.muted.items() if name != channel}
    muted = {**others, channel: month.now + lasts} if lasts else others
    month.change(replace(month.settings, muted=muted))
