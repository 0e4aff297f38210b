"""Send an announcement of the notifier's own: alone, after a hold, and not after its time."""

from dataclasses import replace

from braket_notifier.domain.notification import Notification
from braket_notifier.grouping.answers import Reason, Wait
from braket_notifier.grouping.flush import hold
from braket_notifier.grouping.keys import QUIET
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.claims import claim_one, send_claimed
from braket_notifier.sending.result import DeliveryResult, already_finished

TOO_LATE = "it came too late to be announced"


def announce(notification: Notification, sender: HumanSender, owner: str) -> DeliveryResult:
    """Send it by itself, beside all groups. DeferError, RefusedError."""
    ledger, policy, now = sender.ledger, sender.ports.policy, sender.clock()
    over = notification.transition.snapshot.ended_at
    is_late = over is not None and now >= over
    until = held_until(notification.channel, NO_STATUS, policy, now)
    if until and not is_late:
        raise hold(Wait(until, Reason.QUIET_HOURS), QUIET, now)
    if end := ledger.progress(notification).end:
        return already_finished(end)
    if not is_late:
        sender = sender.admitted(None)
        sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(ledger.progress(notification).end)
    if is_late:
        ledger.superseded(notification, owner=owner, reason=TOO_LATE, now=now)
        return DeliveryResult("superseded", reason=TOO_LATE)
    shown = replace(notification, as_of=now)
    send_claimed([claimed], sender, owner, lambda again: sender.ports.channel.send(shown, may_repeat=again))
    return DeliveryResult("singly", 1)
