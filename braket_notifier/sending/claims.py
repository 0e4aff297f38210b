"""Claim → send once → mark, for one notification or for all that one message tells."""

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

#: What tells no notification of its own has no attempts to count.
PLAIN_WAIT_S = 60
#: So many rows of one message are written at once, each on its own condition.
WRITERS = 8

Clock = Callable[[], datetime]
Claimed = tuple[Notification, Claim]
Answer = TypeVar("Answer")
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Sender:
    """One channel, the ledger it is accounted in, the channel's turn (if it needs one), and the time left to send."""

    channel: Channel
    ledger: Ledger
    clock: Clock
    time_left_s: Callable[[], float]
    lease: ChannelLease | None = None

    def await_slot(self) -> None:
        """Where there is a turn to keep, wait for its pace; PutBackError as it says."""
        if self.lease:
            self.lease.await_slot()

    def hold_back(self, error: TryLaterError) -> None:
        """Whoever has the turn waits as long as the channel asked for; PutBackError if it has passed to another."""
        if self.lease and error.after_s is not None:
            self.lease.hold_back(error.after_s)

    def answered(self, *, edit: bool = False) -> None:
        """What is sent next is a pace away from here."""
        if self.lease:
            self.lease.answered(EDIT_INTERVAL if edit else None)


def claim_one(notification: Notification, sender: Sender, owner: str) -> Claimed | None:
    """The right to tell it now; None if nothing is left to be told. PutBackError, RefusedError."""
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
    claimed: Sequence[Claimed], sender: Sender, owner: str, tell: Callable[[bool], Answer], *, edits: bool = False
) -> Answer:
    """Let one message tell all that is claimed, and mark each, whatever the verdict. PutBackError, RefusedError.

    Only a channel that may have accepted a message whose acknowledgement was lost is sent it again; an edit whose
    acknowledgement was lost leaves no doubt, for made twice it is the same.
    """
    try:
        answer = _told(claimed, sender, tell, edits=edits)
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
    """What it answers for each, in order; several are done at a time, and after an error no further one is begun."""
    if len(many) < 2:  # noqa: PLR2004 - one needs no thread
        return [do(each) for each in many]
    with ThreadPoolExecutor(WRITERS) as writers:
        return list(writers.map(do, many))


def _told(claimed: Sequence[Claimed], sender: Sender, tell: Callable[[bool], Answer], *, edits: bool) -> Answer:
    try:
        return tell(any(claim.may_repeat for _, claim in claimed))
    finally:
        sender.answered(edit=edits)


def _wait_s(claimed: Sequence[Claimed], after_s: float | None = None) -> int:
    waits = [back_off_s(notification, claim.attempts, after_s) for notification, claim in claimed[:1]]
    return waits[0] if waits else PLAIN_WAIT_S


def _release(claimed: Sequence[Claimed], sender: Sender, owner: str) -> None:
    at_once(lambda each: sender.ledger.release(each[0], owner=owner), claimed)
