"""One message, or one edit of a card, that shows all that waits in a group: claim all → tell once → mark each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.errors import DeferError, GoneError, RefusedError
from braket_notifier.grouping.cards import edit_if_possible, keep_current
from braket_notifier.grouping.digests import digest_of
from braket_notifier.grouping.group import LATE, Group, OpenCard, is_failure, reservation_of
from braket_notifier.grouping.pending import GroupDelivery, Waiting, claim_all
from braket_notifier.sending.claims import at_once, send_claimed

if TYPE_CHECKING:
    from braket_notifier.grouping.ports import EditableChannel


def flush(delivery: GroupDelivery, *, waited: bool, closing: bool = False) -> tuple[Notification, ...]:
    """Show all that waits, and has for a while or just came; answers what was told. PutBackError, RefusedError.

    The turn is renewed before the claims, which would be in vain without it, and after them, for they take a while.
    """
    delivery.sender.await_slot()
    found = claim_all(delivery, waited=waited)
    closing = closing and not found.rest
    if not found.claimed and not (closing and found.shown):
        delivery.save(_unsaid(delivery, found, closing=closing))
        return ()
    try:
        _tell(delivery, found, closing=closing)
    except DeferError as error:
        delivery.save(delivery.group.with_retry(delivery.sender.clock() + timedelta(seconds=error.seconds)))
        raise
    except RefusedError:
        delivery.save(_unsaid(delivery, found, closing=closing))
        raise
    told = tuple(notification for notification, _ in found.claimed)
    at_once(partial(delivery.add, shown=True), told)
    latest = {each.transition.arn: each for each in sorted(told, key=lambda each: each.order)}
    for notification in latest.values():
        keep_current(notification, delivery.sender, delivery.ports)
    return told


def _unsaid(delivery: GroupDelivery, found: Waiting, *, closing: bool) -> Group:
    """The group when there was nothing to tell, or nobody who would ever take it."""
    if closing:
        return delivery.group.next_episode()
    return delivery.group.after_claims(delivery.timing, rest=found.rest, now=delivery.sender.clock())


def _tell(delivery: GroupDelivery, found: Waiting, *, closing: bool) -> None:
    """Edit the card; answer it where something is to be announced; post it where there is none (any more)."""
    told = [notification.transition for notification, _ in found.claimed]
    before = [notification.transition for notification in found.shown]
    over = found.counted.open == 0 and not delivery.group.over
    whole = delivery.timing.edits or closing or over
    digest = digest_of(
        delivery.key,
        [*before, *told] if whole else told,
        delivery.ports.policy,
        news=tuple(notification.id for notification, _ in found.claimed),
        closing=closing or over,
        still_open=found.counted.open,
        reservation=found.counted.reservation,
    )
    after = partial(_after, delivery, found, closing=closing, over=over)
    if not (_has_card(delivery) and _on_card(delivery, found, digest, after)):
        _post(delivery, found, digest, after)


def _has_card(delivery: GroupDelivery) -> bool:
    return bool(delivery.ports.editable and delivery.group.card and delivery.group.card.place)


After = Callable[..., Group]


def _on_card(delivery: GroupDelivery, found: Waiting, digest: Digest, after: After) -> bool:
    """False if the card is not there any more."""
    editable, card = cast("EditableChannel", delivery.ports.editable), cast("OpenCard", delivery.group.card)
    place, loud = card.place, digest.closing and bool(card.owing or found.claimed)

    def tell(again: bool) -> None:  # noqa: FBT001 - as told_once calls it
        delivery.sender.await_slot()
        if loud:
            editable.reply(place, digest, may_repeat=again, loud=True)
        else:
            editable.edit(place, digest)
        delivery.accepted(after(place, announced=loud))

    try:
        send_claimed(found.claimed, delivery.sender, delivery.owner, tell, edits=not loud)
    except GoneError:
        return False
    if loud:
        edit_if_possible(editable, place, replace(digest, news=()), delivery.sender)
    return True


def _post(delivery: GroupDelivery, found: Waiting, digest: Digest, after: After) -> None:
    """Schedule the closing before the card is posted, because otherwise a crash leaves it open."""
    if delivery.ports.editable and delivery.group.card is None and delivery.key not in LATE:
        closing = Closing(delivery.channel, delivery.key, delivery.group.episode)
        delivery.ports.close_timer.schedule(closing, int(delivery.timing.window.total_seconds()))
    alone = (not delivery.ports.editable or reservation_of(delivery.key)) and len(digest.transitions) == 1
    what = replace(found.claimed[0][0], reservation=digest.reservation) if alone and found.claimed else digest

    def tell(again: bool) -> None:  # noqa: FBT001 - as above
        delivery.sender.await_slot()
        place = delivery.ports.channel.send(what, may_repeat=again)
        delivery.accepted(after(place if delivery.ports.editable else "", announced=True))

    send_claimed(found.claimed, delivery.sender, delivery.owner, tell)


def _after(delivery: GroupDelivery, found: Waiting, place: str, *, announced: bool, closing: bool, over: bool) -> Group:
    """The group once its message was accepted."""
    if closing:
        return delivery.group.next_episode()
    failed = any(is_failure(notification.transition) for notification, _ in found.claimed)
    group = replace(delivery.group, over=delivery.group.over or over)
    now = delivery.sender.clock()
    return group.after_flush(delivery.timing, place=place, failed=failed, announced=announced, rest=found.rest, now=now)
