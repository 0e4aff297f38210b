"""Limit the new messages of a channel, whatever their groups: after too many, one card shows the rest.

The group `MANY` counts the channel's new messages, and collects what comes while they are too many.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import NewerVersionError
from braket_notifier.grouping.answers import Edit, Flush, Found, News, Reason, Reply, SendNow, Wait
from braket_notifier.grouping.digests import Counted, count, in_order
from braket_notifier.grouping.group import GROUP_WAIT, MOST_OWED, MOST_TIMES, Group, GroupTiming, is_failure, recent
from braket_notifier.grouping.keys import LATE, MANY, OF_MANY
from braket_notifier.grouping.pending import GroupDelivery
from braket_notifier.grouping.ports import Entry
from braket_notifier.sending.threads import at_once

#: The time in which new messages are counted.
WINDOW = timedelta(minutes=10)
#: The number of messages that an e-mail counts as, because each is read alone.
MAIL_COUNTS = 10
#: A failure that quiet hours let pass is announced beside the card of many once in this time.
PASSES_EVERY = timedelta(minutes=30)
#: Batches whose end one message announces; each costs a read of what is open and two of its own group.
MOST_BATCHES = 5


def is_flooded(many: GroupDelivery, now: datetime) -> bool:
    """Whether the channel had too many new messages, or its card of many is open or about to come.

    A webhook's flood lasts for the interval of its digests.
    """
    group, policy = many.group, many.ports.policy
    mail = policy.channels.get(channel_of(many.channel)) == "email"
    shown = not (many.timing.edits or mail) and _shown_lately(group, many.timing, now)
    rang = len(recent(group.single_times, WINDOW, now))
    most = math.ceil(policy.flood_after / MAIL_COUNTS) if mail else _most(many)
    return bool(group.card or group.pending or shown) or rang >= most


def _most(many: GroupDelivery) -> int:
    """The number of new messages before the card of many, which is one of them itself."""
    return max(1, many.ports.policy.flood_after - 1)


def may_join(key: str) -> bool:
    """Whether a flood may take the group's notifications; what a hold or an outage kept has a digest of its own."""
    return key not in {*OF_MANY, *LATE}


def joins(group: Group, answer: object) -> bool:
    """Whether the answer means a new message, now or later, so that a flood may take the notification."""
    return group.card is None or isinstance(answer, SendNow)


def on_failure(group: Group, timing: GroupTiming, news: News, now: datetime) -> SendNow | None:
    """The first failure since the card of many was opened is announced beside it, as it is beside any card.

    In quiet hours another one that passes is, once in a while, because the card's last message comes when they end.
    """
    retrying = group.pending is not None and group.pending.retrying
    silent = news.notification.silent or news.failures >= timing.failures
    if group.card is None or retrying or silent:
        return None
    passes = news.passes and now - max(group.card.opened_at, *group.single_times[-1:]) >= PASSES_EVERY
    if group.card.failed and not passes:
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
    if delivery.key not in OF_MANY or timing.edits or few:
        return None
    if group.shown_at is None or not _shown_lately(group, timing, now):
        return None
    return Wait(group.shown_at + timing.group_interval, Reason.FLOOD)


def _shown_lately(group: Group, timing: GroupTiming, now: datetime) -> bool:
    return group.shown_at is not None and now - group.shown_at < timing.group_interval


def on_last_message(delivery: GroupDelivery, found: Found, answer: Reply, now: datetime) -> Reply | Edit | Wait:
    """Replace a message beside a group's card in a flood by an edit; the card of many announces the rest.

    While that card is to come, only the edit of what is new cannot wait.
    """
    many = delivery.many
    if many is None or not is_flooded(many, now):
        return answer
    if many.group.card:
        return Edit(answer.place, Reason.FLOOD, answer.ends, answer.closes)
    if found.news:
        return Edit(answer.place, Reason.FLOOD, ends=False, closes=False)
    times = recent(many.group.single_times, WINDOW, now)[-_most(many) :]
    comes = many.group.pending.due if many.group.pending else times[0] + WINDOW if times else now
    return Wait(max(comes, now + GROUP_WAIT), Reason.FLOOD)


def hand_over(delivery: GroupDelivery, found: Found) -> None:
    """Let the last message of the card of many announce what the group's own card shows."""
    if delivery.many and (card := delivery.many.group.card):
        shown = sorted((*found.shown, *found.news), key=lambda each: not is_failure(each.transition))
        at_once(partial(delivery.many.add, shown=True), shown)
        owing = (*(each.id for each in shown), *card.owing)[:MOST_OWED]
        many = replace(delivery.many.group, card=replace(card, owing=owing), added_at=delivery.sender.clock())
        delivery.many.save(many)


def take_over(delivery: GroupDelivery) -> Wait | None:
    """Move to the card of many what waits in a group that has no card yet; None if the channel is not flooded."""
    now, many = delivery.sender.clock(), delivery.many
    if many is None or not is_flooded(many, now):
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


def count_batches(delivery: GroupDelivery, shown: Sequence[Notification], news: Sequence[Notification]) -> Counted:
    """Find the batches that end with the news of a message about several groups, apart from those of one task."""
    policy, found = delivery.ports.policy, list[Counted]()
    of_many = defaultdict[str, list[Entry]](list)
    for each in (*shown, *news):
        of_many[each.transition.snapshot.open_in].append(Entry(each, shown=True))  # with what a reservation left over
    keys = sorted({each.transition.snapshot.open_in for each in news}, key=lambda key: (-len(of_many[key]), key))
    for key in [each for each in keys if each.startswith("batch ")][:MOST_BATCHES]:
        with suppress(NewerVersionError):
            own = delivery.ports.groups.get(delivery.channel, key)
            beside = delivery.ports.groups.entries(delivery.channel, key, own.episode)
            known = {each.notification.id: each for each in (*beside, *of_many[key])}
            batch = _of_last_use([*known.values()], delivery.timing.window, delivery.sender.clock())
            moves = in_order([each.notification.transition for each in batch])
            sent = tuple(each for each in moves if each.snapshot.terminal)
            if all(each.shown for each in batch) and len({each.arn for each in sent}) > 1:
                counted = count(key, batch, delivery.ports.counts, policy)
                found.append(replace(counted, finished=(sent,) if counted.open == 0 else ()))
    finished = tuple(batch for each in found for batch in each.finished)
    return Counted(awaits_sweep=any(each.awaits_sweep for each in found), finished=finished)


def _of_last_use(entries: Sequence[Entry], window: timedelta, now: datetime) -> list[Entry]:
    """Keep the last use of a batch's name; an earlier one ended longer than the window before the rest was submitted.

    The group of many goes on for days, if something of any group keeps coming.
    """
    moves = [each.notification.transition for each in entries]
    lives = [(each.at or each.snapshot.ended_at or now, each.snapshot.created_at) for each in moves]
    last, began = list[Entry](), now
    for (ended, created), each in sorted(zip(lives, entries, strict=True), key=lambda life: life[0][0], reverse=True):
        if last and began - ended > window:
            break
        last.append(each)
        began = min(began, created or ended)
    return last


def count_message(delivery: GroupDelivery, now: datetime) -> None:
    """Count a new message of any other group of the channel, once more if another sender counted one meanwhile."""
    if not (delivery.many and _counted(delivery.many, now)):
        _counted(delivery.beside(MANY), now)


def _counted(many: GroupDelivery, now: datetime) -> bool:
    most = max(MOST_TIMES, many.ports.policy.flood_after)
    times = (*recent(many.group.single_times, WINDOW, now), now)[-most:]
    return many.accepted(replace(many.group, single_times=times, added_at=now))
