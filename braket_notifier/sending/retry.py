"""How long an unsuccessful notification or an unanswered question waits, and when it is given up: pure."""

from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.sending.ports import Claim

LONGEST_BACK_OFF_S = 900
BUSY_WAIT_S = 5
#: Give up on a notification after this; `redrive` begins anew.
MOST_DOUBTS = 10
HORIZON = timedelta(hours=72)


def back_off_s(notification: Notification, attempts: int, after_s: float | None = None) -> int:
    """1 s, doubled for each attempt up to 15 min, with a jitter that is the notification's own; or what was asked."""
    doubled = min(LONGEST_BACK_OFF_S, 2.0 ** min(attempts - 1, 10))
    jitter = int(notification.id[:4], 16) / 0x10000
    return max(1, round(doubled * (0.75 + 0.5 * jitter))) if after_s is None else max(1, int(after_s + 1))


def busy_wait_s(receives: int) -> int:
    """How long an event waits for a busy Braket: 5 s, doubled up to 15 min, so that all its receives last a day."""
    return min(LONGEST_BACK_OFF_S, BUSY_WAIT_S << min(receives - 1, 8))


def hopeless(claim: Claim, at: datetime) -> str:
    """Why a notification is given up: too many attempts without a verdict, or too long; empty if it is not."""
    if claim.doubts >= MOST_DOUBTS:
        return f"{claim.doubts} attempts without an acknowledgement"
    if claim.first_claim and at - claim.first_claim > HORIZON:
        return f"not accepted for {HORIZON // timedelta(hours=1)} hours"
    return ""
