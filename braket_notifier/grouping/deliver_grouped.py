"""One notification in a channel that people read: load → decide → send it now, with others, or later."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import DeferError, HoldError, NewerVersionError, RefusedError
from braket_notifier.grouping import cards
from braket_notifier.grouping.answers import Arrival, Flush, GroupKey, InThread, LeaveToJob, News, Reason, SendNow, Wait
from braket_notifier.grouping.decide import CARD_COMES_WITHIN, group_key, is_held, on_arrival
from braket_notifier.grouping.digests import count
from braket_notifier.grouping.flood import count_message, is_flooded, joins, on_failure, on_flood
from braket_notifier.grouping.flush import flush, hold
from braket_notifier.grouping.group import Group, is_failure, recent, timing_for
from braket_notifier.grouping.job_ends import looks_for_end
from braket_notifier.grouping.keys import FAILURES, OF_MANY, QUIET, is_job_task, is_thread
from braket_notifier.grouping.pending import GroupDelivery, no_longer_routed, read_beside
from braket_notifier.grouping.ports import Entry, HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until, may_hold
from braket_notifier.routing.routes import unrouted
from braket_notifier.sending.claims import before_send, claim_one
from braket_notifier.sending.ports import Finished
from braket_notifier.sending.result import DeliveryResult, already_finished

#: Seconds that a flush may need: claims, the message (twice, if a card is gone), marks. With less left nothing begins.
FLUSH_S = 45
#: Begin the reasons for which the ledger has a notification as superseded that the channel showed in no other form.
_SHOWN_NOWHERE = (Reason.FLOOD_SILENT, Reason.NO_CARD, Reason.NO_THREAD, Reason.ENOUGH_ALIKE, Reason.CARD_GONE)
LEFT_OUT = tuple(each.value for each in (*_SHOWN_NOWHERE, Reason.NO_LONGER_ROUTED))


def deliver_grouped(notification: Notification, sender: HumanSender, owner: str) -> DeliveryResult:
    """Send it by itself, or with others when their time has come. DeferError, RefusedError.

    A notification that is held asks nothing of a channel that is down.
    """
    if notification.refresh:
        return cards.refresh(notification, sender)
    if not is_held(notification, sender.ports.policy, sender.clock()):
        sender = sender.admitted(notification.transition.at)
    progress = sender.ledger.progress(notification)
    if progress.end and not _is_reopened(notification, progress.end, sender):
        return already_finished(progress.end)
    if sender.time_left_s() < FLUSH_S:
        raise DeferError(1, "too little time left to send")
    if cards.needs_card(notification) and not cards.has_card(notification, sender.ports):
        return cards.leave_out(notification, sender, owner, Reason.NO_CARD)
    return _decided(notification, sender, owner, passed_on=progress.passed_on)


def _is_reopened(notification: Notification, end: Finished, sender: HumanSender) -> bool:
    """Reopen what another channel passes on aloud, if this one has left its own copy out; False for anything else."""
    left_out = end.state == "SUPERSEDED" and end.reason.startswith(LEFT_OUT)
    passed_on = notification.passed_from and not notification.silent
    return bool(left_out and passed_on) and sender.ledger.reopen(notification, now=sender.clock(), superseded=True)


def _decided(notification: Notification, sender: HumanSender, owner: str, *, passed_on: bool) -> DeliveryResult:
    now = sender.clock()
    delivery, news = _load(notification, sender, owner, now, passed_on=passed_on)
    if news.key.reason is Reason.OWN and _closes_now(delivery, now):
        return _closed_first(delivery, notification)
    answer = on_arrival(delivery.group, delivery.timing, news, now)
    if news.key.reason is Reason.OWN and joins(delivery.group, answer):
        delivery = delivery.with_many()
        if delivery.many and _closes_now(delivery.many, now):
            return _closed_first(delivery.many, notification)
        if delivery.many and is_flooded(delivery.many, now):
            return _in_flood(delivery, delivery.many, news, answer)
    return _answered(delivery, notification, answer, now)


def _closed_first(delivery: GroupDelivery, notification: Notification) -> DeliveryResult:
    """Close a card whose time has passed, then deliver the notification to its group as it is now."""
    with suppress(RefusedError):  # of the closed card's notifications
        flush(delivery, Reason.WINDOW_ENDED, waited=True)
    return deliver_grouped(notification, delivery.sender, delivery.owner)


def _in_flood(delivery: GroupDelivery, many: GroupDelivery, news: News, answer: Arrival) -> DeliveryResult:
    """A silent status only edits the card of its resource; any other notification joins the card of many."""
    notification = news.notification
    now = many.sender.clock()
    if first := on_failure(many.group, many.timing, news, now):
        return _send_now(many, notification, first.reason)
    if answer.reason is not Reason.SILENT:
        return _with_others(many, notification, on_flood(many.group, many.timing, now), now)
    if cards.has_card(notification, delivery.ports):
        return _send_now(delivery, notification, answer.reason)
    return cards.leave_out(notification, delivery.sender, delivery.owner, Reason.FLOOD_SILENT)


def _answered(delivery: GroupDelivery, notification: Notification, answer: Arrival, now: datetime) -> DeliveryResult:
    if isinstance(answer, SendNow):
        return _send_now(delivery, notification, answer.reason)
    if isinstance(answer, InThread | LeaveToJob):
        return cards.send_in_thread(delivery, notification, answer)
    if isinstance(answer, Wait) and answer.reason in {Reason.JOB_CARD_COMING, Reason.JOB_END_COMING}:
        raise hold(answer, delivery.key, now)
    return _with_others(delivery, notification, answer, now)


def _load(
    notification: Notification, sender: HumanSender, owner: str, now: datetime, *, passed_on: bool
) -> tuple[GroupDelivery, News]:
    """Read the rows that decide whether the notification is sent singly or with its group, and no others."""
    channel, ports = notification.channel, sender.ports
    held = None
    may_be_held = not is_job_task(notification) and may_hold(channel, ports.policy)
    with suppress(NewerVersionError):  # otherwise what nothing holds would wait for that version too
        held = ports.groups.get(channel, QUIET) if may_be_held else None
    key = group_key(notification, ports.policy, held or Group(), now, passed_on=passed_on)
    if key.reason is Reason.JOB_TASK:
        return _load_job_task(notification, key, sender, owner, now)
    delivery = found_group(key.name, channel, sender, owner, now, held if key.name == QUIET else None)
    counts = key.reason is Reason.OWN and is_failure(notification.transition)
    edits_only = notification.silent and delivery.timing.edits
    failures = _failures(delivery, now) if counts and not edits_only else 0
    passes = not key.until and held_until(channel, NO_STATUS, ports.policy, now) is not None
    looks = 0 if key.until else looks_for_end(notification, sender, owner)
    return delivery, News(notification, key, failures, passes=passes, looks=looks)


def _load_job_task(
    task: Notification, key: GroupKey, sender: HumanSender, owner: str, now: datetime
) -> tuple[GroupDelivery, News]:
    """Read the rows that decide about a hybrid job's own task; one that has waited asks the job and the settings."""
    channel, ports, at = task.channel, sender.ports, task.transition.at
    place = cards.job_card(task, ports)
    group = ports.groups.get(channel, key.name) if place or key.until else Group()
    held_before = ports.groups.entries(channel, key.name, group.episode) if group.pending else ()
    waited = at is not None and now - at >= CARD_COMES_WITHIN
    ceased = waited and not task.passed_from and bool(unrouted(task, ports.policy))
    unsent = ceased or task.id in no_longer_routed(held_before, ports.policy)
    job = task.transition.snapshot.open_in
    is_open = waited and not place and bool(ports.counts.count_open(job, ports.policy.regions))
    news = News(task, key, job_card=place, job_open=is_open, unrouted=unsent)
    return found_group(key.name, channel, sender, owner, now, group), news


