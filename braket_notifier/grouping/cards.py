"""One notification in a channel that people read: a card for each resource, and replies beside it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from braket_notifier.domain.destination import person_of
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import FAILING, Arn, lists_failures, parse_arn
from braket_notifier.errors import (
    DeferError,
    GoneError,
    MendableError,
    RefusedError,
    TryLaterError,
    UnacknowledgedError,
)
from braket_notifier.grouping.answers import InThread, LeaveToJob, Reason
from braket_notifier.grouping.keys import is_job_task, key_of
from braket_notifier.grouping.pending import GroupDelivery
from braket_notifier.grouping.ports import Card, EditableChannel, GroupingPorts, HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.claims import Claimed, before_send, claim_one, send_claimed
from braket_notifier.sending.result import DeliveryResult, already_finished

#: Seconds that an edit may need: the send interval, connect 3, read 10, its mark.
EDIT_S = 20
CHANNEL_ERRORS = (UnacknowledgedError, MendableError, RefusedError, GoneError, DeferError)


def send_single(claimed: Claimed, delivery: GroupDelivery) -> bool:
    """Post the first message of a resource as its card; later ones edit it, and unless they are silent reply to it.

    The reply is the announcement, and its verdict decides; the edit beside it only keeps the card current. Returns
    whether the message is a new one, not an edit alone.
    """
    sender, owner, ports = delivery.sender, delivery.owner, delivery.ports
    with before_send([claimed[0]], sender, owner):
        notification = _as_of_now(replace(claimed[0], alike=_failed_alike(claimed[0], delivery)), sender)
        claimed, card = (notification, claimed[1]), _card_of(notification, ports)
    place = _on_card(claimed, card, ports.editable, sender, owner) if ports.editable and card else None
    if place is None and needs_card(notification):
        now = sender.clock()
        sender.ledger.superseded(notification, owner=owner, reason=Reason.NO_CARD.value, now=now)
        return False
    is_new = place is None or not notification.silent
    if place is None and card:
        with before_send([notification], sender, owner):
            sender.await_slot()  # renews the lease, because the request that found the card gone took a part of it
    if place is None:
        place = send_claimed([claimed], sender, owner, lambda again: ports.channel.send(notification, may_repeat=again))
    stands = "" if notification.transition.beside_card and not (card and place == card.place) else place
    if ports.editable and (stands or card):
        _save_card(notification, stands, sender)
    if ports.editable and place:
        _reply_with_failures(notification, place, ports.editable, sender)
    return is_new


def needs_card(notification: Notification) -> bool:
    """Whether the notification may only edit a card: a person gets no silent message of its own."""
    return notification.silent and bool(person_of(notification.channel)) and not is_job_task(notification)


def has_card(notification: Notification, ports: GroupingPorts) -> bool:
    return _card_of(notification, ports) is not None


def leave_out(notification: Notification, sender: HumanSender, owner: str, reason: Reason) -> DeliveryResult:
    """Post no card for a silent status in a flood or to a person, because a new post notifies its readers."""
    if claim_one(notification, sender, owner) is None:
        return already_finished(sender.ledger.progress(notification).end)
    sender.ledger.superseded(notification, owner=owner, reason=reason.value, now=sender.clock())
    return DeliveryResult("left out", reason=reason.name)


def _card_of(notification: Notification, ports: GroupingPorts) -> Card | None:
    card = ports.cards.get(notification.channel, notification.transition.arn) if ports.editable else None
    return card if card and card.place else None


def _reply_with_failures(
    notification: Notification, place: str, editable: EditableChannel, sender: HumanSender
) -> None:
    """List the failed executables in the card's thread; a failure to do so fails nothing, because the card has them."""
    snapshot = notification.transition.snapshot
    results = sender.ports.read_results(snapshot) if lists_failures(snapshot) else None
    if results and results.failures:
        reply = replace(notification, results=results)
        _if_possible(sender, lambda: editable.reply(place, reply, may_repeat=False, loud=False))


def _on_card(claimed: Claimed, card: Card, editable: EditableChannel, sender: HumanSender, owner: str) -> str | None:
    """Where the card stands, empty if the channel had it no more but shows the reply; None if nothing was sent."""
    notification, _ = claimed
    try:
        if notification.silent:
            send_claimed([claimed], sender, owner, lambda _: editable.edit(card.place, notification), edits=True)
            return card.place
        replied = send_claimed(
            [claimed],
            sender,
            owner,
            lambda again: editable.reply(card.place, notification, may_repeat=again, loud=True),
        )
    except GoneError:
        return None
    if not replied:
        return ""
    if not notification.transition.beside_card:
        edit_if_possible(editable, card.place, notification, sender)
    return card.place


def edit_if_possible(
    editable: EditableChannel, place: str, content: Notification | Digest, sender: HumanSender
) -> bool:
    """Edit a message that was announced otherwise, so that an error fails nothing."""
    return _if_possible(sender, lambda: editable.edit(place, content), edit=True)


