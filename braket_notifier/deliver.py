"""Deliver one notification to its channel: lease → claim in the ledger → send once → mark."""

import math
from dataclasses import replace
from datetime import timedelta

from braket_notifier.domain.destination import channel_of, direct, in_words, person_of
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.errors import DeferError
from braket_notifier.grouping.pass_on import deliver_or_pass_on
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.grouping.visits import close, wake
from braket_notifier.routing.owners import recipient
from braket_notifier.routing.routes import present_owner
from braket_notifier.sending.claims import Sender, before_send, claim_one, send_claimed
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.ports import Probed
from braket_notifier.sending.result import DeliveryResult, already_finished
from braket_notifier.sending.unwanted import unwanted

#: Seconds until a record without the lease comes again; it waited for the lease already.
AGAIN_S = 2
#: Seconds that a send may need: connect 3, read 10, marks. With less left nothing is claimed.
SEND_S = 15
#: Every function follows a push of the settings within this time.
PUSHED_WITHIN = timedelta(minutes=2)


def deliver(carried: Carried, sender: Sender | None, owner: str, *, redriven: bool = False) -> DeliveryResult:
    """Claim, send once, mark. DeferError, RefusedError.

    Without the channel's lease there is no sender. `owner` belongs to this attempt alone. A channel that people read
    gets cards and digests, any other channel each notification by itself. `redriven`: an operator moved the record back
    from `undelivered`, so that a notification which was given up is sent again.
    """
    if sender is None:
        raise DeferError(AGAIN_S, "another sender has the lease")
    if sender.time_left_s() < SEND_S:
        raise DeferError(1, "too little time left to send")
    if isinstance(sender, HumanSender):
        sender = sender.addressed(carried.channel)
    if isinstance(carried, Notification):
        if redriven:
            sender.ledger.reopen(carried, now=sender.clock())
        if why := _unwanted(carried, sender):
            return _leave_out(carried, sender, owner, why)
    if isinstance(sender, HumanSender):
        return _to_people(carried, sender, owner, redriven=redriven)
    match carried:
        case Notification():
            return _alone(carried, sender, owner)
        case Wake():
            return _wake(carried, sender)
    return DeliveryResult("the channel has no groups")


def _unwanted(notification: Notification, sender: Sender) -> str:
    """Why it is no longer wanted. Only a channel that people read may ask whether a hybrid job is still open."""
    transition, now = notification.transition, sender.clock()
    if not isinstance(sender, HumanSender):
        return unwanted(transition, now, sender.policy, lambda: True)
    ports, place = sender.ports, transition.snapshot.open_in
    return unwanted(transition, now, sender.policy, lambda: bool(ports.counts.count_open(place, ports.policy.regions)))


def _leave_out(notification: Notification, sender: Sender, owner: str, why: str) -> DeliveryResult:
    """Finish it without a message. DeferError, RefusedError."""
    if claim_one(notification, sender, owner) is None:
        return already_finished(sender.ledger.progress(notification).end)
    sender.ledger.superseded(notification, owner=owner, reason=why, now=sender.clock())
    return DeliveryResult("superseded", reason=why)


def _to_people(carried: Carried, sender: HumanSender, owner: str, *, redriven: bool) -> DeliveryResult:
    match carried:
        case Notification():
            if to := _other_owner(carried, sender):
                return _to_present_owner(carried, to, sender, owner, redriven=redriven)
            return deliver_or_pass_on(carried, sender, owner)
        case Closing():
            return close(carried, sender, owner)
        case Wake():
            return wake(carried, sender, owner)


def _other_owner(notification: Notification, sender: HumanSender) -> str:
    """Return the destination of whoever else owns the resource now. DeferError.

    What is routed just after a push may know the owner better than this function, which reads the push later.
    """
    policy, at, now = sender.ports.policy, notification.transition.at, sender.clock()
    if at is None or not at <= now < at + PUSHED_WITHIN:
        return present_owner(notification, policy)
    if person_of(notification.channel) and recipient(notification.channel, policy) is None:
        wait = at + PUSHED_WITHIN - now
        raise DeferError(math.ceil(wait.total_seconds()), "the settings in force do not name the person")
    return ""


def _to_present_owner(
    before: Notification, to: str, sender: HumanSender, owner: str, *, redriven: bool
) -> DeliveryResult:
    """Deliver it to whoever owns the resource now, and then finish it for the person for whom it waited.

    Its claim keeps what an earlier attempt knows: a doubt, or that another address of the person got it.
    """
    ledger, now, person = sender.ledger, sender.clock(), person_of(to)
    notification = replace(before, channel=to, passed_from=_of_person(before.passed_from, person))
    progress, claimed = ledger.progress(before), claim_one(before, sender, owner)
    if claimed is None:
        return already_finished(ledger.progress(before).end)
    with before_send([before], sender, owner):
        if claimed[1].may_repeat and ledger.claim(notification, owner=owner, now=now).granted:
            ledger.release(notification, owner=owner, unsure=True)
        if progress.passed_on:
            ledger.passed_on(notification, to=_of_person(progress.passed_to, person), now=now)
        result = deliver(notification, sender, owner, redriven=redriven)
    ledger.superseded(before, owner=owner, reason=f"sent to {in_words(to)}", now=sender.clock())
    return result


def _of_person(destination: str, person: str) -> str:
    """The destination, with this person in place of another one."""
    return direct(channel_of(destination), person) if person_of(destination) else destination


def _wake(waking: Wake, sender: Sender) -> DeliveryResult:
    """Probe a channel that is down; where nothing can be probed, let the next record try it. DeferError.

    If nobody had tried the channel for long, no record waits whose acceptance would clear its health.
    """
    now, health = sender.clock(), sender.health
    if isinstance(sender.channel, Probed):
        sender = sender.admitted(None, mended=waking.mended)
    elif health.closed and waking.mended:
        sender.keep(replace(health, next_try=now))
    if health.is_left(now):
        sender.keep(HEALTHY)
    return DeliveryResult("woken")


def _alone(notification: Notification, sender: Sender, owner: str) -> DeliveryResult:
    sender = sender.admitted(notification.transition.at)
    sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(sender.ledger.progress(notification).end)
    send_claimed([claimed], sender, owner, lambda again: sender.channel.send(notification, may_repeat=again))
    return DeliveryResult("singly", 1)