def _closes_now(delivery: GroupDelivery, now: datetime) -> bool:
    """Whether the card is to be closed although its closing record has not come, or never comes."""
    held = held_until(delivery.channel, NO_STATUS, delivery.ports.policy, now)
    return delivery.group.is_closing(delivery.timing, now) and not held


def found_group(
    key: str, channel: str, sender: HumanSender, owner: str, now: datetime, group: Group | None = None
) -> GroupDelivery:
    """`group`: as it was read already. The thread of a hybrid job has one episode, whatever pauses there are."""
    timing = timing_for(channel, key, sender.ports.policy, edits=sender.ports.editable is not None)
    found = sender.ports.groups.get(channel, key) if group is None else group
    current = found if is_thread(key) else found.after_idle(timing, now)
    return GroupDelivery(channel, key, current, timing, sender, owner)


def _failures(delivery: GroupDelivery, now: datetime) -> int:
    """How many single failure messages the channel had of late."""
    window = timedelta(seconds=delivery.ports.policy.digest_window_s)
    _, counted = read_beside(FAILURES, delivery.channel, delivery.ports.groups)
    return len(recent(counted.single_times, window, now))


def _send_now(delivery: GroupDelivery, notification: Notification, reason: Reason) -> DeliveryResult:
    sender, owner = delivery.sender, delivery.owner
    sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(sender.ledger.progress(notification).end)
    if not notification.silent:  # before the send, because a crash after its mark would leave the entry out for ever
        with before_send([notification], sender, owner):
            delivery.add(notification, shown=False)
    if cards.send_single(claimed, delivery) and delivery.key not in OF_MANY:
        count_message(delivery, sender.clock())
    if notification.silent:
        return DeliveryResult("silently", 1, reason.name)
    now, transition = sender.clock(), notification.transition
    delivery.add(notification, shown=True)
    delivery.save(delivery.group.after_single(delivery.timing, transition, now))
    if is_failure(transition):
        counted = delivery.beside(FAILURES)
        counted.accepted(counted.group.after_single(counted.timing, transition, now))
    return DeliveryResult("singly", 1, reason.name)


