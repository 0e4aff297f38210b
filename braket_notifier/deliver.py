"""Deliver one notification to its channel: lease → claim in the ledger → send once → mark."""

from dataclasses import replace

from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.errors import DeferError
from braket_notifier.grouping.pass_on import deliver_or_pass_on
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.grouping.visits import close, wake
from braket_notifier.sending.claims import Sender, claim_one, send_claimed
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.ports import Probed
from braket_notifier.sending.result import DeliveryResult, already_finished
from braket_notifier.sending.unwanted import unwanted

#: Seconds until a record without the lease comes again; it waited for the lease already.
AGAIN_S = 2
#: Seconds that a send may need: connect 3, read 10, marks. With less left nothing is claimed.
SEND_S = 15


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
        return _to_people(carried, sender, owner)
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


def _to_people(carried: Carried, sender: HumanSender, owner: str) -> DeliveryResult:
    match carried:
        case Notification():
            return deliver_or_pass_on(carried, sender, owner)
        case Closing():
            return close(carried, sender, owner)
        case Wake():
            return wake(carried, sender, owner)


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
