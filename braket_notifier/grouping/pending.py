"""One group as its sender finds it, and the claims of what waits in it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import DeferError, NewerVersionError
from braket_notifier.grouping.answers import Found, Reason
from braket_notifier.grouping.group import Group, GroupTiming, timing_for
from braket_notifier.grouping.job_ends import MOST_LOOKS, awaits_end, end_of_job
from braket_notifier.grouping.keys import AWAY, MANY, STANDS_IN
from braket_notifier.grouping.ports import Entry, GroupingPorts, Groups, HumanSender
from braket_notifier.routing.routes import unrouted
from braket_notifier.sending.claims import Claimed, before_send
from braket_notifier.sending.ports import Claim
from braket_notifier.sending.threads import at_once

#: Claims are made for so long, and so many at a time; the message is sent within their lease, the rest comes next.
CLAIMING, AT_A_TIME = timedelta(seconds=10), 100


@dataclass(frozen=True, slots=True)
class GroupDelivery:
    """One group of a channel, as the sender that has the lease finds it."""

    channel: str
    key: str
    group: Group
    timing: GroupTiming
    sender: HumanSender
    owner: str
    #: The group that counts the channel's new messages, if it was read.
    many: "GroupDelivery | None" = None

    @property
    def ports(self) -> GroupingPorts:
        return self.sender.ports

    def beside(self, key: str) -> "GroupDelivery":
        """Read another group of the channel, or the one that stands in for it."""
        return self.of(*read_beside(key, self.channel, self.ports.groups))

    def of(self, key: str, group: Group) -> "GroupDelivery":
        timing = timing_for(self.channel, key, self.ports.policy, edits=self.ports.editable is not None)
        return replace(self, key=key, group=group.after_idle(timing, self.sender.clock()), timing=timing, many=None)

    def with_many(self) -> "GroupDelivery":
        """Read the group that counts the channel's new messages, unless it was read."""
        return self if self.many else replace(self, many=self.beside(MANY))

    def save(self, group: Group) -> "GroupDelivery":
        if not self.accepted(group):
            raise DeferError(1, f"another sender changed {self.key}")
        return replace(self, group=replace(group, version=group.version + 1))

    def accepted(self, group: Group) -> bool:
        """Save the group after the channel accepted its message; False if another sender changed it meanwhile."""
        visit_at = group.visit_at(self.timing)
        return self.ports.groups.save(self.channel, self.key, group, now=self.sender.clock(), visit_at=visit_at)

    def add(self, notification: Notification, *, shown: bool) -> None:
        entry = Entry(notification, shown, routed=not unrouted(notification, self.ports.policy))
        self.ports.groups.add(self.key, self.group.episode, entry, now=self.sender.clock())


def read_beside(key: str, channel: str, groups: Groups) -> tuple[str, Group]:
    """Read a group that stands beside others, and its key; if only a newer version can read it, the one in its place.

    Where none stands in, or that one cannot be read either, the group is as a new one.
    """
    for each in (key, STANDS_IN.get(key, key)):
        with suppress(NewerVersionError):
            return each, groups.get(channel, each)
    return key, Group()


def no_longer_routed(entries: Sequence[Entry], policy: Policy) -> dict[str, str]:
    """Map the id of each notification that the settings ceased to send while it waited to the reason."""
    waiting = (each.notification for each in entries if each.routed and not each.shown)
    return {each.id: reason for each in waiting if (reason := unrouted(each, policy))}


def leave_out(delivery: GroupDelivery, unsent: Sequence[tuple[Notification, str]]) -> None:
    """Finish what the settings no longer send, unless another delivery holds its claim."""
    for notification, reason in unsent:
        claim = _claim_one(delivery, notification)
        if claim.granted:
            why = f"{Reason.NO_LONGER_ROUTED.value}: {reason}"
            delivery.sender.ledger.superseded(
                notification, owner=delivery.owner, reason=why, now=delivery.sender.clock()
            )
        if claim.granted or claim.finished:
            delivery.ports.groups.drop(delivery.key, delivery.group.episode, notification)


