"""The report of the status board."""

from braket_notifier.bootstrap import shared
from braket_notifier.status_board.report import StatusReport, status_report
from braket_notifier.tracking.ports import CreatedRange


def board_report(window: CreatedRange) -> StatusReport:
    """Collect the report that the status board shows."""
    current = shared.policy()
    rows = shared.snapshots(current.retention_days)
    return status_report(rows, current.regions, window, shared.now(), shared.undelivered().waiting())
