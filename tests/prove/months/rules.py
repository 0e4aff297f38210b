"""The promise in the proof's own words: who is to be notified of an end, when a channel is held, and by when.

Nothing here calls the code under test; `Settings.policy` only writes the settings in its form.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.domain.destination import direct
from braket_notifier.domain.policy import Ignored, Person, Policy, Quiet, Route, Weekday
from tests.prove.world_braket import ENDS, OWNERS, REGIONS

WEEK: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SLACK, MAIL, PROGRAMS, DIRECT = "team-slack", "mail", "programs", "dm"
CHANNELS = (SLACK, MAIL, PROGRAMS, DIRECT)
PEOPLE = (SLACK, MAIL, DIRECT)
#: The owners to whom the direct channel writes.
KNOWN = OWNERS[:2]
DESTINATIONS = (SLACK, MAIL, *(direct(DIRECT, each) for each in KNOWN))
#: The channel that gets another's notifications while that one is down, at once or after some hours.
FALLBACKS = {SLACK: MAIL, MAIL: SLACK, DIRECT: MAIL}
NO_TIME, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: The setting `retention`.
KEPT_DAYS = 30
#: The status of a message that announces no status.
NONE = ""
#: The time from the moment at which the notifier sees an end to its message, where nothing is in the way.
AT_ONCE = {SLACK: 3 * MINUTE, MAIL: 16.5 * MINUTE, PROGRAMS: 1.5 * MINUTE, DIRECT: 3 * MINUTE}
#: The same after an outage of the channel: a back-off of a quarter of an hour comes first, for e-mail a digest too.
AFTER_OUTAGE = {SLACK: 19 * MINUTE, MAIL: 94 * MINUTE, PROGRAMS: 17 * MINUTE, DIRECT: 19 * MINUTE}
#: After one e-mail and a second one a quarter of an hour later, there is one in an hour.
MANY_MAILS = 62 * MINUTE
#: The same after the end of a hold, which may have kept much.
AFTER_HOLD = {SLACK: 4 * MINUTE, MAIL: MANY_MAILS + MINUTE, PROGRAMS: NO_TIME, DIRECT: 4 * MINUTE}
#: A function that was killed leaves its records hidden for so long.
AFTER_KILL = 14 * MINUTE
#: A card that grows is announced by its last message, at the latest after this time.
LAST_MESSAGE = timedelta(hours=6, minutes=25)


@dataclass(frozen=True)
class Hours:
    """Quiet hours by the wall clock, quiet days, and the statuses that pass; equal times stand for no hours."""

    begins: time = time(0)
    ends: time = time(0)
    passing: tuple[str, ...] = ()
    #: The weekdays on which the hours begin; empty: every day.
    days: tuple[Weekday, ...] = ()
    #: The weekdays that are quiet from midnight to midnight.
    all_day: tuple[Weekday, ...] = ()

    def contain(self, local: datetime) -> bool:
        """Whether a moment is in a quiet day, or in hours that began today or, if they end the next day, yesterday."""
        if WEEK[local.weekday()] in self.all_day:
            return True
        wall, today = local.time(), self._begin_on(local)
        before_end = wall < self.ends or _is_before_skipped(self.ends, local)
        if self.begins <= self.ends:
            return self.begins <= wall and before_end and today
        return (wall >= self.begins and today) or (before_end and self._begin_on(local - DAY))

    def _begin_on(self, local: datetime) -> bool:
        return not self.days or WEEK[local.weekday()] in self.days


def _is_before_skipped(ends: time, local: datetime) -> bool:
    """Whether the clocks skipped the end today, so that it comes later by what they skipped."""
    end = datetime.combine(local.date(), ends, local.tzinfo).astimezone(UTC)
    return end.astimezone(local.tzinfo).time() != ends <= local.time() and local.astimezone(UTC) < end


@dataclass(frozen=True)
class Settings:
    """What an operator can change without a deployment."""

    zone: str
    #: E-mail gets every end, and not failures alone.
    mail_all: bool = False
    #: Slack gets cancelled resources too.
    slack_cancelled: bool = True
    #: Resources with the tag `trial` are ignored.
    ignores_trials: bool = False
    quiet: Mapping[str, Hours] = field(default_factory=dict)
    muted: Mapping[str, datetime] = field(default_factory=dict)
    regions: tuple[str, ...] = REGIONS

    def want(self, channel: str, status: str, *, trial: bool) -> bool:
        """Whether the channel is to be notified of an end."""
        if self.ignores_trials and trial:
            return False
        if channel == MAIL:
            return status == "FAILED" or self.mail_all
        return channel != SLACK or status != "CANCELLED" or self.slack_cancelled

    def hold(self, channel: str, status: str, at: datetime) -> bool:
        """Whether a message about the status may not be written now."""
        if at < self.muted.get(channel, at):
            return True
        hours = self.quiet.get(channel)
        if hours is None or ("FAILED" if status == "FAILING" else status) in hours.passing:
            return False
        local = at.astimezone(ZoneInfo(self.zone))
        return hours.contain(local)

    @property
    def policy(self) -> Policy:
        jobs = (Route((SLACK,), kind="job", status=("RUNNING",), silent=("RUNNING",)),)
        slack = tuple(each for each in ENDS[:3] if each != "CANCELLED" or self.slack_cancelled)
        return Policy(
            regions=self.regions,
            time_zone=self.zone,
            channels={SLACK: "slack", MAIL: "email", PROGRAMS: "topic", DIRECT: "slack"},
            to_owner=(DIRECT,),
            people=tuple(Person(each, f"U{each.upper()}", (f"tag:owner={each}",)) for each in KNOWN),
            routes=(
                *jobs,
                Route((SLACK,), status=slack),
                Route((MAIL,), status=ENDS[:3] if self.mail_all else ("FAILED",)),
                Route((PROGRAMS, DIRECT), status=ENDS[:3]),
            ),
            ignored=(Ignored(tags={"trial": "*"}),) if self.ignores_trials else (),
            quiet={name: Quiet(**vars(each)) for name, each in self.quiet.items()},
            muted_until=self.muted,
            retention_days=KEPT_DAYS,
        )


@dataclass(frozen=True)
class Block:
    """A time in which something cannot work, and how long it may take afterwards."""

    since: datetime
    until: datetime
    after: timedelta


@dataclass
class Calendar:
    """Every change of the settings, oldest first."""

    changes: list[tuple[datetime, Settings]]

    def at(self, when: datetime) -> Settings:
        return next((each for since, each in reversed(self.changes) if since <= when), self.changes[0][1])

    def between(self, since: datetime, until: datetime) -> list[Settings]:
        """The settings in force at any moment of a range."""
        return [self.at(since), *(each for at, each in self.changes if since < at <= until)]

    def held(self, channel: str, status: str, at: datetime) -> bool:
        return channel in PEOPLE and self.at(at).hold(channel, status, at)

    def free_from(self, channel: str, status: str, at: datetime) -> datetime:
        """The first moment at which nothing holds the channel."""
        while self.held(channel, status, at):
            muted = self.at(at).muted.get(channel, at)
            change = next((since for since, _ in self.changes if since > at), muted)
            minute = at.replace(second=0, microsecond=0) + MINUTE
            at = min(muted, change) if muted > at and change > at else minute
        return at

    def held_within(self, channel: str, status: str, since: datetime, until: datetime) -> datetime | None:
        """The first moment of a range at which the channel is held; looked at once a minute."""
        minutes = (since + number * MINUTE for number in range(int((until - since) / MINUTE) + 1))
        changes = (at for at, _ in self.changes if since <= at <= until)
        return next((at for at in sorted([*minutes, *changes]) if self.held(channel, status, at)), None)


def clear(since: datetime, need: timedelta, blocks: Iterable[Block]) -> datetime:
    """The end of the first range of this length, or longer after a block, without a block."""
    return due(since, need, list(blocks), None, "", "")


def due(
    since: datetime, need: timedelta, blocks: Sequence[Block], calendar: Calendar | None, channel: str, status: str
) -> datetime:
    """When a message must have been accepted that could be sent from `since` on."""
    at = since
    while True:
        if calendar and (held := calendar.held_within(channel, status, at, at + need)) is not None:
            at, need = calendar.free_from(channel, status, held), max(need, AFTER_HOLD[channel])
            continue
        met = [each for each in blocks if each.since < at + need and each.until + each.after > since]
        longest = max([need, *(each.after for each in met)])
        until = max([at, *(each.until for each in met)])
        if (at, need) == (until, longest):
            return at + need
        at, need = until, longest
