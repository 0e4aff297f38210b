"""The groups of notifications that one message may show, and what follows an accepted message: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.keys import LATE, OF_MANY, is_whole, reservation_of

#: The interval between digests of many where nothing can be edited: in e-mail, and where none is set.
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
#: A card of neither a job nor a batch is announced so often, because each of its ends may be somebody else's.
ANNOUNCED_EVERY = timedelta(minutes=20)
#: Notifications that a card's next announcement may name.
MOST_OWED = 50
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
    #: Ids of the notifications that only edits have shown, without a ping; failures come first.
    owing: tuple[str, ...] = ()
    #: When the card or the last announcement beside it was posted; None: when it was opened.
    announced_at: datetime | None = None
    #: An announcement showed that the group is failing.
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A message or edit of a group that the channel accepted."""

    place: str
    #: The message was a ping, not an edit alone.
    announced: bool
    #: Ids of the notifications that it was the first to show.
    failures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    #: Whether it showed that the group is failing.
    failing: bool = False


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

    def owes_at(self, timing: "GroupTiming") -> datetime | None:
        """When an announcement must name what only edits have shown; None: nothing is owed before the card closes."""
        if self.card is None or not self.card.owing or not timing.announces_every:
            return None
        return (self.card.announced_at or self.card.opened_at) + timing.announces_every

    def is_due(self, now: datetime) -> bool:
        """Whether what waits is to be shown, provided that nothing holds the channel now."""
        return self.pending is not None and (self.pending.held or self.pending.due <= now)

    def is_closing(self, timing: "GroupTiming", now: datetime) -> bool:
        """Whether the open card is to be closed, provided that nothing holds the channel now."""
        return self._has_come(self.closes_at(timing), now)

    def is_owing(self, timing: "GroupTiming", now: datetime) -> bool:
        """Whether what only edits have shown is to be announced, provided that nothing holds the channel now."""
        return self._has_come(self.owes_at(timing), now)

    def _has_come(self, at: datetime | None, now: datetime) -> bool:
        return at is not None and at <= now and (self.pending is None or self.is_due(now))

    def next_look(self, timing: "GroupTiming") -> datetime | None:
        """When the card is to be closed, or an announcement is due before that; None: no card is open."""
        closes, owes = self.closes_at(timing), self.owes_at(timing)
        return min(closes, owes) if closes and owes else closes

    def visit_at(self, timing: "GroupTiming") -> datetime | None:
        """When somebody must look at the group, whatever became of its queue records; None: nothing is to be done."""
        if self.pending:
            return self.pending.due
        return self.added_at if self.awaits_sweep else self.next_look(timing)

    def after_idle(self, timing: "GroupTiming", now: datetime) -> "Group":
        """A new episode once nothing was added or shown for the window; without such a time, once its hour is over."""
        times = [at for at in (self.added_at, self.shown_at, *self.single_times[-1:]) if at]
        hour_is_over = self.next_episode(now - timing.window).episode > self.episode + 1
        idle = now - max(times) > timing.window if times else hour_is_over
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

    def after_flush(self, timing: "GroupTiming", shown: "Shown", *, rest: bool, now: datetime) -> "Group":
        """The channel accepted what waited."""
        after = replace(self.after_claims(timing, rest=rest, now=now), shown_at=now)
        if not timing.edits:
            card_before = self.card and replace(self.card, place="")
            return replace(after, single_times=(now,) * max(1, timing.singles), card=card_before)
        card = replace(self.card or OpenCard(shown.place, now), place=shown.place)
        if not shown.announced:
            owing = (*shown.failures, *card.owing, *shown.others)[:MOST_OWED]
            return replace(after, card=replace(card, owing=owing))
        failed, warned = card.failed or bool(shown.failures), card.warned or shown.failing
        return replace(after, card=replace(card, failed=failed, warned=warned, owing=(), announced_at=now))

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
    #: Longest time until what only edits have shown is announced; None: not before the card's last message.
    announces_every: timedelta | None = None


def timing_for(channel: str, key: str, policy: Policy, *, edits: bool) -> GroupTiming:
    """A card is edited often; a digest that is a message of its own is rare, and an e-mail comes first alone.

    Each portion of late news is a message of its own, because an edit notifies nobody of the second one. Tasks that a
    reservation leaves over are cancelled together, so no single message shows one of them.
    """
    after, closes = policy.digest_after, key not in LATE
    singles = 0 if key in OF_MANY or reservation_of(key) else after
    if edits:
        window = timedelta(seconds=policy.digest_window_s)
        longest = MANY_OPEN if key in OF_MANY else LONGEST_OPEN
        every = None if key in OF_MANY or is_whole(key) else ANNOUNCED_EVERY
        return GroupTiming(singles, window, EDITED_EVERY, closes, after, closes, longest, announces_every=every)
    name, many = channel_of(channel), key in OF_MANY
    own, mail = policy.collect_s.get(name), policy.channels.get(name) == "email"
    usual = MANY_DIGESTS if many and not mail else COLLECTED
    window = timedelta(seconds=own) if own else usual
    interval = EDITED_EVERY if not (closes or mail) else MANY_MAILS if many and mail else window
    few = min(1, singles) if mail else singles
    return GroupTiming(few, window, interval, edits=False, failures=after, closes=closes)


def is_failure(transition: Transition) -> bool:
    return transition.status in {"FAILED", FAILING}


def recent(times: Sequence[datetime], window: timedelta, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in times if now - at < window)
