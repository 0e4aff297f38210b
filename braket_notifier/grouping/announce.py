"""Send an announcement of the notifier's own: alone, and after a hold."""

from dataclasses import replace
from datetime import timedelta

from braket_notifier.domain.announcement import UNKNOWN_WORD
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.reminder import BACK, OFFLINE, reminder_of
from braket_notifier.grouping.answers import Reason, Wait
from braket_notifier.grouping.flush import hold
from braket_notifier.grouping.group import Group, recent
from braket_notifier.grouping.keys import QUIET, WORDS
from braket_notifier.grouping.pending import read_beside
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.claims import claim_one, send_claimed
from braket_notifier.sending.health import LONGEST_BACK_OFF
from braket_notifier.sending.result import DeliveryResult, already_finished
from braket_notifier.text.json_fields import iso

#: Unknown words that a destination is sent in a day.
WORDS_A_DAY, A_DAY = 3, timedelta(days=1)
TOO_MANY = f"{WORDS_A_DAY} other unknown words were announced in a day"
OVER = "the outage was over before the channel was notified of it"


def announce(notification: Notification, sender: HumanSender, owner: str) -> DeliveryResult:
    """Send it by itself, beside all groups. DeferError, RefusedError."""
    ledger, policy, now = sender.ledger, sender.ports.policy, sender.clock()
    if begin := _unannounced_begin(notification, sender):  # a begin that still waits would be sent after its end
        for each in (begin, notification):
            if claim_one(each, sender, owner):
                ledger.superseded(each, owner=owner, reason=OVER, now=now)
        return DeliveryResult("superseded", reason=OVER)
    if until := held_until(notification.channel, NO_STATUS, policy, now):
        soon = now + LONGEST_BACK_OFF  # no wake finds it in a group if the hold ends early
        raise hold(Wait(min(until, soon), Reason.QUIET_HOURS), QUIET, now)
    if end := ledger.progress(notification).end:
        return already_finished(end)
    sender = sender.admitted(None)
    sender.await_slot()
    is_word = notification.transition.status.partition(" ")[0] == UNKNOWN_WORD
    # before the claim, because an error of this read must leave no doubt
    key, counted = read_beside(WORDS, notification.channel, sender.ports.groups) if is_word else ("", Group())
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(ledger.progress(notification).end)
    if len(recent(counted.single_times, A_DAY, now)) >= WORDS_A_DAY:
        ledger.superseded(notification, owner=owner, reason=TOO_MANY, now=now)
        return DeliveryResult("superseded", reason=TOO_MANY)
    shown = replace(notification, as_of=now)
    send_claimed([claimed], sender, owner, lambda again: sender.ports.channel.send(shown, may_repeat=again))
    if is_word:  # a tag may have another unknown word in each of many tasks
        times = (*recent(counted.single_times, A_DAY, now), now)
        counted = replace(counted, single_times=times)
        sender.ports.groups.save(notification.channel, key, counted, now=now, visit_at=None)
    return DeliveryResult("singly", 1)


def _unannounced_begin(notification: Notification, sender: HumanSender) -> Notification | None:
    """Return the begin of the outage that it ends if the channel was not notified of that; None for anything else."""
    transition = notification.transition
    if reminder_of(transition.status) != BACK:
        return None
    began = f"{OFFLINE} {iso(transition.snapshot.started_at)}"
    begin = replace(notification, transition=replace(transition, status=began))
    end = sender.ledger.progress(begin).end
    return None if end and end.state == "DELIVERED" else begin
