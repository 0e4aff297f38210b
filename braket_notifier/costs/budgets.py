"""Budgets of the settings: the period that one is for, and what the tasks that ended in it cost; pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from braket_notifier.braket.devices import device
from braket_notifier.costs.limits import threshold_of
from braket_notifier.costs.period import period_of
from braket_notifier.costs.sums import is_counted
from braket_notifier.domain.cost import NOTHING
from braket_notifier.domain.policy import Budget
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import Allowance, amount_in

#: The name of who owns a task; empty without one.
OwnerOf = Callable[[Snapshot], str]


@dataclass(frozen=True, slots=True)
class Spent:
    """A budget, what was spent of it, and the threshold that it has reached; empty for none."""

    budget: Budget
    allowance: Allowance
    threshold: str


def spent_of(
    budgets: Iterable[Budget], ended: Iterable[Snapshot], owner_of: OwnerOf, time_zone: str, now: datetime
) -> Iterator[Spent]:
    """Add up what ended tasks on QPUs cost in the period of each budget that contains `now`.

    Waiting tasks count when they have ended.
    """
    tasks = [each for each in ended if each.ended_at and is_counted(each)]
    tasks.sort(key=lambda each: each.ended_at or now)
    for budget in budgets:
        since, until = period_of(now, budget.period, time_zone)
        found = [each for each in tasks if _is_for(budget, each, owner_of) and since <= (each.ended_at or now) < until]
        amounts = [each.cost.amount for each in found if each.cost]
        allowance = Allowance(
            id=f"budget {budget.period} batch={budget.batch} device={budget.device} person={budget.person}",
            amount=amount_in(budget.amount) or NOTHING,
            spent=sum(amounts, NOTHING),
            since=since,
            until=until,
            name=" · ".join(filter(None, (budget.batch, budget.person, device(budget.device).full))),
            unknown=sum(each.cost.unknown if each.cost else 1 for each in found),
        )
        last = next((amount for amount in reversed(amounts) if amount), None)
        yield Spent(budget, allowance, threshold_of(allowance, last, now))


def _is_for(budget: Budget, task: Snapshot, owner_of: OwnerOf) -> bool:
    """Whether a task counts for a budget, because all of its conditions hold."""
    if budget.batch and task.tags.get("batch") != budget.batch:
        return False
    if budget.device and not fnmatchcase(task.device, budget.device):
        return False
    return not budget.person or owner_of(task) == budget.person
