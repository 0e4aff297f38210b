"""Compute how long a notification or an event waits for its next attempt, and when a notification is given up."""

from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.sending.ports import Claim

#: The longest wait between two attempts, in seconds.
LONGEST_BACK_OFF_S = 900
#: Seconds that an event waits after the first busy answer of Braket.
BUSY_WAIT_S = 5
#: Attempts without a result, and the time since the first, after which a notification is given up until a redrive.
MOST_DOUBTS = 10
HORIZON = timedelta(hours=72)


def back_off_s(notification: Notification, attempts: int, after_s: float | None = None) -> int:
    """Double 1 s for each attempt up to 15 min, with the notification's own jitter; the channel's own wait wins."""
    doubled = min(LONGEST_BACK_OFF_S, 2.0 ** min(attempts - 1, 10))
    jitter = int(notification.id[:4], 16) / 0x10000
    return max(1, round(doubled * (0.75 + 0.5 * jitter))) if after_s is None else max(1, int(after_s + 1))


def busy_wait_s(receives: int) -> int:
    """Double 5 s for each receive up to 15 min, so that all receives of an event last a day."""
    return min(LONGEST_BACK_OFF_S, BUSY_WAIT_S << min(receives - 1, 8))


def hopeless(claim: Claim, at: datetime) -> str:
    """Return the reason for which a notification is given up, or an empty text."""
    if claim.doubts >= MOST_DOUBTS:
        return f"{claim.doubts} attempts without an acknowledgement"
    if claim.first_claim and at - claim.first_claim > HORIZON:
        return f"not accepted for {HORIZON // timedelta(hours=1)} hours"
    return ""
