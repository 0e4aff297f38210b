"""How one notification reaches its channel: the channel's turn → claim in the ledger → send once → mark."""

from collections.abc import Iterable

from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.errors import DeferError
from braket_notifier.grouping.deliver_grouped import close, deliver_grouped
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.sending.claims import Clock, Sender, claim_one, send_claimed
from braket_notifier.sending.ports import Ledger
from braket_notifier.sending.result import DeliveryResult, already_finished
from braket_notifier.tracking.ports import ChannelQueues

#: It has waited for the turn already, and goes on waiting for it when it comes again.
AGAIN_S = 2
#: A send takes at most this (connect 3 s, read 10 s, marks); with less time left nothing is claimed.
SEND_S = 15


def deliver(carried: Notification | Closing, sender: Sender | None, owner: str) -> DeliveryResult:
    """Claim, send once, mark; answers what became of it. PutBackError, RefusedError.

    Without the channel's turn there is no sender. `owner` is this attempt's alone. What people read is told in cards
    and digests; any other channel hears of each notification by itself.
    """
    if sender is None:
        raise DeferError(AGAIN_S, "another sender keeps the turn")
    if sender.time_left_s() < SEND_S:
        raise DeferError(1, "too little time left to send")
    if isinstance(sender, HumanSender):
        return _to_people(carried, sender, owner)
    return DeliveryResult("nobody reads cards here") if isinstance(carried, Closing) else _alone(carried, sender, owner)


def _to_people(carried: Notification | Closing, sender: HumanSender, owner: str) -> DeliveryResult:
    if isinstance(carried, Closing):
        return close(carried, sender, owner)
    return deliver_grouped(carried, sender, owner)


def _alone(notification: Notification, sender: Sender, owner: str) -> DeliveryResult:
    sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(sender.ledger.finished(notification))
    send_claimed([claimed], sender, owner, lambda again: sender.channel.send(notification, may_repeat=again))
    return DeliveryResult("singly", 1)


def redrive(notifications: Iterable[Notification], ledger: Ledger, queues: ChannelQueues, clock: Clock) -> int:
    """Let undelivered notifications be sent again; what was delivered stays silent. Answers how many."""
    reopened = [each for each in notifications if ledger.reopen(each, now=clock())]
    queues.enqueue(reopened)
    return len(reopened)
