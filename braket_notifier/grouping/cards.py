"""One notification in a channel that people read: a card for each resource, and what is posted beside it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import FAILING, has_failed_executables, parse_arn
from braket_notifier.errors import DeferError, GoneError, HoldError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.group import Group, key_of
from braket_notifier.grouping.ports import Card, EditableChannel, GroupingPorts
from braket_notifier.sending.claims import Claimed, Sender, claim_one, send_claimed
from braket_notifier.sending.result import DeliveryResult, already_finished

#: A quantum task may end before its hybrid job's card was posted: so long it waits for it, and asks so often.
CARD_COMES_WITHIN, ASKS_EVERY_S = timedelta(minutes=15), 60
#: An edit takes at most this (the pace, connect 3 s, read 10 s, its mark).
EDIT_S = 20
#: Tasks of one hybrid job that failed for the same reason are told so often, then only counted.
MOST_ALIKE = 3
FAILURES_OF_A_CHANNEL = (UnacknowledgedError, RefusedError, GoneError, DeferError)


def tell(claimed: Claimed, sender: Sender, ports: GroupingPorts, owner: str) -> None:
    """Post the first message of a resource as its card; later ones edit it, and unless they are silent answer it.

    The answer is the announcement, and its verdict decides; the edit beside it only keeps the picture current.
    """
    notification, claim = _now(replace(claimed[0], alike=_others(claimed[0], ports)), sender), claimed[1]
    claimed, editable = (notification, claim), ports.editable
    card = ports.cards.get(notification.channel, notification.transition.arn) if editable else None
    place = _on_card(claimed, card, editable, sender, owner) if editable and card else ""
    if not place:
        place = send_claimed([claimed], sender, owner, lambda again: ports.channel.send(notification, may_repeat=again))
    if editable and place:
        _keep(notification, place, sender, ports)
        _tell_which(notification, place, editable, sender, ports)


def _tell_which(
    notification: Notification, place: str, editable: EditableChannel, sender: Sender, ports: GroupingPorts
) -> None:
    """In the card's thread: which executables failed. It is told already that some did, so this fails nothing."""
    snapshot = notification.transition.snapshot
    which = ports.read_failures(snapshot) if has_failed_executables(snapshot) else None
    if which:
        told = replace(notification, which=which)
        _if_possible(sender, lambda: editable.reply(place, told, may_repeat=False, loud=False))


def _on_card(claimed: Claimed, card: Card, editable: EditableChannel, sender: Sender, owner: str) -> str:
    """Where the card stands; nothing if it is not there any more."""
    notification, _ = claimed
    try:
        if notification.silent:
            send_claimed([claimed], sender, owner, lambda _: editable.edit(card.place, notification), edits=True)
            return card.place
        send_claimed(
            [claimed],
            sender,
            owner,
            lambda again: editable.reply(card.place, notification, may_repeat=again, loud=True),
        )
    except GoneError:
        return ""
    edit_if_possible(editable, card.place, notification, sender)
    return card.place


def edit_if_possible(editable: EditableChannel, place: str, told: Notification | Digest, sender: Sender) -> bool:
    """An edit is no announcement: whatever keeps it from being made fails nothing."""
    return _if_possible(sender, lambda: editable.edit(place, told), edit=True)


def _if_possible(sender: Sender, do: Callable[[], object], *, edit: bool = False) -> bool:
    """Whether it was done; what is sent next is a pace away in any case."""
    try:
        sender.await_slot()
        do()
    except TryLaterError as error:
        with suppress(DeferError):
            sender.hold_back(error)
        return False
    except FAILURES_OF_A_CHANNEL:
        return False
    finally:
        sender.answered(edit=edit)
    return True


def refresh(notification: Notification, sender: Sender, ports: GroupingPorts) -> DeliveryResult:
    """Bring the card up to date, if there is one and it shows nothing later."""
    card = ports.cards.get(notification.channel, notification.transition.arn)
    if not (ports.editable and card and card.order <= notification.order):
        return DeliveryResult("no card to edit")
    edited = edit_if_possible(ports.editable, card.place, _now(notification, sender), sender)
    return DeliveryResult("its card was edited" if edited else "its card could not be edited now")


def keep_current(notification: Notification, sender: Sender, ports: GroupingPorts) -> None:
    """Edit the card of a hybrid job that was told with others: it would go on saying that the job runs."""
    editable = ports.editable if notification.transition.arn.kind == "job" else None
    card = ports.cards.get(notification.channel, notification.transition.arn) if editable else None
    if not (editable and card and card.order < notification.order and sender.time_left_s() >= EDIT_S):
        return
    if edit_if_possible(editable, card.place, _now(notification, sender), sender):
        _keep(notification, card.place, sender, ports)


def in_thread(notification: Notification, sender: Sender, ports: GroupingPorts, owner: str) -> DeliveryResult:
    """A hybrid job's own quantum task is told in the thread of the job's card; without one the job tells of it."""
    transition, now = notification.transition, sender.clock()
    card = ports.cards.get(notification.channel, parse_arn(transition.snapshot.job_arn)) if ports.editable else None
    if ports.editable and card is None and transition.at and now - transition.at < CARD_COMES_WITHIN:
        raise HoldError(ASKS_EVERY_S, "its hybrid job has no card yet")
    alike = _alike(notification)
    group = ports.groups.get(notification.channel, alike)
    sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(sender.ledger.finished(notification))
    if not ports.editable or card is None or len(group.single_times) >= MOST_ALIKE:
        return _left(notification, sender, owner, "told by its hybrid job")
    editable, place = ports.editable, card.place
    try:
        send_claimed(
            [claimed], sender, owner, lambda again: editable.reply(place, notification, may_repeat=again, loud=False)
        )
    except GoneError:
        return _left(notification, sender, owner, "its hybrid job's card is gone")
    ports.groups.save(
        notification.channel, alike, Group(single_times=(*group.single_times, now), version=group.version), now=now
    )
    return DeliveryResult("in the thread of its hybrid job's card", 1)


def _left(notification: Notification, sender: Sender, owner: str, reason: str) -> DeliveryResult:
    """Left to its hybrid job."""
    sender.ledger.superseded(notification, owner=owner, reason=reason, now=sender.clock())
    return DeliveryResult(reason)


def _now(notification: Notification, sender: Sender) -> Notification:
    return replace(notification, as_of=sender.clock())


def _alike(notification: Notification) -> str:
    snapshot = notification.transition.snapshot
    reason = sha256(f"{notification.transition.status} {snapshot.failure_reason}".encode()).hexdigest()[:16]
    return f"thread {snapshot.job_arn} {reason}"


def _others(notification: Notification, ports: GroupingPorts) -> int | None:
    """How many of its batch failed for the same reason; what came before the first episode's end is known whole."""
    transition, channel = notification.transition, notification.channel
    key, reason = key_of(transition, ports.policy), transition.snapshot.failure_reason
    if transition.status != "FAILED" or not reason or not key.startswith("batch "):
        return None
    if ports.groups.get(channel, key).episode:
        return None
    told = (each.notification.transition for each in ports.groups.entries(channel, key, 0))
    return sum(each.status == "FAILED" and each.snapshot.failure_reason == reason for each in told)


def _keep(notification: Notification, place: str, sender: Sender, ports: GroupingPorts) -> None:
    transition = notification.transition
    goes_on = transition.status == FAILING  # a warning shows a job that runs, and it goes on to be refreshed
    card = Card(place, transition.snapshot.rank if goes_on else notification.order)
    ports.cards.save(notification.channel, transition.arn, card, now=sender.clock())
