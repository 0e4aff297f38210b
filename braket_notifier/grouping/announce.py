"""Send an announcement of the notifier's own: alone, after a hold, and not after its time."""

from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.announcement import MONTH, UNKNOWN_WORD, is_announcement
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.reminder import NEAR_LIMIT
from braket_notifier.domain.spending import PERSON, SPENDING
from braket_notifier.grouping.answers import Reason, Wait
from braket_notifier.grouping.flush import hold
from braket_notifier.grouping.group import recent
from braket_notifier.grouping.keys import QUIET, WORDS
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.claims import claim_one, send_claimed
from braket_notifier.sending.result import DeliveryResult, already_finished

TOO_LATE = "it came too late to be announced"
NO_MONEY = "the settings ceased to allow such an amount while it waited"
#: The announcements that are about amounts.
MONEY = SPENDING | {MONTH}
#: Unknown words that a destination is sent in a day.
WORDS_A_DAY, A_DAY = 3, timedelta(days=1)
TOO_MANY = f"{WORDS_A_DAY} other unknown words were announced in a day"


def announce(notification: Notification, sender: HumanSender, owner: str) -> DeliveryResult:
    """Send it by itself, beside all groups. DeferError, RefusedError."""
    ledger, policy, now = sender.ledger, sender.ports.policy, sender.clock()
    status = notification.transition.status
    word = status.partition(" ")[0]
    is_late = is_announcement(status) and _is_over(notification, sender)
    of_person = PERSON in notification.transition.snapshot.tags and not policy.costs_by_person
    refused = word in MONEY and (not policy.money or of_person)
    unwanted = TOO_LATE if is_late else NO_MONEY if refused else ""
    until = held_until(notification.channel, NO_STATUS, policy, now)
    if until and not unwanted:
        raise hold(Wait(until, Reason.QUIET_HOURS), QUIET, now)
    if end := ledger.progress(notification).end:
        return already_finished(end)
    if not unwanted:
        sender = sender.admitted(None)
        sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(ledger.progress(notification).end)
    is_word = word == UNKNOWN_WORD
    before = recent(sender.ports.groups.get(notification.channel, WORDS).single_times, A_DAY, now) if is_word else ()
    if reason := unwanted or (TOO_MANY if len(before) >= WORDS_A_DAY else ""):
        ledger.superseded(notification, owner=owner, reason=reason, now=now)
        return DeliveryResult("superseded", reason=reason)
    shown = replace(notification, as_of=now)
    send_claimed([claimed], sender, owner, lambda again: sender.ports.channel.send(shown, may_repeat=again))
    if is_word:
        _count_word(notification.channel, sender, now)
    return DeliveryResult("singly", 1)


def _is_over(notification: Notification, sender: HumanSender) -> bool:
    """Whether it is news no more; a hybrid job has no limit any more once it has ended, or was to be stopped."""
    snapshot, now, ports = notification.transition.snapshot, sender.clock(), sender.ports
    if notification.transition.status != NEAR_LIMIT:
        return snapshot.ended_at is not None and now >= snapshot.ended_at
    ran, longest = now - (snapshot.started_at or now), timedelta(seconds=snapshot.max_runtime_s or 0)
    return ran >= longest or not ports.counts.count_open(snapshot.open_in, ports.policy.regions)


def _count_word(channel: str, sender: HumanSender, now: datetime) -> None:
    """Count it, because a tag may have another unknown word in each of many tasks."""
    counted = sender.ports.groups.get(channel, WORDS)
    times = (*recent(counted.single_times, A_DAY, now), now)
    sender.ports.groups.save(channel, WORDS, replace(counted, single_times=times), now=now, visit_at=None)
