"""Announcements and amounts that are no longer wanted by the time they can be sent, in any channel; pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.domain.announcement import MONTH, is_announcement
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import NEAR_LIMIT
from braket_notifier.domain.spending import PERSON, SPENDING
from braket_notifier.domain.transition import Transition

TOO_LATE = "it came too late to be announced"
NO_MONEY = "the settings ceased to allow such an amount while it waited"
#: The announcements that are about amounts.
MONEY = SPENDING | {MONTH}


def unwanted(
    transition: Transition, now: datetime, settings: Callable[[], Policy | None], is_open: Callable[[], bool]
) -> str:
    """Return the reason; empty for what is still wanted. Only an amount needs the settings, and a limit what is open.

    Without settings every amount is wanted. They are read for any amount before its claim, because a failure to read
    them after the claim would leave a doubt.
    """
    if is_announcement(transition.status) and _is_over(transition, now, is_open):
        return TOO_LATE
    is_about_money = transition.status.partition(" ")[0] in MONEY
    policy = settings() if is_about_money or transition.snapshot.cost else None
    if policy is None or not is_about_money:
        return ""
    of_person = PERSON in transition.snapshot.tags and not policy.costs_by_person
    return "" if policy.money and not of_person else NO_MONEY


def as_allowed(transition: Transition, settings: Callable[[], Policy]) -> Transition:
    """Return it without its amount where the settings allow none; they are not read for a transition without one."""
    if transition.snapshot.cost is None or settings().money:
        return transition
    return replace(transition, snapshot=replace(transition.snapshot, cost=None))


def _is_over(transition: Transition, now: datetime, is_open: Callable[[], bool]) -> bool:
    """Whether it is news no more; a hybrid job has no limit any more once it has ended, or was to be stopped."""
    snapshot = transition.snapshot
    if transition.status != NEAR_LIMIT:
        return snapshot.ended_at is not None and now >= snapshot.ended_at
    ran, longest = now - (snapshot.started_at or now), timedelta(seconds=snapshot.max_runtime_s or 0)
    return ran >= longest or not is_open()
