"""The decisions of grouping, each with a named reason: pure.

Up to three single messages, then one card that is edited while more comes, then a last message that closes it. Where
nothing can be edited, a digest shows what was added since the last one.
"""

from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.grouping.answers import (
    Arrival,
    Close,
    Edit,
    Flush,
    Found,
    GroupKey,
    InThread,
    LeaveToJob,
    News,
    Nothing,
    Post,
    Reason,
    Reply,
    SendNow,
    Wait,
)
from braket_notifier.grouping.group import GROUP_WAIT, SWEPT_WITHIN, Group, GroupTiming, is_failure, recent
from braket_notifier.grouping.job_ends import MOST_LOOKS
from braket_notifier.grouping.keys import AWAY, QUIET, is_job_task, is_late, key_of, thread_key
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.health import LONGEST_BACK_OFF

#: After an outage everything comes back within a minute or so, and one message shows it.
LATE_WAIT = timedelta(minutes=1)
#: A sweep reads for longer what ended while nobody watched: `run` 2,500 ends in this time.
READ_WAIT = timedelta(minutes=2)
#: A quantum task may end before its hybrid job's card is posted, and waits for it so long, or as long as a job may run.
CARD_COMES_WITHIN, LONGEST_JOB = timedelta(minutes=15), timedelta(days=5)
#: The interval at which a task looks for its hybrid job's card or end, and the last message of a group for its sweep.
JOB_LOOKUP_INTERVAL, SWEEP_LOOKUP_INTERVAL = timedelta(minutes=1), timedelta(minutes=1)
#: The longest interval, to which the first one grows by a sixteenth of the time for which a task has looked for a card.
LONGEST_LOOKUP_INTERVAL = timedelta(minutes=30)
#: So many tasks of one hybrid job that failed for the same reason are shown in its thread; the others are counted only.
MOST_ALIKE = 3


def is_held(notification: Notification, policy: Policy, now: datetime) -> bool:
    """Whether quiet hours or a mute hold the notification now."""
    return held_until(notification.channel, notification.transition.status, policy, now) is not None


def group_key(
    notification: Notification, policy: Policy, held: Group, now: datetime, *, passed_on: bool = False
) -> GroupKey:
    """The group that a notification belongs to now; `held`: the group of what quiet hours held."""
    transition = notification.transition
    until = held_until(notification.channel, transition.status, policy, now)
    if is_job_task(notification):
        return GroupKey(thread_key(transition), Reason.JOB_TASK, until)
    if until:
        return GroupKey(QUIET, Reason.QUIET_HOURS, until)
    if passed_on:
        return GroupKey(AWAY, Reason.PASSED_ON)
    if held.is_due(now) and not held_until(notification.channel, NO_STATUS, policy, now):
        return GroupKey(QUIET, Reason.QUIET_ENDED)
    if is_late(transition, policy, now):
        return GroupKey(AWAY, Reason.LATE)
    return GroupKey(key_of(transition, policy), Reason.OWN)


def on_arrival(group: Group, timing: GroupTiming, news: News, now: datetime) -> Arrival:
    """Decide about a notification that arrives.

    The line about last tasks waits in its group for its job's end, because one message may show both, or by itself.
    """
    answer = _on_arrival(group, timing, news, now)
    if news.looks > MOST_LOOKS:
        return Wait(now + LONGEST_BACK_OFF, Reason.JOB_END_COMING)
    if news.looks and isinstance(answer, SendNow):
        return Wait(now + JOB_LOOKUP_INTERVAL, Reason.JOB_END_COMING)
    return answer


def _on_arrival(group: Group, timing: GroupTiming, news: News, now: datetime) -> Arrival:
    key = news.key
    if key.reason is Reason.JOB_TASK:
        return _on_job_task(group, timing, news, now)
    if key.until:
        return Wait(key.until, key.reason)
    if key.reason is Reason.QUIET_ENDED:
        return Flush(key.reason)
    if key.reason in {Reason.LATE, Reason.PASSED_ON}:
        return _at(group.due or _next_portion(group, timing, now), key.reason, now)
    if news.notification.silent and timing.edits:
        return SendNow(Reason.SILENT)
    return _on_news(group, timing, news, now)


def on_closing(group: Group, timing: GroupTiming, episode: int, now: datetime) -> Nothing | Wait | Flush:
    """Decide about the record that closes the card of an episode."""
    due = group.closes_at(timing)
    if group.episode != episode or due is None:
        return Nothing(Reason.CLOSED_BEFORE)
    if group.is_closing(timing, now):
        return Flush(Reason.WINDOW_ENDED)
    if group.is_owing(timing, now):
        return Flush(Reason.OWED)
    look = min(group.next_look(timing) or due, now + SWEPT_WITHIN)
    return Wait(max(look, group.due or look), Reason.STILL_GROWING)


def on_flush(
    group: Group, timing: GroupTiming, found: Found, now: datetime
) -> Wait | Edit | Reply | Post | Close | Nothing:
    """Decide about a group whose time has come, once before the claims, whether to wait, and once after them.

    The last message of a card has no status that quiet hours would let pass.
    """
    if wait := _wait(group, timing, found, now):
        return wait
    closes = found.why is Reason.WINDOW_ENDED and not found.rest
    over = still_open(group, found) == 0 and not group.over
    owed = group.is_owing(timing, now) and not found.held_until
    if not found.news and not ((closes or owed or (over and timing.edits)) and found.shown):
        without = Reason.CLAIMED_ELSEWHERE if found.rest else Reason.SHOWN_BEFORE
        return Close(Reason.NOTHING_SHOWN) if closes else Nothing(without)
    reason = Reason.LAST_OF_GROUP if over and not closes else found.why
    if not (timing.edits and group.card):
        return Post(reason, closes or over, closes)
    if not group.card.place:
        return Post(Reason.CARD_GONE, closes or over, closes)
    ends = (closes or over) and (found.news or group.card.owing)
    warns = found.failing and not group.card.warned and not found.held_until
    announced = ends or owed or warns or _first_failure_came_late(group, found)
    return (Reply if announced else Edit)(group.card.place, reason, closes or over, closes)


