"""The budgets of the settings, which the sweep sums once an hour, after its regions."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from braket_notifier.adapters.dynamodb.watched import DynamoSpendingRows
from braket_notifier.bootstrap import shared
from braket_notifier.bootstrap.costs import ended_tasks
from braket_notifier.costs.budgets import spent_of
from braket_notifier.costs.period import period_of
from braket_notifier.costs.ports import EndedTasks
from braket_notifier.domain.policy import Period
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import BUDGET
from braket_notifier.routing.owners import owning
from braket_notifier.tracking.record import TrackingPorts, enqueue_announcements
from braket_notifier.watching.ports import SpendingRows
from braket_notifier.watching.spending import NEWS, Reached, after, notices

#: The scope of the row of the budgets, its member with the hour in which they were summed last, and the one with the
#: hour since which a period has ended whose notice a hold keeps.
BUDGETS, SUMMED, HELD = "budgets", "#summed", "#held"
_HOUR = "%Y-%m-%dT%H"


def announce_budgets(ports: TrackingPorts, out_of_time: Callable[[], bool]) -> int | None:
    """Announce what budgets have reached, and return the number of notices; None after a failure."""
    with shared.Alone("budgets could not be announced", late="no time was left for budgets"):
        return announce(ports, DynamoSpendingRows(shared.snapshots_table()), ended_tasks(out_of_time))
    return None


def announce(ports: TrackingPorts, rows: SpendingRows, tasks: EndedTasks) -> int:
    """Load → decide → enqueue → remember, because a crash in between repeats what the ledger drops.

    A period that ended since the last sums is summed once more, otherwise nobody learns of its last hour, and again as
    long as a hold keeps its notice.
    """
    policy, now = ports.policy, ports.clock()
    budgets = [each for each in policy.budgets if policy.costs_by_person or not each.person]
    before, hour = rows.sent(BUDGETS), f"{now:{_HOUR}}"
    if not budgets or before.get(SUMMED) == hour:
        return 0
    last = before.get(HELD) or before.get(SUMMED, "")
    over = [(each, at) for each in budgets for at in _ended(each.period, _hour(last) or now, policy.time_zone, now)]
    sums = [*over, *((each, now) for each in budgets)]
    since = min(period_of(at, each.period, policy.time_zone)[0] for each, at in sums)
    ended = [each for region in policy.regions for each in tasks.between(region, since, now)]

    def owner_of(task: Snapshot) -> str:
        person = owning(task, policy)
        return person.name if person else ""

    spent = [next(spent_of([each], ended, owner_of, policy.time_zone, at)) for each, at in sums]
    reached = [Reached(each.allowance, each.threshold, BUDGET, each.budget.person) for each in spent if each.threshold]
    found = list(notices(reached, before, policy, now))
    due = [each for each in found if not each.is_held]
    enqueue_announcements("budget routed", [each.notification for each in due], ports)
    sent = after(before, due, [each.allowance for each in spent], policy) | {SUMMED: hour}
    is_over_held = any(each.is_held and (each.reached.allowance.until or now) <= now for each in found)
    rows.save_sent(BUDGETS, sent | ({HELD: last} if is_over_held else {}))
    return len(due)


def _ended(period: Period, last: datetime, time_zone: str, now: datetime) -> Iterator[datetime]:
    """Yield the last moment of each period that ended since the last sums, as long as its notice is news."""
    _, until = period_of(last, period, time_zone)
    while until <= now:
        if now - until < NEWS:
            yield until - timedelta.resolution
        _, until = period_of(until, period, time_zone)


def _hour(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, _HOUR).replace(tzinfo=UTC)
    except ValueError:  # none yet, or a damaged one
        return None
