"""One message, or one edit of a card, for all that waits in a group: count → decide → claim → decide → send → mark."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import DeferError, GoneError, HoldError, RefusedError
from braket_notifier.grouping.answers import Close, Edit, Found, Nothing, Post, Reason, Reply, Wait
from braket_notifier.grouping.cards import edit_if_possible, update_job_card
from braket_notifier.grouping.decide import LATE_WAIT, on_flush, still_open
from braket_notifier.grouping.digests import count, digest_of, is_failing_batch
from braket_notifier.grouping.flood import (
    count_batches,
    count_message,
    hand_over,
    may_join,
    on_last_message,
    on_many,
    take_over,
)
from braket_notifier.grouping.group import Group, Shown, is_failure
from braket_notifier.grouping.keys import LATE, OF_MANY, reservation_of
from braket_notifier.grouping.pending import GroupDelivery, claim_pending, leave_out, no_longer_routed
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.claims import Claimed, before_send, send_claimed
from braket_notifier.sending.health import HORIZON
from braket_notifier.sending.threads import at_once

Message = Edit | Reply | Post
Answer = Message | Wait | Close | Nothing


def flush(delivery: GroupDelivery, why: Reason, *, waited: bool) -> tuple[tuple[Notification, ...], Reason]:
    """Show all that waits; answers what was sent, and why. DeferError, RefusedError.

    The lease is renewed before the claims, which would be in vain without it, and after them, because they take time.
    What is open is counted before the claims, because a failure of the count must leave no doubt about a message.
    """
    now = delivery.sender.clock()
    if delivery.group.card is None and may_join(delivery.key):
        delivery = delivery.with_many()
        if flooded := take_over(delivery):
            raise hold(flooded, delivery.key, now)
    found = _find(delivery, why, waited=waited)
    delivery, answer = _decided(delivery, found)
    if isinstance(answer, Wait):
        waiting = delivery.group.rescheduled(answer.until, held=answer.reason is Reason.QUIET_HOURS)
        if waiting != delivery.group:
            delivery.save(waiting)
        raise hold(answer, delivery.key, now)
    if answer.reason is Reason.FLOOD:
        hand_over(delivery, found)  # before the edit, because a crash between them would leave its news unannounced
    delivery.sender.await_slot()
    leave_out(delivery, found.unrouted)
    found, claimed = claim_pending(delivery, found)
    with before_send(found.news, delivery.sender, delivery.owner):
        delivery, answer = _decided(delivery, found)
    if not isinstance(answer, Message):
        delivery.save(_without_message(delivery, found, closes=isinstance(answer, Close)))
        return (), answer.reason
    try:
        reason = _send(delivery, found, claimed, answer)
    except DeferError as error:
        if not claimed and answer.closes and _is_given_up(delivery):
            delivery.save(_without_message(delivery, found, closes=True))
            return (), Reason.CARD_GONE
        gathers = LATE_WAIT if delivery.key in LATE else timedelta(0)  # all that waits comes when the channel is back
        due = delivery.sender.clock() + timedelta(seconds=error.seconds) + gathers
        delivery.save(delivery.group.with_retry(due))
        raise
    except RefusedError:
        delivery.save(_without_message(delivery, found, closes=answer.closes))
        raise
    _mark(delivery, found.news)
    return found.news, reason


def _is_given_up(delivery: GroupDelivery) -> bool:
    """Whether the last message of a card was tried for so long that nobody reads it, as after a person has left."""
    closes = delivery.group.closes_at(delivery.timing)
    return closes is not None and delivery.sender.clock() - closes > HORIZON


def _decided(delivery: GroupDelivery, found: Found) -> tuple[GroupDelivery, Answer]:
    """Decide; a digest of many may be too early, and a message beside a card depends on the channel's flood."""
    now = delivery.sender.clock()
    if not found.claimed and (early := on_many(delivery, found, now)):
        return delivery, early
    answer = on_flush(delivery.group, delivery.timing, found, now)
    if not (isinstance(answer, Reply) and may_join(delivery.key)):
        return delivery, answer
    delivery = delivery.with_many()
    return delivery, on_last_message(delivery, found, answer, now)


def hold(wait: Wait, key: str, now: datetime) -> HoldError:
    seconds = max(1, math.ceil((wait.until - now).total_seconds()))
    return HoldError(seconds, f"waits for a message about {key}", reason=wait.reason.name)


def _find(delivery: GroupDelivery, why: Reason, *, waited: bool) -> Found:
    ports = delivery.ports
    entries = ports.groups.entries(delivery.channel, delivery.key, delivery.group.episode)
    shown = tuple(each.notification for each in entries if each.shown)
    no_longer = no_longer_routed(entries, ports.policy)
    pending = [each.notification for each in entries if not each.shown]
    unsent = tuple((each, no_longer[each.id]) for each in pending if each.id in no_longer)
    waiting = tuple(each for each in pending if each.id not in no_longer)
    held = partial(held_until, delivery.channel, policy=ports.policy, now=delivery.sender.clock())
    untils = [held(each.transition.status) for each in waiting]
    news = tuple(each for each, until in zip(waiting, untils, strict=True) if not until)
    holds = [until for until in untils if until]
    batches = delivery.key in OF_MANY and not delivery.timing.edits
    counted = (
        count_batches(delivery, shown, news) if batches else count(delivery.key, entries, ports.counts, ports.policy)
    )
    first = min(holds) if holds and not news and why is not Reason.WINDOW_ENDED else held(NO_STATUS)
    seen, policy = [each.transition for each in (*shown, *news)], ports.policy
    failing = is_failing_batch(delivery.key, seen, policy.job_failing_share, policy.job_failing_at_least)
    return Found(why, waited, counted, shown, news, unsent, rest=bool(holds), failing=failing, held_until=first)