def claim_pending(delivery: GroupDelivery, found: Found) -> tuple[Found, tuple[Claimed, ...]]:
    """Claim what waits; another delivery's claim leaves a rest, and what was delivered before is no news.

    The line about a hybrid job's last tasks is left for later too, unless this message announces the job's end.
    """
    waiting, shown = found.news, list(found.shown)
    claimed: list[Claimed] = []
    passed_on: list[Notification] = []
    with before_send(waiting, delivery.sender, delivery.owner):
        claims = _claim_in_time(delivery, waiting)
        later = len(waiting) - len(claims)
        for notification, claim in zip(waiting, claims, strict=False):
            if claim.granted and claim.passed_on and delivery.key != AWAY:
                passed_on.append(notification)
            elif claim.granted:
                claimed.append((notification, claim))
            elif claim.delivered:
                delivery.add(notification, shown=True)
                shown.append(notification)
            elif claim.finished:
                delivery.ports.groups.drop(delivery.key, delivery.group.episode, notification)
            else:
                later += 1
        early = _before_their_ends(delivery, claimed)
        for line, claim in early:
            delivery.sender.ledger.release(line, owner=delivery.owner)
            if claim.attempts > MOST_LOOKS:
                delivery.ports.groups.drop(delivery.key, delivery.group.episode, line)
            else:
                later += 1
        _leave_to_away(delivery, passed_on)
    claimed = [each for each in claimed if each not in early]
    return _found_claimed(found, shown, claimed, later=later), tuple(claimed)


def _found_claimed(found: Found, shown: Sequence[Notification], claimed: Sequence[Claimed], *, later: int) -> Found:
    news, passed_on = tuple(each for each, _ in claimed), any(claim.passed_on for _, claim in claimed)
    rest = found.rest or later > 0
    all_found = not rest and len(shown) + len(news) == len(found.shown) + len(found.news)
    found = found if all_found else replace(found, counted=replace(found.counted, finished=()))
    return replace(found, shown=tuple(shown), news=news, rest=rest, claimed=True, passed_on=passed_on)


def _leave_to_away(delivery: GroupDelivery, passed_on: Sequence[Notification]) -> None:
    """Move what the channel's fallback has already to the group of late news, which shows it without a mention.

    If only a newer version can read that group, the records of these notifications wait for it.
    """
    if not passed_on:
        return
    groups, now = delivery.ports.groups, delivery.sender.clock()
    with suppress(NewerVersionError):
        away = delivery.of(AWAY, groups.get(delivery.channel, AWAY))
        for notification in passed_on:
            away.add(notification, shown=False)
        away.save(away.group.with_pending(now, now))
    for notification in passed_on:
        groups.drop(delivery.key, delivery.group.episode, notification)
        delivery.sender.ledger.release(notification, owner=delivery.owner)


def _before_their_ends(delivery: GroupDelivery, claimed: Sequence[Claimed]) -> list[Claimed]:
    """List the lines about last tasks that would be sent before the ends of their hybrid jobs."""
    ids = {notification.id for notification, _ in claimed}
    lines = [(each, end) for each in claimed if (end := end_of_job(each[0]))]
    return [each for each, end in lines if end.id not in ids and awaits_end(*each, delivery.sender)]


def _claim_in_time(delivery: GroupDelivery, waiting: Sequence[Notification]) -> list[Claim]:
    """Claim one after another, in order, as long as there is time."""
    claims: list[Claim] = []
    late = delivery.sender.clock() + CLAIMING
    while len(claims) < len(waiting) and delivery.sender.clock() < late:
        claims += at_once(partial(_claim_one, delivery), waiting[len(claims) : len(claims) + AT_A_TIME])
    return claims


def _claim_one(delivery: GroupDelivery, notification: Notification) -> Claim:
    """Let a notification whose row only a newer version can read leave the group, because its own record waits."""
    with suppress(NewerVersionError):
        return delivery.sender.ledger.claim(notification, owner=delivery.owner, now=delivery.sender.clock())
    return Claim(granted=False, finished=True)
