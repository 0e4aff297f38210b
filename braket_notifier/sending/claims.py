"""Claim → send once → mark, for one notification or for all notifications of one message."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import DeferError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.sending.channel_lease import EDIT_INTERVAL, ChannelLease
from braket_notifier.sending.ports import LEASE, Channel, Claim, Ledger
from braket_notifier.sending.retry import back_off_s, hopeless

#: Seconds to wait after a failed send without a notification, which has no attempts to count.
PLAIN_WAIT_S = 60
#: Threads that write the rows of one message, each row on its own condition.
WRITERS = 8

Clock = Callable[[], datetime]
Claimed = tuple[Notification, Claim]
Answer = TypeVar("Answer")
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Sender:
    """One channel with its ledger, its lease if it needs one, and the time left to send."""

    channel: Channel
    ledger: Ledger
    clock: Clock
    time_left_s: Callable[[], float]
    lease: ChannelLease | None = None

    def await_slot(self) -> None:
        """Wait for the lease's next slot, if there is a lease; raises DeferError."""
        if self.lease:
            self.lease.await_slot()

    def hold_back(self, error: TryLaterError) -> None:
        """Make the lease wait as long as the channel asked; raises DeferError if the lease is lost."""
        if self.lease and error.after_s is not None:
            self.lease.hold_back(error.after_s)

    def answered(self, *, edit: bool = False) -> None:
        """Start the interval before the next send."""
        if self.lease:
            self.lease.answered(EDIT_INTERVAL if edit else None)


def claim_one(notification: Notification, sender: Sender, owner: str) -> Claimed | None:
    """Claim a notification; None if it is finished. Raises DeferError and RefusedError."""
    claim = sender.ledger.claim(notification, owner=owner, now=sender.clock())
    if claim.finished:
        return None
    if not claim.granted:
        raise DeferError(claim.wait_s, "another delivery holds the claim")
    if why := hopeless(claim, sender.clock()):
        sender.ledger.undelivered(notification, owner=owner, reason=why, now=sender.clock())
        raise RefusedError(why)
    return notification, claim


def send_claimed(
    claimed: Sequence[Claimed], sender: Sender, owner: str, send: Callable[[bool], Answer], *, edits: bool = False
) -> Answer:
    """Send one message for all claimed notifications, and mark each; raises DeferError and RefusedError.

    After a lost acknowledgement the claims keep their doubt, so that the next attempt says that it may repeat. An edit
    leaves no doubt, because a repeated edit changes nothing.
    """
    try:
        answer = _send(claimed, sender, send, edits=edits)
    except DeferError:
        _release(claimed, sender, owner)
        raise
    except TryLaterError as error:
        _release(claimed, sender, owner)
        sender.hold_back(error)
        raise DeferError(_wait_s(claimed, error.after_s), str(error)) from error
    except UnacknowledgedError as error:
        if edits:
            _release(claimed, sender, owner)
            raise DeferError(_wait_s(claimed), f"no acknowledgement of an edit: {error}") from error
        wait = max(LEASE.seconds, _wait_s(claimed))
        raise DeferError(wait, f"no acknowledgement: {error}", in_doubt=True) from error
    except RefusedError as error:
        for notification, _ in claimed:
            sender.ledger.undelivered(notification, owner=owner, reason=str(error), now=sender.clock())
        raise
    now = sender.clock()
    at_once(lambda each: sender.ledger.delivered(each[0], now=now), claimed)
    return answer


def at_once(do: Callable[[Each], Answer], many: Sequence[Each]) -> list[Answer]:
    """Call a function for each element in threads, and return the results in order; no call begins after an error."""
    if len(many) < 2:  # noqa: PLR2004 - one needs no thread
        return [do(each) for each in many]
    with ThreadPoolExecutor(WRITERS) as writers:
        return list(writers.map(do, many))


def _send(claimed: Sequence[Claimed], sender: Sender, send: Callable[[bool], Answer], *, edits: bool) -> Answer:
    try:
        return send(any(claim.may_repeat for _, claim in claimed))
    finally:
        sender.answered(edit=edits)


def _wait_s(claimed: Sequence[Claimed], after_s: float | None = None) -> int:
    waits = [back_off_s(notification, claim.attempts, after_s) for notification, claim in claimed[:1]]
    return waits[0] if waits else PLAIN_WAIT_S


def _release(claimed: Sequence[Claimed], sender: Sender, owner: str) -> None:
    at_once(lambda each: sender.ledger.release(each[0], owner=owner), claimed)