def still_open(group: Group, found: Found) -> int | None:
    """How many of the group are open; None: unknown, or its last may still be coming."""
    first_at_once = found.counted.open == 0 and not (group.over or group.card or found.waited)
    return None if found.rest or first_at_once else found.counted.open


def _first_failure_came_late(group: Group, found: Found) -> bool:
    """Whether the card's first failure could not be announced by itself, because the channel took no message then."""
    retrying = group.pending is not None and group.pending.retrying
    failed = group.card is None or group.card.failed
    return retrying and not failed and any(is_failure(each.transition) for each in found.news)


def _on_job_task(group: Group, timing: GroupTiming, news: News, now: datetime) -> Wait | InThread | LeaveToJob:
    at = news.notification.transition.at
    if news.unrouted:
        return LeaveToJob(Reason.NO_LONGER_ROUTED)
    most = LONGEST_JOB if news.job_open or news.key.until else CARD_COMES_WITHIN  # the job's end may post its card
    if timing.edits and not news.job_card and at and now - at < most:
        look = min(max(JOB_LOOKUP_INTERVAL, (now - at) / 16), LONGEST_LOOKUP_INTERVAL)
        return Wait(now + look, Reason.JOB_CARD_COMING)
    if not timing.edits or not news.job_card:
        return LeaveToJob(Reason.NO_THREAD)
    if len(group.single_times) >= MOST_ALIKE:
        return LeaveToJob(Reason.ENOUGH_ALIKE)
    if news.key.until:
        return Wait(news.key.until, Reason.QUIET_HOURS)
    return InThread(news.job_card, Reason.JOB_TASK)


def _on_news(group: Group, timing: GroupTiming, news: News, now: datetime) -> SendNow | Wait | Flush:
    """A failure opens a card at once, and the first one after that is announced beside it.

    In quiet hours each one that passes is, because the card's last message comes when they end.
    """
    failure = is_failure(news.notification.transition)
    few = not failure or news.failures < timing.failures
    if group.pending and group.pending.retrying:
        return _at(group.pending.due, Reason.RETRY, now)
    if group.card:
        first = failure and few and (news.passes or not group.card.failed)
        return SendNow(Reason.FIRST_FAILURE) if first else _on_open_card(group, timing, now)
    lately = recent(group.single_times, timing.window, now)
    if few and not group.pending and len(lately) < timing.singles:
        return SendNow(Reason.FIRST)
    if timing.edits or not lately:
        at_once = failure and timing.edits
        return Flush(Reason.FAILURE_OPENS) if at_once else _at(group.due or now + GROUP_WAIT, Reason.BURST, now)
    return _at(group.due or max(now, lately[-1] + timing.group_interval), Reason.NEXT_DIGEST, now)


def _on_open_card(group: Group, timing: GroupTiming, now: datetime) -> Wait | Flush:
    """The end of a group does not wait for its card's next edit, only for its last ends."""
    due, soon = group.due or _next(group, timing, now), now + GROUP_WAIT
    if due <= soon or group.over or not timing.edits:
        return _at(due, Reason.NEXT_EDIT, now)
    return Wait(due, Reason.NEXT_EDIT, if_last=Wait(soon, Reason.LAST_OF_GROUP))


def _wait(group: Group, timing: GroupTiming, found: Found, now: datetime) -> Wait | None:
    if found.held_until and (found.why is Reason.WINDOW_ENDED or not found.news):
        return Wait(found.held_until, Reason.QUIET_HOURS)
    if _last_are_coming(group, timing, found):
        return Wait(now + GROUP_WAIT, Reason.LAST_COMING)
    until = _sweep_comes(timing, found, now)
    return Wait(until, Reason.SWEEP_COMING) if until else None


def _last_are_coming(group: Group, timing: GroupTiming, found: Found) -> bool:
    """Whether the last of a group of which nothing is open may be on their way still.

    Not if they were waited for: then the group's time is sooner or later than its interval would have it.
    """
    if found.counted.open != 0 or group.over or group.card is None:
        return False
    return not found.waited or (group.shown_at is not None and group.due == group.shown_at + timing.group_interval)


def _sweep_comes(timing: GroupTiming, found: Found, now: datetime) -> datetime | None:
    """When to look again for the sweep that shows a group as ended; None: not for a card, or the message is due.

    A card shows the ends at once, and its end is announced later. A digest that cannot be edited waits while its oldest
    news is younger than the window, or the interval if that is shorter.
    """
    if timing.edits or found.claimed or not found.counted.awaits_sweep:
        return None
    ends = [at for each in found.news if (at := each.transition.snapshot.ended_at or each.transition.at)]
    until = now + SWEEP_LOOKUP_INTERVAL
    return until if ends and until <= min(ends) + min(timing.window, timing.group_interval) else None


def _at(when: datetime, reason: Reason, now: datetime) -> Wait | Flush:
    return Flush(reason) if when <= now else Wait(when, reason)


def _next_portion(group: Group, timing: GroupTiming, now: datetime) -> datetime:
    """When late news may be sent; a second portion waits for the window, because it is a message of its own too."""
    return max(now + READ_WAIT, group.shown_at + timing.window) if group.shown_at else now + READ_WAIT


def _next(group: Group, timing: GroupTiming, now: datetime) -> datetime:
    """When the group's next message may be sent; at once if there was none."""
    return max(now, group.shown_at + timing.group_interval) if group.shown_at else now
