"""Pass on to its fallback what a channel that is down cannot send, and announce there that it cannot be reached."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.destination import person_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import DeferError, HoldError, NewerVersionError
from braket_notifier.grouping.announce import announce
from braket_notifier.grouping.answers import Reason
from braket_notifier.grouping.decide import LATE_WAIT
from braket_notifier.grouping.deliver_grouped import deliver_grouped, found_group
from braket_notifier.grouping.job_ends import end_of_job
from braket_notifier.grouping.keys import AWAY
from braket_notifier.grouping.pending import GroupDelivery
from braket_notifier.grouping.ports import Fallback, HumanSender
from braket_notifier.rendering.words.names import name
from braket_notifier.routing.routes import route
from braket_notifier.sending.fallback import announcement_due, for_team, passes_on, unreachable
from braket_notifier.sending.ports import Progress
from braket_notifier.sending.result import DeliveryResult


def deliver_or_pass_on(notification: Notification, sender: HumanSender, owner: str) -> DeliveryResult:
    """Deliver it; if the channel is down, its fallback gets it, and it waits here too. DeferError, RefusedError.

    What a hold or a digest keeps back is not passed on, because it waits on purpose; what a person was refused is.
    """
    if is_announcement(notification.transition.status) or notification.transition.arn.invented:
        return announce(notification, sender, owner)  # a test message takes no message of a group away
    try:
        return deliver_grouped(notification, sender, owner)
    except HoldError as wait:
        fallback = sender.ports.fallback
        if fallback and wait.reason != Reason.QUIET_HOURS.name and _was_refused(notification, sender, fallback):
            _pass_on(notification, sender, fallback, owner, wait)
        raise
    except DeferError as wait:
        _pass_on_refused([notification], sender, owner, wait)
        raise


def pass_on_waiting(delivery: GroupDelivery, wait: DeferError) -> None:
    """Pass on what a group could not show, if it is visited without a record, because its records may be lost."""
    entries = delivery.ports.groups.entries(delivery.channel, delivery.key, delivery.group.episode)
    waiting = [each.notification for each in entries if not each.shown]
    _pass_on_refused(waiting, delivery.sender, delivery.owner, wait)


def _pass_on_refused(waiting: Sequence[Notification], sender: HumanSender, owner: str, wait: DeferError) -> None:
    """Pass on what one person was refused, otherwise what waits while the channel is down."""
    if fallback := sender.ports.fallback:
        refused = [each for each in wait.refused if isinstance(each, Notification)]
        for each in refused or waiting:
            if passes_on(each, sender.health, sender.clock(), refused=bool(refused)):
                _pass_on(each, sender, fallback, owner, wait)


def _pass_on(notification: Notification, sender: HumanSender, fallback: Fallback, owner: str, wait: DeferError) -> None:
    """Enqueue, then mark, because a crash between them repeats what the fallback's ledger drops."""
    ledger, health, now = sender.ledger, sender.health, sender.clock()
    progress, end = ledger.progress(notification), end_of_job(notification)
    to = _next(notification, fallback)
    if not to or progress.end or _is_passed(progress, to) or (end and not ledger.progress(end).passed_on):
        return  # the line about a job's last tasks follows its end, which this channel has shown by itself
    due = announcement_due(health, now) if fallback.announces_to else None
    home = sender.ports.policy.regions[0]
    first = [unreachable(notification, fallback.announces_to, health, due, now, home)] if due else []
    fallback.queue.enqueue([*first, _addressed(notification, to, sender.ports.policy)])
    wait.passed_on_to = to
    with suppress(NewerVersionError):  # otherwise the channel would show it only with that version
        _add_to_away(notification, sender, owner, wait)
        ledger.passed_on(notification, to=to, now=now)
    if due:
        sender.keep(replace(health, announced_at=due))


def _addressed(notification: Notification, to: str, policy: Policy) -> Notification:
    """Address it to the fallback. The team gets name and status alone, unless its own routes send it the whole."""
    passed = replace(notification, channel=to, passed_from=notification.channel)
    if not person_of(notification.channel) or person_of(to):
        return passed
    if any(each.channel == to and each.chosen and not each.silent for each in route(notification.transition, policy)):
        return replace(passed, passed_from="")
    return for_team(passed, name(notification.transition.snapshot))


def _was_refused(notification: Notification, sender: HumanSender, fallback: Fallback) -> bool:
    """Whether what waits is a line about last tasks, or was refused by this address of a person and by the other one.

    A refused line waits for the job's end; and where routes lead to both addresses, each has passed its own to the
    other one, so that what comes back waits for the next try.
    """
    if not person_of(notification.channel):
        return False
    if end := end_of_job(notification):
        return sender.ledger.progress(end).end is None
    return notification.passed_from == fallback.channel and sender.ledger.progress(notification).passed_on


def _next(notification: Notification, fallback: Fallback) -> str:
    """The fallback, or after both addresses of a person the team's channel; empty without one."""
    both_refused = fallback.channel == notification.passed_from
    return fallback.announces_to if both_refused else fallback.channel


def _is_passed(progress: Progress, to: str) -> bool:
    """Whether the destination, or one after it, got the notification; the other address of a person is no last one."""
    return progress.passed_on and (progress.passed_to == to or not person_of(progress.passed_to))


def _add_to_away(notification: Notification, sender: HumanSender, owner: str, wait: DeferError) -> None:
    """Let one digest show it when the channel is back, whenever the records come back then."""
    now = sender.clock()
    away = found_group(AWAY, notification.channel, sender, owner, now)
    away.add(notification, shown=False)
    if away.group.pending is None:
        away.save(away.group.with_retry(now + timedelta(seconds=wait.seconds) + LATE_WAIT))
