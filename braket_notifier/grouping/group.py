"""Which notifications belong together, and whether one is told singly or with others: pure.

Up to three single messages, then one card that is edited while more comes, then one message that says it is over.
Where nothing can be edited, one message tells what has gathered since the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import owner

#: What was too late to be news, and what a channel's quiet hours held: one group of each for a channel.
AWAY, QUIET = "away", "quiet"
LATE = {AWAY, QUIET}
#: Under this key a channel's single failure messages are counted, whatever group they belong to.
FAILURES = "failures"
#: What begins together is gathered for so long before its card is posted; a failure opens it at once.
GROUP_WAIT = timedelta(seconds=10)
#: After an outage everything comes back within a minute or so, and one message tells it.
GATHERS_LATE = timedelta(minutes=1)
EDITED_EVERY = timedelta(seconds=30)
COLLECTED = timedelta(minutes=15)
#: When something was added last is known to the second: each of a thousand would rewrite the group for it.
NOTED_EVERY = timedelta(seconds=1)
#: A card that nothing ever closes would be a picture without an end.
LONGEST_OPEN = timedelta(hours=6)
#: No more moments are remembered of one group, whatever the settings allow.
MOST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Group:
    """What is remembered of one group in one channel; each time it has come to an end a new episode begins."""

    episode: int = 0
    #: When it was told of: singly, or by the last message where nothing can be edited.
    single_times: tuple[datetime, ...] = ()
    added_at: datetime | None = None
    #: When what waits is to be shown; None: nothing waits.
    flush_at: datetime | None = None
    opened_at: datetime | None = None
    shown_at: datetime | None = None
    #: Where the card stands.
    place: str = ""
    #: A failure was announced since the card was opened.
    failed: bool = False
    #: Something was shown by an edit only, and nobody's phone has rung for it.
    owing: bool = False
    #: It was announced that nothing of the group is open; once an episode, for more may be submitted.
    over: bool = False
    #: The channel did not take what waits: nothing is shown before `flush_at`.
    retrying: bool = False
    version: int = 0

    def after_idle(self, timing: "GroupTiming", now: datetime) -> "Group":
        """A new episode once nothing was added for the window, because old messages count no more."""
        idle = self.added_at is not None and now - self.added_at > timing.window
        return self.next_episode() if idle and not (self.opened_at or self.flush_at) else self

    def after_single(self, timing: "GroupTiming", transition: Transition, now: datetime) -> "Group":
        """The channel accepted a message about this transition alone."""
        times = (*recent(self.single_times, timing.window, now), now)[-MOST_TIMES:]
        announced = self.opened_at is not None and is_failure(transition)
        return replace(self, single_times=times, added_at=now, failed=self.failed or announced)

    def with_pending(self, when: datetime, now: datetime) -> "Group":
        """Something more waits; an addition within a second changes nothing, nor does one while a flush is due."""
        if self.flush_at is not None and self.flush_at <= now:
            return self
        just_now = self.added_at is not None and now - self.added_at < NOTED_EVERY
        return replace(self, added_at=self.added_at if just_now else now, flush_at=min(when, self.flush_at or when))

    def with_retry(self, when: datetime) -> "Group":
        return replace(self, flush_at=when, retrying=True)

    def after_flush(
        self, timing: "GroupTiming", *, failed: bool, announced: bool, rest: bool, now: datetime
    ) -> "Group":
        """What waited was shown, with a failure in it or not, announced or only edited in; `rest`: more waits."""
        again = now + timing.group_interval if rest else None
        shown = replace(self, shown_at=now, flush_at=again, retrying=False)
        if not timing.edits:
            return replace(shown, single_times=(now,) * max(1, timing.singles))
        opening = self.opened_at is None
        return replace(
            shown, opened_at=self.opened_at or now, failed=failed if opening else self.failed, owing=not announced
        )

    def next_episode(self) -> "Group":
        """The group begins anew, with a card of its own."""
        return Group(self.episode + 1, version=self.version)


@dataclass(frozen=True, slots=True)
class GroupTiming:
    """How often a channel hears of one group: single messages within a window, and the time between two digests."""

    singles: int
    window: timedelta
    group_interval: timedelta
    edits: bool
    #: Single messages about failures, whatever group they are of, in ten minutes.
    failures: int


def timing_for(channel: str, key: str, policy: Policy, *, edits: bool) -> GroupTiming:
    """A card is edited often; where every digest is a message of its own there are few, and one e-mail at a time.

    What a reservation leaves over is cancelled at once: one piece of news, from the first one on.
    """
    after = policy.digest_after
    singles = 0 if reservation_of(key) else after
    if edits:
        return GroupTiming(singles, timedelta(seconds=policy.digest_window_s), EDITED_EVERY, edits=True, failures=after)
    collected = timedelta(seconds=policy.collect_s.get(channel, COLLECTED.total_seconds()))
    mail = policy.channels.get(channel) == "email"
    return GroupTiming(min(1, singles) if mail else singles, collected, collected, edits=False, failures=after)


def key_of(transition: Transition, policy: Policy) -> str:
    """A hybrid job with all that it submits, else what its reservation left over, a batch, whose it is and where."""
    snapshot = transition.snapshot
    if transition.left_over and snapshot.part_of == snapshot.reservation:
        return f"reservation {snapshot.reservation}"
    if snapshot.open_in.startswith("device "):
        return f"{owner_name(transition, policy)} on {snapshot.device}"
    return snapshot.open_in


def reservation_of(key: str) -> str:
    """The ARN of the reservation that left a group over; empty for any other group."""
    arn = key.removeprefix("reservation ")
    return arn if arn != key and arn.startswith("arn:") else ""


def is_failure(transition: Transition) -> bool:
    return transition.status in {"FAILED", FAILING}


def is_late(transition: Transition, policy: Policy, now: datetime) -> bool:
    """Too old to be told as news: the channel, or the notifier, was away."""
    at = transition.at or transition.snapshot.ended_at
    return at is not None and now - at > timedelta(seconds=policy.stale_after_s)


def shown_when(
    group: Group, timing: GroupTiming, transition: Transition, failures: int, now: datetime
) -> datetime | None:
    """When it is to be shown with others; None: singly, now. `failures`: so many were told singly of late.

    A failure opens a card at once, and the first one after that is announced beside it.
    """
    failure = is_failure(transition)
    few = not failure or failures < timing.failures
    if group.retrying and group.flush_at:
        return group.flush_at
    if group.opened_at:
        announced = failure and few and not group.failed
        return None if announced else group.flush_at or _next(group, timing, now)
    lately = recent(group.single_times, timing.window, now)
    if few and group.flush_at is None and len(lately) < timing.singles:
        return None
    if timing.edits:
        return now if failure else group.flush_at or now + GROUP_WAIT
    return group.flush_at or (max(now, lately[-1] + timing.group_interval) if lately else now + GROUP_WAIT)


def late_when(group: Group, timing: GroupTiming, now: datetime) -> datetime:
    """When what came too late is shown: all of it in one message, so nothing of it singly."""
    if group.flush_at:
        return group.flush_at
    return _next(group, timing, now) if group.shown_at else now + GATHERS_LATE


def recent(times: Sequence[datetime], window: timedelta, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in times if now - at < window)


def last_are_coming(group: Group, timing: GroupTiming, *, waited: bool) -> bool:
    """Whether the last of a group of which nothing is open may be on their way still.

    Not if they were waited for: then what waits is shown sooner or later than its card's pace would have it.
    """
    return not waited or (group.shown_at is not None and group.flush_at == group.shown_at + timing.group_interval)


def closes_at(group: Group, timing: GroupTiming) -> datetime | None:
    """When nothing has been added for the window, or the card has been open for too long; None: no card is open."""
    if group.opened_at is None or group.added_at is None:
        return None
    return min(group.added_at + timing.window, group.opened_at + LONGEST_OPEN)


def owner_name(transition: Transition, policy: Policy) -> str:
    person = owner(transition.snapshot, policy)
    return person.name if person else ""


def _next(group: Group, timing: GroupTiming, now: datetime) -> datetime:
    return max(now, group.shown_at + timing.group_interval) if group.shown_at else now