def _if_possible(sender: HumanSender, do: Callable[[], object], *, edit: bool = False) -> bool:
    """Whether it was done; the next send is an interval away in any case."""
    try:
        sender.await_slot()
        do()
    except TryLaterError as error:
        with suppress(DeferError):
            sender.hold_back(error)
        return False
    except CHANNEL_ERRORS:
        return False
    finally:
        sender.answered(edit=edit)
    return True


def refresh(notification: Notification, sender: HumanSender) -> DeliveryResult:
    """Bring the card up to date, if there is one and it shows nothing later."""
    if held_until(notification.channel, NO_STATUS, sender.ports.policy, sender.clock()):
        return DeliveryResult("quiet hours or a mute hold the channel")
    card, editable = _card_of(notification, sender.ports), sender.ports.editable
    if not (editable and card and card.order <= notification.order):
        return DeliveryResult("no card to edit")

    def edit() -> None:
        try:
            editable.edit(card.place, _as_of_now(notification, sender))
        except GoneError:
            _forget_card(notification.channel, notification.transition.arn, sender)
            raise

    edited = _if_possible(sender, edit, edit=True)
    return DeliveryResult("its card was edited" if edited else "its card could not be edited now")


def update_job_card(notification: Notification, sender: HumanSender) -> None:
    """Update the job's own card after a digest announced its end; otherwise the card still shows RUNNING."""
    is_job, editable = notification.transition.arn.kind == "job", sender.ports.editable
    card = _card_of(notification, sender.ports) if is_job else None
    if not (editable and card and card.order < notification.order and sender.time_left_s() >= EDIT_S):
        return
    if edit_if_possible(editable, card.place, _as_of_now(notification, sender), sender):
        _save_card(notification, card.place, sender)


def job_card(notification: Notification, ports: GroupingPorts) -> str:
    """Where the card of a task's hybrid job stands; empty without one."""
    card = ports.cards.get(notification.channel, _job_of(notification)) if ports.editable else None
    return card.place if card else ""


def send_in_thread(
    delivery: GroupDelivery, notification: Notification, answer: InThread | LeaveToJob
) -> DeliveryResult:
    """Show a hybrid job's own task in the thread of the job's card, or leave it to the job's message."""
    sender, owner, editable = delivery.sender, delivery.owner, delivery.ports.editable
    if isinstance(answer, InThread):  # what is left to the job needs no slot, which a held channel that is down has not
        sender.await_slot()
    claimed = claim_one(notification, sender, owner)
    if claimed is None:
        return already_finished(sender.ledger.progress(notification).end)
    if isinstance(answer, LeaveToJob) or not editable:
        return _left_to_job(notification, sender, owner, answer.reason)
    place = answer.place
    try:
        replied = send_claimed(
            [claimed], sender, owner, lambda again: editable.reply(place, notification, may_repeat=again, loud=False)
        )
    except GoneError:
        _forget_card(notification.channel, _job_of(notification), sender)
        return _left_to_job(notification, sender, owner, Reason.CARD_GONE)
    if not replied:
        _forget_card(notification.channel, _job_of(notification), sender)
    delivery.accepted(replace(delivery.group, single_times=(*delivery.group.single_times, sender.clock())))
    return DeliveryResult("in the thread of its hybrid job's card", 1, answer.reason.name)


def _job_of(notification: Notification) -> Arn:
    return parse_arn(notification.transition.snapshot.job_arn)


def _forget_card(channel: str, arn: Arn, sender: HumanSender) -> None:
    if card := sender.ports.cards.get(channel, arn):
        sender.ports.cards.save(channel, arn, replace(card, place=""), now=sender.clock())


def _left_to_job(notification: Notification, sender: HumanSender, owner: str, reason: Reason) -> DeliveryResult:
    sender.ledger.superseded(notification, owner=owner, reason=reason.value, now=sender.clock())
    return DeliveryResult("left to its hybrid job's message", reason=reason.name)


def _as_of_now(notification: Notification, sender: HumanSender) -> Notification:
    return replace(notification, as_of=sender.clock())


def _failed_alike(notification: Notification, delivery: GroupDelivery) -> int | None:
    """How many others of its batch failed for the same reason; known until the first episode of the batch ends."""
    transition, channel, ports = notification.transition, notification.channel, delivery.ports
    key, reason = key_of(transition, ports.policy), transition.snapshot.failure_reason
    if transition.status != "FAILED" or not reason or not key.startswith("batch "):
        return None
    group = delivery.of(key, ports.groups.get(channel, key)).group
    if group.earlier:
        return None
    entries = (each.notification for each in ports.groups.entries(channel, key, group.episode))
    others = (each.transition for each in entries if each.id != notification.id)
    return sum(each.status == "FAILED" and each.snapshot.failure_reason == reason for each in others)


def _save_card(notification: Notification, place: str, sender: HumanSender) -> None:
    """A warning that a job is failing shows a job that runs, so its card is still to be refreshed."""
    transition = notification.transition
    order = transition.snapshot.rank if transition.status == FAILING else notification.order
    sender.ports.cards.save(notification.channel, transition.arn, Card(place, order), now=sender.clock())
