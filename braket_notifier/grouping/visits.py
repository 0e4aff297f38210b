"""Visits of groups without a notification that arrives: the closing of one card, and the waking of a channel."""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from braket_notifier.domain.notification import Closing, Wake
from braket_notifier.errors import DeferError, HoldError, NewerVersionError, RefusedError
from braket_notifier.grouping.answers import Nothing, Reason, Wait
from braket_notifier.grouping.decide import on_closing
from braket_notifier.grouping.deliver_grouped import FLUSH_S, deliver_grouped, found_group
from braket_notifier.grouping.flush import flush, hold
from braket_notifier.grouping.group import Pending
from braket_notifier.grouping.keys import AWAY, LATE, QUIET, is_thread
from braket_notifier.grouping.pass_on import pass_on_waiting
from braket_notifier.grouping.pending import GroupDelivery
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until, passes_hold
from braket_notifier.sending.health import HEALTHY, MENDED_WITHIN_S
from braket_notifier.sending.result import DeliveryResult

#: A group is shown from its rows alone if somebody wanted its visit so soon after its time, as the sweep does when a
#: record is lost. Later the record is there, or the table was restored to a moment at which the notification waited.
SHOWN_WITHIN = timedelta(hours=1)


def close(closing: Closing, sender: HumanSender, owner: str) -> DeliveryResult:
    """Close a group's card, once nothing was added to it for its window; the record stays until the card is closed."""
    sender, now = sender.admitted(None), sender.clock()
    delivery = found_group(closing.key, closing.channel, sender, owner, now)
    answer = on_closing(delivery.group, delivery.timing, closing.episode, now)
    if isinstance(answer, Nothing):
        return DeliveryResult("its card was closed before", reason=answer.reason.name)
    if isinstance(answer, Wait):
        raise hold(answer, closing.key, now)
    try:
        sent, reason = flush(delivery, answer.reason, waited=True)
    except HoldError:
        raise
    except DeferError as error:
        pass_on_waiting(delivery, error)
        raise
    left = sender.ports.groups.get(closing.channel, closing.key)
    if left.episode == closing.episode and (again := left.visit_at(delivery.timing)):
        raise hold(Wait(again, Reason.STILL_GROWING), closing.key, now)
    return DeliveryResult("with others, as the last of its card", len(sent), reason.name)


def wake(waking: Wake, sender: HumanSender, owner: str) -> DeliveryResult:
    """Show what waits in each group whose time has come or whose hold has ended, whatever became of its records.

    A group that cannot be shown now stops no other. While the channel is held, the record waits for the hold's end,
    because the groups' own records may be hidden for longer; it probes only for statuses that pass the hold. If nobody
    had tried a channel that is down for long, and nothing waits, a good probe clears its health, because no acceptance
    will.
    """
    ports, before, wanted = sender.ports, sender.health, waking.at or sender.clock()
    wanted = min(wanted, before.down_since or wanted)  # because nobody could send since then
    keys = sorted(ports.groups.to_visit(waking.channel), key=lambda key: key not in LATE)
    held = held_until(waking.channel, NO_STATUS, ports.policy, sender.clock())
    nobody_tries = not (keys or held) and before.is_left(sender.clock())
    passing = held and passes_hold(waking.channel, ports.policy, sender.clock())
    if not held or (passing and _is_any_due(keys, waking.channel, sender, owner)):
        try:
            sender = sender.admitted(None, mended=waking.mended)
        except DeferError as error:
            for group in _readable(keys, waking.channel, sender, owner):
                _pass_on_due(group, error, wanted)
                _tried_again_at(group, error, wanted)
            raise
    back = before.closed and not sender.health.closed  # its probe has just succeeded
    groups = _readable(keys, waking.channel, sender, owner)
    sent = _visit_all((_retried(each) for each in groups) if back else groups, wanted)
    now = sender.clock()
    if keys and (until := held_until(waking.channel, NO_STATUS, ports.policy, now)):
        raise hold(Wait(min([until, *_held(keys, waking.channel, sender, owner)]), Reason.QUIET_HOURS), QUIET, now)
    if nobody_tries:
        sender.keep(HEALTHY)
    return DeliveryResult("woken", sent)


def _visit_all(groups: Iterable[GroupDelivery], wanted: datetime) -> int:
    """Visit each group by itself; raises the last DeferError."""
    sent, deferred = 0, None
    for each in groups:
        sender = each.sender
        if sender.time_left_s() < FLUSH_S:
            raise DeferError(1, "too little time left to visit every group")
        try:
            sent += _visit(each, sender.clock(), wanted)
        except (HoldError, RefusedError, NewerVersionError):
            continue  # the group waits for a later time, or the ledger keeps its notifications as undelivered
        except DeferError as error:
            _pass_on_due(each, error, wanted)
            found = found_group(each.key, each.channel, sender, each.owner, sender.clock())
            due = _tried_again_at(found, error, wanted)
            deferred = DeferError(math.ceil((due - sender.clock()).total_seconds()), str(error))
    if deferred:
        raise deferred
    return sent


def _pass_on_due(delivery: GroupDelivery, error: DeferError, wanted: datetime) -> None:
    """Pass on what waits in a group that was to be shown now; a table that was restored leaves it to the records."""
    pending, now = delivery.group.pending, delivery.sender.clock()
    if pending and pending.due <= now and wanted - pending.due <= SHOWN_WITHIN:
        pass_on_waiting(delivery, error)


