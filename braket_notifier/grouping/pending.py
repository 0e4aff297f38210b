"""What waits in a group to be told, and what of it one sender may tell now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import DeferError, HoldError
from braket_notifier.grouping.group import GROUP_WAIT, Group, GroupTiming, last_are_coming
from braket_notifier.grouping.open_counts import Counted, count
from braket_notifier.grouping.ports import Entry, GroupingPorts
from braket_notifier.sending.claims import Claimed, Sender, at_once
from braket_notifier.sending.ports import Claim
from braket_notifier.sending.retry import hopeless

#: So long, and so many at a time, it claims; the others are shown next time. The message is told within the lease.
CLAIMING, AT_A_TIME = timedelta(seconds=10), 100


@dataclass(frozen=True, slots=True)
class GroupDelivery:
    """One group of a channel, as one sender finds it in its turn."""

    channel: str
    key: str
    group: Group
    timing: GroupTiming
    sender: Sender
    ports: GroupingPorts
    owner: str

    def save(self, group: Group) -> "GroupDelivery":
        if not self.ports.groups.save(self.channel, self.key, group, now=self.sender.clock()):
            raise DeferError(1, f"another sender changed {self.key}")
        return replace(self, group=replace(group, version=group.version + 1))

    def accepted(self, group: Group) -> None:
        """The channel took the message: another sender's change meanwhile does not undo that."""
        self.ports.groups.save(self.channel, self.key, group, now=self.sender.clock())

    def add(self, notification: Notification, *, shown: bool) -> None:
        entry = Entry(notification, shown)
        self.ports.groups.add(self.key, self.group.episode, entry, now=self.sender.clock())


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a flush found: shown before, claimed to be shown now, whether more has to wait, and what was counted."""

    shown: tuple[Notification, ...]
    claimed: tuple[Claimed, ...]
    rest: bool
    counted: Counted


def claim_all(delivery: GroupDelivery, *, waited: bool) -> Waiting:
    """Claim what waits. What another delivery holds comes next time; what was told before is no news.

    What is open is counted before anything is claimed: if that fails, nobody is left in doubt about a message.
    """
    entries = delivery.ports.groups.entries(delivery.channel, delivery.key, delivery.group.episode)
    counted = count(delivery.key, entries, delivery.ports.counts, delivery.ports.policy)
    if counted.open == 0 and not delivery.group.over:
        counted = _with_the_last(delivery, counted, waited=waited)
    shown = [each.notification for each in entries if each.shown]
    waiting = [each.notification for each in entries if not each.shown]
    claims = _claim_in_time(delivery, waiting)
    claimed: list[Claimed] = []
    later = len(waiting) - len(claims)
    for notification, claim in zip(waiting, claims, strict=False):
        if claim.granted:
            claimed.append((notification, claim))
        elif claim.delivered:
            delivery.add(notification, shown=True)
            shown.append(notification)
        elif claim.finished:
            delivery.ports.groups.drop(delivery.key, delivery.group.episode, notification)
        else:
            later += 1
    return Waiting(
        tuple(shown), tuple(claimed), rest=later > 0, counted=replace(counted, open=None) if later else counted
    )


def _with_the_last(delivery: GroupDelivery, counted: Counted, *, waited: bool) -> Counted:
    """The last of a group seldom come alone, and the end is told with all of them; only a failure waits for nothing."""
    if delivery.group.card is None:
        return counted if waited else replace(counted, open=None)
    if last_are_coming(delivery.group, delivery.timing, waited=waited):
        delivery.save(delivery.group.rescheduled(delivery.sender.clock() + GROUP_WAIT))
        raise HoldError(GROUP_WAIT.seconds, f"told with the last of {delivery.key}")
    return counted


def _claim_in_time(delivery: GroupDelivery, waiting: Sequence[Notification]) -> list[Claim]:
    """One claim for each, in order, for as many as there is time for."""
    claims: list[Claim] = []
    late = delivery.sender.clock() + CLAIMING
    while len(claims) < len(waiting) and delivery.sender.clock() < late:
        claims += at_once(partial(_claim_one, delivery), waiting[len(claims) : len(claims) + AT_A_TIME])
    return claims


def _claim_one(delivery: GroupDelivery, notification: Notification) -> Claim:
    ledger, now = delivery.sender.ledger, delivery.sender.clock()
    claim = ledger.claim(notification, owner=delivery.owner, now=now)
    if claim.granted and (why := hopeless(claim, now)):
        ledger.undelivered(notification, owner=delivery.owner, reason=why, now=now)
        return Claim(granted=False, finished=True)
    return claim
