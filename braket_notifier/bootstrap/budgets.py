"""The budgets of the settings, which the sweep sums once an hour, after its regions."""

from collections.abc import Callable
from datetime import UTC, datetime

from braket_notifier.adapters.dynamodb.watched import DynamoSpendingRows
from braket_notifier.bootstrap import shared
from braket_notifier.bootstrap.costs import ended_tasks
from braket_notifier.costs.budgets import spent_of
from braket_notifier.costs.period import period_of
from braket_notifier.costs.ports import EndedTasks
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import BUDGET
from braket_notifier.routing.owners import owning
from braket_notifier.tracking.record import TrackingPorts, enqueue_announcements
from braket_notifier.watching.ports import SpendingRows
from braket_notifier.watching.spending import NEWS, Reached, after, notices

#: The scope of the row of the budgets, and its member with the hour in which they were summed last.
BUDGETS, SUMMED = "budgets", "#summed"
_HOUR = "%Y-%m-%dT%H"


def announce_budgets(ports: TrackingPorts, out_of_time: Callable[[], bool]) -> int | None:
    """Announce what budgets have reached, and return the number of notices; None after a failure."""
    with shared.Alone("budgets could not be announced", late="no time was left for budgets"):
        return announce(ports, DynamoSpendingRows(shared.snapshots_table()), ended_tasks(out_of_time))
    return None


def announce(ports: TrackingPorts, rows: SpendingRows, tasks: EndedTasks) -> int:
    """Load → decide → enqueue → remember, because a crash in between repeats what the ledger drops.

    A period that ended since the last sums is summed once more, otherwise nobody learns of its last hour.
    """
    policy, now = ports.policy, ports.clock()
    budgets = [each for each in policy.budgets if policy.costs_by_person or not each.person]
    before, hour = rows.sent(BUDGETS), f"{now:{_HOUR}}"
    if not budgets or before.get(SUMMED) == hour:
        return 0
    last = _hour(before.get(SUMMED, "")) or now
    over = [each for each in budgets if now - NEWS < period_of(last, each.period, policy.time_zone)[1] <= now]
    sums = [(over, last), (budgets, now)]
    since = min(period_of(at, each.period, policy.time_zone)[0] for listed, at in sums for each in listed)
    ended = [each for region in policy.regions for each in tasks.between(region, since, now)]

    def owner_of(task: Snapshot) -> str:
        person = owning(task, policy)
        return person.name if person else ""

    spent = [each for listed, at in sums for each in spent_of(listed, ended, owner_of, policy.time_zone, at)]
    reached = [Reached(each.allowance, each.threshold, BUDGET, each.budget.person) for each in spent if each.threshold]
    due = list(notices(reached, before, policy, now))
    enqueue_announcements("budget routed", [each.notification for each in due], ports)
    rows.save_sent(BUDGETS, after(before, due, [each.allowance for each in spent], policy) | {SUMMED: hour})
    return len(due)


def _hour(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, _HOUR).replace(tzinfo=UTC)
    except ValueError:  # none yet, or a damaged one
        return None
