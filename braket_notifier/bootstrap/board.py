"""The report of the status board."""

from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.bootstrap import shared
from braket_notifier.status_board.report import StatusReport, status_report
from braket_notifier.tracking.ports import CreatedRange


def board_report(window: CreatedRange) -> StatusReport:
    """Collect the report that the status board shows."""
    current = shared.policy()
    rows = shared.snapshots(current.retention_days)
    devices = DynamoWatchedRows(shared.snapshots_table(), shared.log_skipped).devices(current.regions)
    return status_report(rows, devices, current.regions, window, shared.now(), shared.undelivered().waiting())
