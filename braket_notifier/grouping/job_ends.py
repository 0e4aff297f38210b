"""The line about a hybrid job's last tasks follows the announcement of the job's end in the same channel."""

from contextlib import suppress
from dataclasses import replace

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import NewerVersionError
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.sending.claims import before_send
from braket_notifier.sending.health import HORIZON
from braket_notifier.sending.ports import Claim

#: Claims of a line after which it leaves its group, and looks for the end by its own record alone.
MOST_LOOKS = 20


def end_of_job(notification: Notification) -> Notification | None:
    """Return the end that the line about the job's last tasks follows; None for any other notification."""
    transition = notification.transition
    if not transition.beside_card:
        return None
    return replace(notification, transition=replace(transition, status=transition.snapshot.status))


def awaits_end(notification: Notification, claim: Claim | None, sender: HumanSender) -> bool:
    """Whether the channel is still to be notified of the end that the notification follows.

    An end that is to come is finished 72 hours after its first attempt. One that the channel never gets, because its
    settings were others then or a restored table forgot it, is not awaited for longer.
    """
    end = end_of_job(notification)
    if end is None or _is_finished(end, sender):
        return False
    since = claim.first_claim if claim else None
    return since is None or sender.clock() - since < HORIZON


def looks_for_end(notification: Notification, sender: HumanSender, owner: str) -> int:
    """Return how often a line that arrives has looked for the end of its job; 0 if it awaits none.

    The ledger counts the looks and keeps the time of the first one, so a look is a claim that is released at once.
    """
    if not awaits_end(notification, None, sender):
        return 0
    with before_send([notification], sender, owner):
        claim = sender.ledger.claim(notification, owner=owner, now=sender.clock())
    if claim.granted:
        sender.ledger.release(notification, owner=owner)
    return 0 if claim.finished or not awaits_end(notification, claim, sender) else max(1, claim.attempts)


def _is_finished(end: Notification, sender: HumanSender) -> bool:
    with suppress(NewerVersionError):  # the end's own record waits for that version
        return sender.ledger.progress(end).end is not None
    return False
