"""How one notification reaches its channel: the channel's turn → claim in the ledger → send once → mark."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from notifier.detect import PutBackError
from notifier.model import Notification
from notifier.ports import (
    LEASE,
    Channel,
    ChannelQueues,
    Claim,
    Ledger,
    RefusedError,
    TryLaterError,
    UnacknowledgedError,
)
from notifier.retry import back_off_s, hopeless
from notifier.turn import PATIENCE, Turn

#: A send takes at most this (connect 3 s, read 10 s, marks); with less time left nothing is claimed.
SEND_S = 15

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Sender:
    """One channel, the ledger it is accounted in, the channel's turn (if it needs one), and the time left to send."""

    channel: Channel
    ledger: Ledger
    clock: Clock
    time_left_s: Callable[[], float]
    turn: Turn | None = None


def deliver(notification: Notification, sender: Sender | None, owner: str) -> bool:
    """Claim, send once, mark; False if it had been finished before. PutBackError, RefusedError.

    Without the channel's turn there is no sender. `owner` is this attempt's alone. Only a channel that may have
    accepted a message whose acknowledgement was lost is sent it again.
    """
    if sender is None:
        raise PutBackError(PATIENCE.seconds, "another sender keeps the turn")
    if sender.time_left_s() < SEND_S:
        raise PutBackError(1, "too little time left to send")
    if sender.turn:
        sender.turn.await_slot()
    claim = sender.ledger.claim(notification, owner=owner, now=sender.clock())
    if claim.finished:
        return False
    if not claim.granted:
        raise PutBackError(claim.wait_s, "another delivery holds the claim")
    try:
        _send(notification, claim, sender, owner)
    except RefusedError as error:
        sender.ledger.undelivered(notification, owner=owner, reason=str(error), now=sender.clock())
        raise
    sender.ledger.delivered(notification, now=sender.clock())
    return True


def _send(notification: Notification, claim: Claim, sender: Sender, owner: str) -> None:
    """Send once, and say for each kind of failure when to come again."""
    if why := hopeless(claim, sender.clock()):
        raise RefusedError(why)
    try:
        sender.channel.send(notification, may_repeat=claim.may_repeat)
    except TryLaterError as error:
        sender.ledger.release(notification, owner=owner)
        if sender.turn and error.after_s is not None:
            sender.turn.hold_back(error.after_s)
        raise PutBackError(back_off_s(notification, claim.attempts, error.after_s), str(error)) from error
    except UnacknowledgedError as error:
        wait = max(LEASE.seconds, back_off_s(notification, claim.attempts))
        raise PutBackError(wait, f"no acknowledgement: {error}", in_doubt=True) from error


def redrive(notifications: Iterable[Notification], ledger: Ledger, queues: ChannelQueues, clock: Clock) -> int:
    """Let undelivered notifications be sent again; what was delivered stays silent. Answers how many."""
    reopened = [each for each in notifications if ledger.reopen(each, now=clock())]
    queues.enqueue(reopened)
    return len(reopened)
