"""The reminders of each region, which its sweep decides after its slices."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.bootstrap import shared
from braket_notifier.braket.availability import Availability
from braket_notifier.braket.devices import device_type
from braket_notifier.domain.reminder import OFFLINE
from braket_notifier.domain.resource import TERMINAL_RANK, Snapshot
from braket_notifier.errors import BraketError, LateError
from braket_notifier.tracking.lookup import read_or_error
from braket_notifier.tracking.reconcile import Run
from braket_notifier.watching.causes import Waiting, may_be_due
from braket_notifier.watching.ports import Devices, WatchedRows
from braket_notifier.watching.reminders import ASKED_AGAIN, Reminder, reminders


@dataclass(frozen=True)
class Reminders:
    """The devices that a sweep asks, and the rows that remember the answers."""

    devices: Devices
    rows: WatchedRows

    def after_slices(self, run: Run) -> None:
        """Remind of what is due in a region; a failure delays no announcement of a status, and the next run repeats."""
        try:
            self._remind(run)
        except LateError:
            Logger().info("no time was left for reminders", region=run.region)
        except Exception:  # noqa: BLE001 - the sweep itself succeeded, and the error in the log raises an alarm
            Logger().exception("reminders could not be sent", region=run.region)

    def _remind(self, run: Run) -> None:
        """Load → decide → enqueue → remember, because a crash in between repeats what the ledger drops."""
        policy, now = run.ports.policy, run.ports.clock()
        still_open = [row for row in run.rows.values() if row.rank < TERMINAL_RANK]
        before = self.rows.watched(run.region)
        devices = sorted({row.device for row in still_open if device_type(row.device)})
        watched = before.seen({each: self._availability(run, each) for each in devices}, now)
        found = {
            each.arn: each.changed_at
            for each in still_open
            if may_be_due(watched, each.arn.kind, each.status, each.device, each.changed_at, policy, now)
        }
        rows = run.ports.snapshots.rows_of([*found])
        waiting = [
            Waiting(row.snapshot, row.history[-1].at or found[arn])
            for arn, row in rows.items()
            if not row.snapshot.terminal
        ]
        due = _still_so(run, list(reminders(watched, waiting, policy, now)))
        run.ports.queues.enqueue([each.notification for each in due])
        for each in due:
            run.ports.on_routed("reminder routed", each.notification.transition, [each.notification.channel])
        outages = {each.device for each in due if each.word == OFFLINE}
        after = watched.after([each.key for each in due], outages, now)
        if after != before:
            self.rows.save_watched(run.region, after)

    def _availability(self, run: Run, device: str) -> Availability | None:
        """Ask about a device; what is not known about it reminds nobody."""
        try:
            return self.devices.availability(run.region, device)
        except LateError:
            raise
        except BraketError as error:
            Logger().warning("a device could not be read", region=run.region, device=device, reason=str(error))
            return None


def of_each_region(devices: Devices) -> Reminders:
    return Reminders(devices, DynamoWatchedRows(shared.snapshots_table()))


def _still_so(run: Run, due: list[Reminder]) -> list[Reminder]:
    """Ask Braket once more about each resource that stands for others, because Search may list a status too long."""
    asked = {each.example.arn for each in due if each.word in ASKED_AGAIN}
    answers = {arn: read_or_error(run.braket, arn, run.out_of_time) for arn in asked}
    return [
        each for each in due if each.example.arn not in answers or _is_same(each.example, answers[each.example.arn])
    ]


def _is_same(example: Snapshot, answer: Snapshot | Exception) -> bool:
    return isinstance(answer, Snapshot) and answer.status == example.status
