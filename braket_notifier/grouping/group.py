"""The groups of notifications that one message may show, and what follows an accepted message: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.keys import LATE, MANY, reservation_of

#: The interval of its digests where nothing can be edited, in an e-mail channel and in any other; the first e-mail
#: comes as soon as that of any group.
MANY_MAILS, MANY_DIGESTS = timedelta(hours=1), timedelta(minutes=20)
#: Ends that come together are collected for so long before their card is posted; a failure opens it at once.
GROUP_WAIT = timedelta(seconds=10)
#: A card is edited once in this time, and shown as a whole each time.
EDITED_EVERY = timedelta(seconds=30)
#: Where nothing can be edited, a digest comes once in this time, unless the settings say another.
COLLECTED = timedelta(minutes=15)
#: `added_at` is exact to a second, because otherwise each of a thousand additions would write the group.
ADDED_PRECISION = timedelta(seconds=1)
#: A card of which nothing seems open stays open for so long at least, for the sweep that shows it.
SWEPT_WITHIN = timedelta(minutes=10)
#: A card is closed after so long although more comes.
LONGEST_OPEN = timedelta(hours=6)
#: The card of many shows what is unrelated, so its last message comes sooner.
MANY_OPEN = timedelta(hours=1)
#: Episodes of a group in an hour at most; each begins with the number of its hour.
EPISODES_AN_HOUR = 100
#: A group keeps so many single times at most, whatever the settings allow.
MOST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Pending:
    """Notifications of a group wait for its next message."""

    due: datetime
    #: The channel did not take the last message: nothing is shown before `due`.
    retrying: bool = False
    #: Quiet hours or a mute end at `due`; if they end earlier, the group is due then.
    held: bool = False


@dataclass(frozen=True, slots=True)
class OpenCard:
    """The card of a group's episode, which is edited while more comes."""

    #: Empty if the channel has no such message any more.
    place: str
    opened_at: datetime
    #: A failure was announced since the card was opened.
    failed: bool = False
    #: Something was shown by an edit only, without a ping.
    owing: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The state of one group in one channel; each time it has come to an end a new episode begins.

    Entries are kept by episode. The number of an episode contains its hour, so that entries that an earlier use of the
    same key left behind are never counted again, whichever rows of the group DynamoDB has deleted by then.
    """

    episode: int = 0
    #: When single messages were accepted, or the last digest where nothing can be edited.
    single_times: tuple[datetime, ...] = ()
    added_at: datetime | None = None
    shown_at: datetime | None = None
    #: It was announced that nothing of the group is open; once an episode, for more may be submitted.
    over: bool = False
    #: The card shows everything, and its end is announced after the next sweep.
    awaits_sweep: bool = False
    pending: Pending | None = None
    card: OpenCard | None = None
    version: int = 0
    #: An episode came before this one.
    earlier: bool = False

    @property
    def due(self) -> datetime | None:
        """When what waits is shown; None: nothing waits, or a hold keeps it."""
        return self.pending.due if self.pending and not self.pending.held else None

    def closes_at(self, timing: "GroupTiming") -> datetime | None:
        """When nothing was added for the window, or the card was open for too long; None: no card is open."""
        if self.card is None or self.added_at is None or not timing.closes:
            return None
        window = max(timing.window, SWEPT_WITHIN) if self.awaits_sweep else timing.window
        return min(self.added_at + window, self.card.opened_at + timing.longest)

    def is_due(self, now: datetime) -> bool:
        """Whether what waits is to be shown, provided that nothing holds the channel now."""
        return self.pending is not None and (self.pending.held or self.pending.due <= now)

    def is_closing(self, timing: "GroupTiming", now: datetime) -> bool:
        """Whether the open card is to be closed, provided that nothing holds the channel now."""
        closes = self.closes_at(timing)
        return closes is not None and closes <= now and (self.pending is None or self.is_due(now))

    def visit_at(self, timing: "GroupTiming") -> datetime | None:
        """When somebody must look at the group, whatever became of its queue records; None: nothing is to be done."""
        if self.pending:
            return self.pending.due
        return self.added_at if self.awaits_sweep else self.closes_at(timing)

    def after_idle(self, timing: "GroupTiming", now: datetime) -> "Group":
        """A new episode of a new group, and once nothing was added for the window; old messages count no more."""
        if not self.version:
            return self.next_episode(now)
        idle = self.added_at is not None and now - self.added_at > timing.window
        goes_on = self.pending or (self.card and timing.closes)
        return self.next_episode(now) if idle and not goes_on else self

    def after_single(self, timing: "GroupTiming", transition: Transition, now: datetime) -> "Group":
        """The channel accepted a message about this transition alone."""
        times = (*recent(self.single_times, timing.window, now), now)[-MOST_TIMES:]
        card = replace(self.card, failed=True) if self.card and is_failure(transition) else self.card
        return replace(self, single_times=times, added_at=now, card=card)

    def with_pending(self, when: datetime, now: datetime) -> "Group":
        """Something more waits; an addition within a second changes nothing, nor does one while a flush is due."""
        if self.pending and self.pending.due <= now:
            return self
        just_now = self.added_at is not None and now - self.added_at < ADDED_PRECISION
        pending = self.pending if self.pending and self.pending.due <= when else Pending(when)
        return replace(self, added_at=self.added_at if just_now else now, pending=pending)

    def with_held(self, until: datetime, now: datetime) -> "Group":
        """The group after a notification was held; it is unchanged if another one may be sent then or before."""
        earlier = self.pending.due if self.pending and self.pending.held and self.pending.due > now else until
        pending = Pending(min(until, earlier), held=True)
        return self if self.pending == pending else replace(self, added_at=now, pending=pending)

    def with_retry(self, when: datetime) -> "Group":
        return replace(self, pending=Pending(when, retrying=True))

    def rescheduled(self, when: datetime, *, held: bool = False) -> "Group":
        return replace(self, pending=Pending(when, held=held))

    def after_claims(self, timing: "GroupTiming", *, rest: bool, now: datetime) -> "Group":
        """No message was sent or is to be repeated; `rest`: more waits for the next interval."""
        soon = min(timing.window, timing.group_interval)  # a digest of many waits for its hour only when it is due
        return replace(self, pending=Pending(now + soon) if rest else None)

    def after_flush(
        self, timing: "GroupTiming", *, place: str, failed: bool, announced: bool, rest: bool, now: datetime
    ) -> "Group":
        """The channel accepted what waited, with a failure in it or not, by a ping or by an edit only."""
        shown = replace(self.after_claims(timing, rest=rest, now=now), shown_at=now)
        if timing.edits:
            card = self.card or OpenCard(place, now, failed)
            failed = card.failed or (failed and announced)
            return replace(shown, card=replace(card, place=place, failed=failed, owing=not announced))
        card_before = self.card and replace(self.card, place="")
        return replace(shown, single_times=(now,) * max(1, timing.singles), card=card_before)

    def next_episode(self, now: datetime) -> "Group":
        """The group begins anew, with a card of its own."""
        first_of_hour = int(now.timestamp()) // 3600 * EPISODES_AN_HOUR
        return Group(max(self.episode + 1, first_of_hour), version=self.version, earlier=self.version > 0)


@dataclass(frozen=True, slots=True)
class GroupTiming:
    """How often one group may send: single messages within a window, and the time between two digests or edits."""

    singles: int
    window: timedelta
    group_interval: timedelta
    edits: bool
    #: Single messages about failures, whatever group they are of, in ten minutes.
    failures: int
    #: A last message closes the group's card; late news have none.
    closes: bool
    longest: timedelta = LONGEST_OPEN


def timing_for(channel: str, key: str, policy: Policy, *, edits: bool) -> GroupTiming:
    """A card is edited often; a digest that is a message of its own is rare, and an e-mail comes first alone.

    Each portion of late news is a message of its own, because an edit notifies nobody of the second one. Tasks that a
    reservation leaves over are cancelled together, so no single message shows one of them.
    """
    after, closes = policy.digest_after, key not in LATE
    singles = 0 if key == MANY or reservation_of(key) else after
    if edits:
        window = timedelta(seconds=policy.digest_window_s)
        longest = MANY_OPEN if key == MANY else LONGEST_OPEN
        return GroupTiming(singles, window, EDITED_EVERY, closes, failures=after, closes=closes, longest=longest)
    collected = timedelta(seconds=policy.collect_s.get(channel, COLLECTED.total_seconds()))
    mail = policy.channels.get(channel) == "email"
    if key == MANY:
        window, interval = (collected, MANY_MAILS) if mail else (MANY_DIGESTS, MANY_DIGESTS)
        return GroupTiming(0, window, interval, edits=False, failures=after, closes=True)
    return GroupTiming(
        min(1, singles) if mail else singles, collected, collected, edits=False, failures=after, closes=closes
    )


def is_failure(transition: Transition) -> bool:
    return transition.status in {"FAILED", FAILING}


def recent(times: Sequence[datetime], window: timedelta, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in times if now - at < window)