def _retried(delivery: GroupDelivery) -> GroupDelivery:
    """Let a group whose message the channel refused be due, because the channel is back before its next try.

    Late news gather until the records that the outage put back have come.
    """
    now, pending = delivery.sender.clock(), delivery.group.pending
    due = now + timedelta(seconds=MENDED_WITHIN_S) if delivery.key in LATE else now
    if not (pending and pending.retrying and pending.due > due):
        return delivery
    return delivery.save(delivery.group.rescheduled(due))


def _readable(keys: Iterable[str], channel: str, sender: HumanSender, owner: str) -> Iterator[GroupDelivery]:
    """Skip a group that only a newer version can read, because the records of its notifications wait too.

    Each group has an owner of its own, because what waits in two of them may be in doubt after the first one.
    """
    for number, key in enumerate(keys):
        with suppress(NewerVersionError):
            yield found_group(key, channel, sender, f"{owner}-{number}", sender.clock())


def _is_any_due(keys: Iterable[str], channel: str, sender: HumanSender, owner: str) -> bool:
    """Whether the time of a group has come that does not wait for the end of the hold."""
    groups = (each.group for each in _readable(keys, channel, sender, owner))
    return any(each.pending and not each.pending.held and each.is_due(sender.clock()) for each in groups)


def _held(keys: Iterable[str], channel: str, sender: HumanSender, owner: str) -> Iterator[datetime]:
    """When each group that is held may show something, which may be before the hold ends for every status."""
    for each in _readable(keys, channel, sender, owner):
        if each.group.pending and each.group.pending.held and each.group.pending.due > sender.clock():
            yield each.group.pending.due


def _visit(delivery: GroupDelivery, now: datetime, wanted: datetime) -> int:
    """Answers the number of notifications that were sent; `wanted`: when somebody asked for the visit.

    A group whose hold ended early is due before anything is tried, because the sweep then finds it if this visit fails.
    """
    group, closing = delivery.group, delivery.group.is_closing(delivery.timing, now)
    owing = group.is_owing(delivery.timing, now)
    held = held_until(delivery.channel, NO_STATUS, delivery.ports.policy, now)
    still_held = held and delivery.key != QUIET and group.pending == Pending(held, held=True)
    awaits_sweep = group.awaits_sweep and not group.pending
    if still_held or not (closing or owing or awaits_sweep or group.is_due(now)):
        return 0
    if group.pending and wanted - group.pending.due > SHOWN_WITHIN:
        delivery = _leave_to_records(delivery, now)
    elif not held and group.pending and group.pending.due > now:
        delivery = delivery.save(group.rescheduled(now))
    if is_thread(delivery.key):
        return _visit_thread(delivery)
    if not (closing or owing or awaits_sweep or delivery.group.pending):
        return 0
    sent, _ = flush(delivery, Reason.WINDOW_ENDED if closing else _reason(delivery), waited=True)
    return len(sent)


def _tried_again_at(delivery: GroupDelivery, error: DeferError, wanted: datetime) -> datetime:
    """Let a group that is due or closes wait for the next try, so that it is not left to its records after an outage.

    The sweep wakes the channel again once nobody has visited the group at that time.
    """
    group, now = delivery.group, delivery.sender.clock()
    again = now + timedelta(seconds=error.seconds)
    next_try = max(again, delivery.sender.health.next_try or again)
    due = group.pending is not None and group.pending.due <= now and wanted - group.pending.due <= SHOWN_WITHIN
    looks = group.is_closing(delivery.timing, now) or group.is_owing(delivery.timing, now)
    if due or (group.pending is None and looks):
        delivery.accepted(group.with_retry(next_try))
    return max(again, group.due or again)


def _leave_to_records(delivery: GroupDelivery, now: datetime) -> GroupDelivery:
    """Forget what waits in the group; a record that is there adds its notification again."""
    groups, episode = delivery.ports.groups, delivery.group.episode
    for entry in groups.entries(delivery.channel, delivery.key, episode):
        if not entry.shown:
            groups.drop(delivery.key, episode, entry.notification)
    return delivery.save(delivery.group.after_claims(delivery.timing, rest=False, now=now))


def _visit_thread(delivery: GroupDelivery) -> int:
    """Deliver the quantum tasks that a hold kept out of their hybrid job's thread."""
    groups, sent = delivery.ports.groups, 0
    for entry in groups.entries(delivery.channel, delivery.key, delivery.group.episode):
        try:
            sent += deliver_grouped(entry.notification, delivery.sender, delivery.owner).notifications
        except (RefusedError, NewerVersionError):
            continue  # the ledger keeps it as undelivered, or its own record waits for a newer version
    now = delivery.sender.clock()
    left = found_group(delivery.key, delivery.channel, delivery.sender, delivery.owner, now)
    left.save(left.group.after_claims(left.timing, rest=False, now=now))
    return sent


def _reason(delivery: GroupDelivery) -> Reason:
    if delivery.key in LATE:
        return {QUIET: Reason.QUIET_ENDED, AWAY: Reason.LATE}[delivery.key]
    return Reason.NEXT_EDIT if delivery.timing.edits else Reason.NEXT_DIGEST
