"""How a channel that people read hears of many things: singly, in one message with others, or later."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.errors import DeferError, HoldError, RefusedError
from braket_notifier.grouping import cards
from braket_notifier.grouping.flush import flush
from braket_notifier.grouping.group import (
    AWAY,
    FAILURES,
    GROUP_WAIT,
    QUIET,
    Group,
    is_failure,
    is_late,
    key_of,
    late_when,
    recent,
    shown_when,
    timing_for,
)
from braket_notifier.grouping.open_counts import count
from braket_notifier.grouping.pending import GroupDelivery
from braket_notifier.grouping.ports import Entry, GroupingPorts
from braket_notifier.routing.quiet_hours import quiet_until
from braket_notifier.sending.claims import Sender, claim_one
from braket_notifier.sending.result import DeliveryResult, already_finished

#: Claims, the message (twice, if a card is gone), the marks; with less time left nothing is begun.
FLUSH_S = 45


def deliver_grouped(notification: Notification, sender: Sender, ports: GroupingPorts, owner: str) -> DeliveryResult:
    """Tell it singly, or with others when their time has come. PutBackError, RefusedError."""
    if notification.refresh:
        return cards.refresh(notification, sender, ports)
    if end := sender.ledger.finished(notification):
        return already_finished(end)
    if sender.time_left_s() < FLUSH_S:
        raise DeferError(1, "too little time left to send")
    if notification.silent and notification.transition.snapshot.job_arn:
        return cards.in_thread(notification, sender, ports, owner)
    found, when = _place(notification, sender, ports, owner)
    return _singly(found, notification) if when is None else _gather(found, notification, when)


def _place(
    notification: Notification, sender: Sender, ports: GroupingPorts, owner: str
) -> tuple[GroupDelivery, datetime | None]:
    """The group it belongs to now, and when that is told of it; None: at once, by itself."""
    channel, transition, now = notification.channel, notification.transition, sender.clock()
    until = quiet_until(channel, transition, ports.policy, now)
    if until or _held_is_due(channel, sender, ports):
        return _found(QUIET, channel, sender, ports, owner), until or now
    if is_late(transition, ports.policy, now):
        away = _found(AWAY, channel, sender, ports, owner)
        return away, late_when(away.group, away.timing, now)
    found = _found(key_of(transition, ports.policy), channel, sender, ports, owner)
    if notification.silent and ports.editable:
        return found, None
    failures = _failures(found) if is_failure(transition) else 0
    return found, shown_when(found.group, found.timing, transition, failures, now)


def close(closing: Closing, sender: Sender, ports: GroupingPorts, owner: str) -> DeliveryResult:
    """Announce that a group's card is complete, once nothing has been added to it for its window."""
    found = _found(closing.key, closing.channel, sender, ports, owner)
    due = found.group.closes_at(found.timing)
    if found.group.episode != closing.episode or due is None:
        return DeliveryResult("its card was closed before")
    now = sender.clock()
    if now < due:
        raise HoldError(math.ceil((due - now).total_seconds()), f"{closing.key} is still growing")
    return DeliveryResult("with others, as the last of its card", len(flush(found, waited=True, closing=True)))


def _found(key: str, channel: str, sender: Sender, ports: GroupingPorts, owner: str) -> GroupDelivery:
    timing = timing_for(channel, key, ports.policy, edits=ports.editable is not None)
    group = ports.groups.get(channel, key).after_idle(timing, sender.clock())
    return GroupDelivery(channel, key, group, timing, sender, ports, owner)


def _held_is_due(channel: str, sender: Sender, ports: GroupingPorts) -> bool:
    """Whether the quiet hours are over and nobody has told yet what they held."""
    if channel not in ports.policy.quiet and channel not in ports.policy.muted_until:
        return False
    due = ports.groups.get(channel, QUIET).due
    return due is not None and due <= sender.clock()


def _failures(delivery: GroupDelivery) -> int:
    """How many failures the channel was told singly of late."""
    group = delivery.ports.groups.get(delivery.channel, FAILURES)
    return len(
        recent(group.single_times, timedelta(seconds=delivery.ports.policy.digest_window_s), delivery.sender.clock())
    )


def _told_alone(notification: Notification, sender: Sender, ports: GroupingPorts, owner: str) -> bool:
    sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed:
        cards.tell(claimed, sender, ports, owner)
    return claimed is not None


def _singly(delivery: GroupDelivery, notification: Notification) -> DeliveryResult:
    if not _told_alone(notification, delivery.sender, delivery.ports, delivery.owner):
        return already_finished(delivery.sender.ledger.finished(notification))
    if notification.silent:
        return DeliveryResult("silently", 1)
    now, transition = delivery.sender.clock(), notification.transition
    delivery.ports.groups.add(delivery.key, delivery.group.episode, Entry(notification, shown=True), now=now)
    delivery.save(delivery.group.after_single(delivery.timing, transition, now))
    if is_failure(transition):
        counted = _found(FAILURES, delivery.channel, delivery.sender, delivery.ports, delivery.owner)
        counted.save(counted.group.after_single(counted.timing, transition, now))
    return DeliveryResult("singly", 1)


def _sooner_if_last(delivery: GroupDelivery, group: Group, notification: Notification, now: datetime) -> Group:
    """The end of a group does not wait for its card's next edit: it is announced as soon as the last have gathered."""
    soon = now + GROUP_WAIT
    retrying = group.pending and group.pending.retrying
    if not (group.card and delivery.timing.edits) or group.over or retrying or group.due is None or group.due <= soon:
        return group
    entries = [Entry(notification, shown=False)]
    counted = count(delivery.key, entries, delivery.ports.counts, delivery.ports.policy)
    return group.rescheduled(soon) if counted.open == 0 else group


def _gather(delivery: GroupDelivery, notification: Notification, when: datetime) -> DeliveryResult:
    """Remember it for the next message about its group, and make that message if its time has come."""
    now, waited = delivery.sender.clock(), delivery.group.pending is not None
    delivery.ports.groups.add(delivery.key, delivery.group.episode, Entry(notification, shown=False), now=now)
    group = delivery.group.with_pending(when, now)
    if group != delivery.group or (group.due or now) <= now:
        delivery = delivery.save(_sooner_if_last(delivery, group, notification, now))
    due = delivery.group.due or now
    if due > now:
        raise HoldError(math.ceil((due - now).total_seconds()), f"told with others: {delivery.key}")
    ledger = delivery.sender.ledger
    try:
        told = flush(delivery, waited=waited)
    except RefusedError:  # of those that were claimed; what was not may be told yet
        if not ledger.finished(notification):
            raise _unclaimed(delivery) from None
        raise
    if notification in told:
        return DeliveryResult("with others", len(told))
    if end := ledger.finished(notification):
        return replace(already_finished(end), notifications=len(told))
    raise _unclaimed(delivery)


def _unclaimed(delivery: GroupDelivery) -> HoldError:
    return HoldError(
        math.ceil(delivery.timing.group_interval.total_seconds()), f"not claimed with the others: {delivery.key}"
    )