def _without_message(delivery: GroupDelivery, found: Found, *, closes: bool) -> Group:
    """The group when nothing was to be sent, or the channel will never accept it."""
    if closes:
        return delivery.group.next_episode(delivery.sender.clock())
    group = _awaiting(delivery, found, ends=False)
    return group.after_claims(delivery.timing, rest=found.rest, now=delivery.sender.clock())


def _awaiting(delivery: GroupDelivery, found: Found, *, ends: bool) -> Group:
    """The group with its end announced, or to be announced by its card after the next sweep."""
    over = delivery.group.over or ends
    awaits = found.counted.awaits_sweep and delivery.timing.edits and not over
    return replace(delivery.group, over=over, awaits_sweep=awaits)


def _send(delivery: GroupDelivery, found: Found, claimed: tuple[Claimed, ...], answer: Message) -> Reason:
    """Edit the card, announce its end beside it, or post it where there is none (any more)."""
    sender, editable, edits = delivery.sender, delivery.ports.editable, isinstance(answer, Edit)
    with before_send(found.news, sender, delivery.owner):
        digest = _digest(delivery, found, answer)
        if isinstance(answer, Post):
            _schedule_closing(delivery)
        sender.await_slot()

    def send(again: bool) -> str:  # noqa: FBT001 - as send_claimed calls it
        return _show(delivery, found, digest, answer, again=again)

    def accepted(place: str) -> None:
        delivery.accepted(_after(delivery, found, answer, place))
        if delivery.key not in OF_MANY and not edits:
            count_message(delivery, sender.clock())

    try:
        place = send_claimed(claimed, sender, delivery.owner, send, accepted=accepted, edits=edits)
    except GoneError:
        if isinstance(answer, Post):
            raise
        return _send(delivery, found, claimed, Post(Reason.CARD_GONE, answer.ends, answer.closes))
    if isinstance(answer, Reply) and editable and place:
        edit_if_possible(editable, answer.place, replace(digest, news=(), announced=()), sender)
    return answer.reason


def _show(delivery: GroupDelivery, found: Found, digest: Digest, answer: Message, *, again: bool) -> str:
    """Where the card stands then; empty where nothing can be edited or the card is gone."""
    ports = delivery.ports
    if isinstance(answer, Edit) and ports.editable:
        ports.editable.edit(answer.place, digest)
        return answer.place
    if isinstance(answer, Reply) and ports.editable:
        replied = ports.editable.reply(answer.place, digest, may_repeat=again, loud=True)
        return answer.place if replied else ""
    alone = found.news and len(digest.transitions) == 1 and (not ports.editable or reservation_of(delivery.key))
    alone = alone and not (found.passed_on or digest.finished)
    content = replace(found.news[0], reservation=digest.reservation) if alone else digest
    place = ports.channel.send(content, may_repeat=again)
    return place if ports.editable else ""


def _digest(delivery: GroupDelivery, found: Found, answer: Message) -> Digest:
    """A card and a last message show everything, another digest what is new."""
    whole, group = delivery.timing.edits or answer.ends, delivery.group
    digest = digest_of(
        delivery.key,
        _transitions(found) if whole else [each.transition for each in found.news],
        delivery.ports.policy,
        news=tuple(each.id for each in found.news),
        closing=answer.ends,
        still_open=still_open(group, found),
        reservation=found.counted.reservation,
    )
    digest = replace(digest, finished=found.counted.finished)
    if found.passed_on:
        return replace(digest, mentions=False)
    if not (isinstance(answer, Reply) and group.card):
        return digest
    owed = [each for each in found.shown if each.id in group.card.owing]
    failing = found.failing and not group.card.warned and not answer.ends
    return replace(digest, announced=tuple(each.transition for each in (*owed, *found.news)), failing=failing)


def _transitions(found: Found) -> list[Transition]:
    return [each.transition for each in (*found.shown, *found.news)]


def _schedule_closing(delivery: GroupDelivery) -> None:
    """Schedule it before the card is posted, because otherwise a crash between them leaves the card open."""
    if delivery.timing.edits and delivery.timing.closes and delivery.group.card is None:
        closing = Closing(delivery.channel, delivery.key, delivery.group.episode)
        delivery.ports.close_timer.schedule(closing, int(delivery.timing.window.total_seconds()))


def _after(delivery: GroupDelivery, found: Found, answer: Message, place: str) -> Group:
    """The group after the channel accepted its message."""
    if answer.closes:
        return delivery.group.next_episode(delivery.sender.clock())
    everything_failed = is_failing_batch(delivery.key, _transitions(found), share=1, at_least=1)
    handed_over = answer.reason is Reason.FLOOD and delivery.many is not None and delivery.many.group.card is not None
    shown = Shown(
        place,
        announced=handed_over or not isinstance(answer, Edit),
        failures=tuple(each.id for each in found.news if is_failure(each.transition)),
        others=tuple(each.id for each in found.news if not is_failure(each.transition)),
        failing=found.failing or everything_failed,
    )
    now = delivery.sender.clock()
    return _awaiting(delivery, found, ends=answer.ends).after_flush(delivery.timing, shown, rest=found.rest, now=now)


def _mark(delivery: GroupDelivery, sent: tuple[Notification, ...]) -> None:
    at_once(partial(delivery.add, shown=True), sent)
    of_cards = (each for each in sorted(sent, key=lambda each: each.order) if not each.transition.beside_card)
    latest = {each.transition.arn: each for each in of_cards}
    for notification in latest.values():
        update_job_card(notification, delivery.sender)