def _with_others(
    delivery: GroupDelivery, notification: Notification, answer: Wait | Flush, now: datetime
) -> DeliveryResult:
    """Add the notification to its group, and send the group's message when that is due."""
    waited = delivery.group.pending is not None
    delivery.add(notification, shown=False)
    if isinstance(answer, Wait):
        raise _held(delivery, notification, answer, now)
    delivery = delivery.save(delivery.group.with_pending(now, now))
    ledger = delivery.sender.ledger
    try:
        sent, reason = flush(delivery, answer.reason, waited=waited)
    except RefusedError:  # of those that were claimed; another one may be sent yet
        if not ledger.progress(notification).end:
            raise _unclaimed(delivery) from None
        raise
    if notification in sent:
        return DeliveryResult("with others", len(sent), reason.name)
    if end := ledger.progress(notification).end:
        return replace(already_finished(end), notifications=len(sent))
    raise _unclaimed(delivery)


def _held(delivery: GroupDelivery, notification: Notification, wait: Wait, now: datetime) -> HoldError:
    """A group that the notification does not change is neither counted nor saved."""
    group = delivery.group
    if wait.reason is Reason.QUIET_HOURS:
        changed = group.with_held(wait.until, now)
    elif (changed := group.with_pending(wait.until, now)) != group and wait.if_last:
        entries, ports = [Entry(notification, shown=False)], delivery.ports
        wait = wait.if_last if count(delivery.key, entries, ports.counts, ports.policy).open == 0 else wait
        changed = group.with_pending(wait.until, now)
    if changed != group:
        delivery = delivery.save(changed)
    return hold(wait, delivery.key, now)


def _unclaimed(delivery: GroupDelivery) -> HoldError:
    now = delivery.sender.clock()
    return hold(Wait(now + delivery.timing.group_interval, Reason.CLAIMED_ELSEWHERE), delivery.key, now)
