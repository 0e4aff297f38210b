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
from braket_notifier.grouping.group import LATE, Group, closed, flushed, is_failure, reservation_of, retried
from braket_notifier.grouping.pending import Fold, Waiting, claim_all
from braket_notifier.sending.claims import at_once, send_claimed

if TYPE_CHECKING:
    from braket_notifier.grouping.ports import EditableChannel


def flush(fold: Fold, *, waited: bool, closing: bool = False) -> tuple[Notification, ...]:
    """Show all that waits, and has for a while or just came; answers what was told. PutBackError, RefusedError.

    The turn is renewed before the claims, which would be in vain without it, and after them, for they take a while.
    """
    fold.sender.await_slot()
    found = claim_all(fold, waited=waited)
    closing = closing and not found.rest
    if not found.claimed and not (closing and found.shown):
        fold.save(_unsaid(fold, found, closing=closing))
        return ()
    try:
        _tell(fold, found, closing=closing)
    except DeferError as error:
        fold.save(retried(fold.group, fold.sender.clock() + timedelta(seconds=error.seconds)))
        raise
    except RefusedError:
        fold.save(_unsaid(fold, found, closing=closing))
        raise
    told = tuple(notification for notification, _ in found.claimed)
    at_once(partial(fold.add, shown=True), told)
    latest = {each.transition.arn: each for each in sorted(told, key=lambda each: each.order)}
    for notification in latest.values():
        keep_current(notification, fold.sender, fold.ports)
    return told


def _unsaid(fold: Fold, found: Waiting, *, closing: bool) -> Group:
    """The group when there was nothing to tell, or nobody who would ever take it."""
    if closing:
        return closed(fold.group)
    again = fold.sender.clock() + fold.timing.group_interval if found.rest else None
    return replace(fold.group, flush_at=again, retrying=False)


def _tell(fold: Fold, found: Waiting, *, closing: bool) -> None:
    """Edit the card; answer it where something is to be announced; post it where there is none (any more)."""
    told = [notification.transition for notification, _ in found.claimed]
    before = [notification.transition for notification in found.shown]
    over = found.counted.open == 0 and not fold.group.over
    whole = fold.timing.edits or closing or over
    digest = digest_of(
        fold.key,
        [*before, *told] if whole else told,
        fold.ports.policy,
        news=tuple(notification.id for notification, _ in found.claimed),
        closing=closing or over,
        still_open=found.counted.open,
        reservation=found.counted.reservation,
    )
    after = partial(_after, fold, found, closing=closing, over=over)
    if not (fold.ports.editable and fold.group.place and _on_card(fold, found, digest, after)):
        _post(fold, found, digest, after)


After = Callable[..., Group]


def _on_card(fold: Fold, found: Waiting, digest: Digest, after: After) -> bool:
    """False if the card is not there any more."""
    editable, place = cast("EditableChannel", fold.ports.editable), fold.group.place
    loud = digest.closing and bool(fold.group.owing or found.claimed)

    def tell(again: bool) -> None:  # noqa: FBT001 - as told_once calls it
        fold.sender.await_slot()
        if loud:
            editable.reply(place, digest, may_repeat=again, loud=True)
        else:
            editable.edit(place, digest)
        fold.accepted(after(place, announced=loud))

    try:
        send_claimed(found.claimed, fold.sender, fold.owner, tell, edits=not loud)
    except GoneError:
        return False
    if loud:
        edit_if_possible(editable, place, replace(digest, news=()), fold.sender)
    return True


def _post(fold: Fold, found: Waiting, digest: Digest, after: After) -> None:
    """Schedule the closing before the card is posted, because otherwise a crash leaves it open."""
    if fold.ports.editable and fold.group.opened_at is None and fold.key not in LATE:
        closing = Closing(fold.channel, fold.key, fold.group.episode)
        fold.ports.close_timer.schedule(closing, int(fold.timing.window.total_seconds()))
    alone = (not fold.ports.editable or reservation_of(fold.key)) and len(digest.transitions) == 1
    what = replace(found.claimed[0][0], reservation=digest.reservation) if alone and found.claimed else digest

    def tell(again: bool) -> None:  # noqa: FBT001 - as above
        fold.sender.await_slot()
        place = fold.ports.channel.send(what, may_repeat=again)
        fold.accepted(after(place if fold.ports.editable else "", announced=True))

    send_claimed(found.claimed, fold.sender, fold.owner, tell)


def _after(fold: Fold, found: Waiting, place: str, *, announced: bool, closing: bool, over: bool) -> Group:
    """The group once its message was accepted; what came too late has no card that stays open."""
    if closing:
        return closed(fold.group)
    failed = any(is_failure(notification.transition) for notification, _ in found.claimed)
    group = replace(fold.group, place=place, over=fold.group.over or over)
    after = flushed(group, fold.timing, failed=failed, announced=announced, rest=found.rest, now=fold.sender.clock())
    return replace(after, opened_at=None, owing=False) if fold.key in LATE else after
