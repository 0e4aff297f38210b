"""Limit the new messages of a channel, whatever their groups: after too many, one card shows the rest.

The group `MANY` counts the channel's new messages, and collects what comes while they are too many.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.grouping.answers import Flush, Found, News, Reason, SendNow, Wait
from braket_notifier.grouping.group import GROUP_WAIT, MOST_TIMES, Group, GroupTiming, is_failure, recent
from braket_notifier.grouping.keys import LATE, MANY
from braket_notifier.grouping.pending import GroupDelivery

#: The time in which new messages are counted.
WINDOW = timedelta(minutes=10)
#: The number of messages that an e-mail counts as, because each is read alone.
MAIL_COUNTS = 10


def is_flooded(many: GroupDelivery, now: datetime) -> bool:
    """Whether the channel had too many new messages, or its card of many is open or about to come.

    A webhook's flood lasts for the interval of its digests.
    """
    group, policy = many.group, many.ports.policy
    mail = policy.channels.get(many.channel) == "email"
    shown = not (many.timing.edits or mail) and _shown_lately(group, many.timing, now)
    rang = len(recent(group.single_times, WINDOW, now)) * (MAIL_COUNTS if mail else 1)
    return bool(group.card or group.pending or shown) or rang >= policy.flood_after


def joins(group: Group, answer: object) -> bool:
    """Whether the answer means a new message, now or later, so that a flood may take the notification."""
    return group.card is None or isinstance(answer, SendNow)


def on_failure(group: Group, timing: GroupTiming, news: News) -> SendNow | None:
    """The first failure since the card of many was opened is announced beside it, as it is beside any card."""
    retrying = group.pending is not None and group.pending.retrying
    silent = news.notification.silent or news.failures >= timing.failures
    if group.card is None or (group.card.failed and not news.passes) or retrying or silent:
        return None
    return SendNow(Reason.FIRST_FAILURE) if is_failure(news.notification.transition) else None


def on_flood(group: Group, timing: GroupTiming, now: datetime) -> Wait | Flush:
    """When the card of many shows a notification that arrives."""
    first = now + GROUP_WAIT
    if timing.edits and group.card and group.shown_at:
        first = group.shown_at + timing.group_interval
    elif not timing.edits and group.single_times:
        first = group.single_times[-1] + timing.window
    due = group.due or first
    return Flush(Reason.FLOOD) if due <= now else Wait(due, Reason.FLOOD)


def on_many(delivery: GroupDelivery, found: Found, now: datetime) -> Wait | None:
    """When a digest of many that is due is sent, if so much was shown and waits that its interval is kept; None: now.

    A few unrelated ends are no flood, so that each e-mail about them comes as soon as that of any group.
    """
    group, timing = delivery.group, delivery.timing
    few = min(len(found.shown), len(found.news)) < delivery.ports.policy.flood_after
    if delivery.key != MANY or timing.edits or few:
        return None
    if group.shown_at is None or not _shown_lately(group, timing, now):
        return None
    return Wait(group.shown_at + timing.group_interval, Reason.FLOOD)


def _shown_lately(group: Group, timing: GroupTiming, now: datetime) -> bool:
    return group.shown_at is not None and now - group.shown_at < timing.group_interval


def take_over(delivery: GroupDelivery, many: GroupDelivery) -> Wait | None:
    """Move to the card of many what waits in a group that has no card yet; None if the channel is not flooded."""
    now = delivery.sender.clock()
    if delivery.key in {MANY, *LATE} or delivery.group.card or not is_flooded(many, now):
        return None
    groups, episode = delivery.ports.groups, delivery.group.episode
    waiting = [each.notification for each in groups.entries(delivery.channel, delivery.key, episode) if not each.shown]
    answer = on_flood(many.group, many.timing, now)
    until = answer.until if isinstance(answer, Wait) else now
    for each in waiting:
        many.add(each, shown=False)
    many.save(many.group.with_pending(until, now))
    for each in waiting:
        groups.drop(delivery.key, episode, each)
    delivery.save(delivery.group.after_claims(delivery.timing, rest=False, now=now))
    return Wait(until, Reason.FLOOD)


def count_message(many: GroupDelivery, now: datetime) -> None:
    """Count a new message of any other group of the channel."""
    most = max(MOST_TIMES, many.ports.policy.flood_after)
    times = (*recent(many.group.single_times, WINDOW, now), now)[-most:]
    many.accepted(replace(many.group, single_times=times, added_at=now))
