"""Compute how long a notification or an event waits for its next attempt, and when a notification is given up."""

from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.sending.health import HORIZON, LONGEST_BACK_OFF, Health, doubled
from braket_notifier.sending.ports import LEASE, Claim

#: The longest wait between two attempts, in seconds.
LONGEST_BACK_OFF_S = int(LONGEST_BACK_OFF.total_seconds())
#: Seconds that an event waits after the first busy answer of Braket.
BUSY_WAIT_S = 5
#: The longest wait after an unexpected error, in seconds, so that one which lasts keeps the alarm `errors` raised.
LONGEST_ERROR_S = 420
#: Attempts that wait as short as the channel asks; SQS allows a thousand receives in all.
MOST_AS_ASKED = 100
#: Sends without an acknowledgement, each in a healthy channel, after which a notification is given up.
MOST_DOUBTS = 10
#: The longest wait between two of them: all ten take more than a day, because a service may fail in its sends alone.
LONGEST_DOUBT_S = 11 * 3600
#: How long a handler is called again for a notification over which it raises.
HANDLER_HORIZON = timedelta(hours=24)
#: The longest wait between two attempts that a channel may ask for, and the time of such attempts after which a
#: notification is given up.
LONGEST_ASKED, LONGEST_KEPT = timedelta(hours=12), timedelta(days=12)


def back_off_s(notification: Notification, attempts: int, after_s: float | None = None) -> int:
    """Double 1 s for each attempt up to 15 min, with the notification's own jitter; the channel's own wait wins.

    After many short waits the longer one wins, because SQS counts a record's receives.
    """
    asked = 0 if after_s is None else int(after_s + 1)
    counted = attempts if after_s is None else attempts - MOST_AS_ASKED
    jitter = int(notification.id[:4], 16) / 0x10000
    return max(1, asked, round(doubled(counted).total_seconds() * (0.75 + 0.25 * jitter)))


def doubt_wait_s(doubts: int) -> int:
    """Treble the lease of a claim for each send without an acknowledgement."""
    return min(LONGEST_DOUBT_S, int(LEASE.seconds * 3.0 ** min(doubts - 1, 8)))


def busy_wait_s(receives: int) -> int:
    """Double 5 s for each receive up to 15 min, so that all receives of an event last three days."""
    return min(LONGEST_BACK_OFF_S, BUSY_WAIT_S << min(receives - 1, 8))


def error_wait_s(receives: int) -> int:
    """Double 5 s for each receive up to seven minutes, because most unexpected errors are one failed call of AWS."""
    return min(LONGEST_ERROR_S, busy_wait_s(receives))


def newer_version_wait_s(receives: int, deferred: timedelta) -> int | None:
    """Return how long a record of a newer version waits for that version; None once it is given up.

    Time in which nobody received the record does not count.
    """
    return None if min(deferred, receives * LONGEST_BACK_OFF) > HORIZON else busy_wait_s(receives)


def waits_since(notification: Notification, claim: Claim) -> datetime | None:
    """Return since when a claimed notification waits; before its first claim it waited from Braket's change on."""
    return notification.transition.at or claim.first_claim if claim.attempts <= 1 else claim.first_claim


def given_up(
    notification: Notification,
    claim: Claim,
    health: Health,
    at: datetime,
    horizon: timedelta,
    *,
    counted: bool,
    last: bool,
) -> str:
    """Return the reason for which a notification is given up after a failed attempt, or an empty text.

    `counted`: the attempt is in doubt, in a channel that its probe finds healthy. `last`: it is in doubt, in a channel
    that is down for longer than the horizon. Time in which nobody tried does not count: the channel's own time leaves
    it out, and a notification's attempts show how long it was tried.
    """
    if last:
        return f"no acknowledgement in an outage of over {HORIZON // timedelta(hours=1)} hours"
    if counted and claim.doubts + 1 >= MOST_DOUBTS:
        return f"{claim.doubts + 1} attempts without an acknowledgement"
    waited = at - claim.first_claim if claim.first_claim else timedelta(0)
    tried = claim.attempts * LONGEST_BACK_OFF
    if health.tried_for(waits_since(notification, claim), at) > HORIZON or min(waited, tried) > horizon:
        return f"not accepted for {horizon // timedelta(hours=1)} hours"
    asked = min(waited, claim.attempts * LONGEST_ASKED)
    return f"not accepted for {LONGEST_KEPT.days} days" if asked > LONGEST_KEPT else ""
