"""The spending limits of each region, which its sweep reads after its slices."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from aws_lambda_powertools import Logger

from braket_notifier.adapters.dynamodb.watched import DynamoSpendingRows
from braket_notifier.bootstrap import shared
from braket_notifier.bootstrap.costs import ended_tasks
from braket_notifier.braket.devices import device_type
from braket_notifier.costs.limits import may_be_full, threshold_of
from braket_notifier.domain.resource import TERMINAL_RANK
from braket_notifier.domain.spending import Allowance
from braket_notifier.errors import BraketError, LateError
from braket_notifier.tracking.ports import OpenRow
from braket_notifier.tracking.reconcile import Run
from braket_notifier.tracking.record import enqueue_announcements
from braket_notifier.watching.ports import LastCosts, SpendingLimits, SpendingRows
from braket_notifier.watching.spending import Reached, after, notices


@dataclass
class LimitLooks:
    """The looks at spending limits of one sweep, in the thread of each region."""

    rows: SpendingRows
    costs: LastCosts
    #: Regions whose look Braket refused or that failed.
    failed: list[str] = field(default_factory=list)

    def after_slices(self, limits: SpendingLimits, run: Run) -> None:
        """Announce what a region's limits have reached; a failure delays no notification, and the next look repeats."""
        try:
            if run.ports.policy.money and is_time(run):
                self._look(limits, run)
        except LateError:
            Logger().info("no time was left for spending limits", region=run.region)
        except BraketError as error:
            self.failed.append(run.region)
            Logger().warning("spending limits could not be read", region=run.region, reason=str(error))
        except Exception:  # noqa: BLE001 - the sweep itself succeeded, and the error in the log raises an alarm
            self.failed.append(run.region)
            Logger().exception("spending limits could not be announced", region=run.region)

    def _look(self, limits: SpendingLimits, run: Run) -> None:
        """Load → decide → enqueue → remember, because a crash in between repeats what the ledger drops."""
        policy, now = run.ports.policy, run.ports.clock()
        listed = limits.spending_limits(run.region)
        if not listed:  # most accounts have none, and then no row is read
            return
        before = self.rows.sent(run.region)
        found = [Reached(each, threshold_of(each, self._last_cost(each, run, now), now)) for each in listed]
        reached = [each for each in found if each.threshold]
        due = [each for each in notices(reached, before, policy, now) if not each.is_held]
        enqueue_announcements("spending limit routed", [each.notification for each in due], run.ports)
        sent = after(before, due, listed, policy)
        if sent != before:
            self.rows.save_sent(run.region, sent)

    def _last_cost(self, limit: Allowance, run: Run, now: datetime) -> Decimal | None:
        """Ask only where it can matter; without an answer the limit is full when nothing remains."""
        if not may_be_full(limit, now):
            return None
        try:
            return _estimate(limit, run, now) or self.costs.last_cost(limit.region, limit.device, limit.since)
        except Exception:  # noqa: BLE001 - the other thresholds do not depend on it
            Logger().exception("the last cost under a spending limit could not be read", region=limit.region)
            return None


def _estimate(limit: Allowance, run: Run, now: datetime) -> Decimal | None:
    """Return what the newest open task under the limit will cost if all of its shots succeed; None without one."""
    there = [(row.created_at, arn) for arn, row in run.rows.items() if row.device == limit.device and _counts(row)]
    found = [(at, arn) for at, arn in there if at and at >= limit.since]
    if not found:
        return None
    _, newest = max(found, key=lambda each: each[0])
    row = run.ports.snapshots.get(newest)
    if row is None:
        return None
    cost = run.ports.cost_of(replace(row.snapshot, status="COMPLETED", ended_at=now, degraded=False))
    return cost.amount if cost else None


def _counts(row: OpenRow) -> bool:
    return row.arn.kind == "task" and row.rank < TERMINAL_RANK


def is_time(run: Run) -> bool:
    """Whether to look: while a quantum task on a QPU is open, otherwise in the first sweep of each hour."""
    is_open = any(row.rank < TERMINAL_RANK and device_type(row.device) == "qpu" for row in run.rows.values())
    before, now = run.cursor.swept_at, run.began
    return is_open or before is None or (before.date(), before.hour) != (now.date(), now.hour)


def limit_looks() -> LimitLooks:
    return LimitLooks(DynamoSpendingRows(shared.snapshots_table()), ended_tasks())
