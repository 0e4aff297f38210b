"""One weekly line to one channel: claim, send once, mark."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.errors import DeferError, UnacknowledgedError
from braket_notifier.sending.ports import Claim


class WeeklyLedger(Protocol):
    """The rows of the table `deliveries` about weekly lines, one for each channel and week."""

    def claim(self, line: WeeklyLine, *, owner: str, now: datetime) -> Claim:
        """Lease the line and count the attempt, unless it was sent or another owner holds it."""
        ...

    def delivered(self, line: WeeklyLine, *, now: datetime) -> None:
        """Mark the line as accepted by the channel."""
        ...

    def release(self, line: WeeklyLine, *, owner: str) -> None:
        """End the claim after a failure in which the channel did not accept the line."""
        ...


def send_line(
    line: WeeklyLine,
    ledger: WeeklyLedger,
    send: Callable[[bool], object],
    *,
    owner: str,
    clock: Callable[[], datetime],
) -> bool:
    """Send the line once; return False if it was sent before. DeferError and the errors of `send`.

    A claim whose answer was lost stays until its lease ends, and the repeat is marked.
    """
    claim = ledger.claim(line, owner=owner, now=clock())
    if claim.finished:
        return False
    if not claim.granted:
        raise DeferError(claim.wait_s, "another delivery holds the claim")
    try:
        send(claim.may_repeat)
    except UnacknowledgedError:
        raise
    except Exception:
        ledger.release(line, owner=owner)
        raise
    ledger.delivered(line, now=clock())
    return True
