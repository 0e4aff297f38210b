"""The look for submitters that each region's sweep makes after its slices, and what the sweep counts of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from aws_lambda_powertools import Logger

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.cloudtrail import PACE, CloudTrailSubmissions
from braket_notifier.adapters.dynamodb.submitters import DynamoSubmitterRows
from braket_notifier.bootstrap import shared
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.domain.resource import TERMINAL_RANK
from braket_notifier.errors import EventHistoryError
from braket_notifier.tracking.ports import CreatedRange
from braket_notifier.tracking.reconcile import Run
from braket_notifier.watching.ports import Submissions, SubmitterRows
from braket_notifier.watching.submitter import AFTER_END, Looked, look_up

#: The longest time of a look, so that the rest of the sweep waits no longer; the next look goes on.
LONGEST = timedelta(minutes=1)


@dataclass
class SubmitterLooks:
    """The looks of one sweep, in the thread of each region."""

    submissions: Submissions
    rows: SubmitterRows
    #: Of each look, the resources that ended before their event appeared.
    late: list[int] = field(default_factory=list)
    #: Regions whose look CloudTrail refused or that failed.
    failed: list[str] = field(default_factory=list)

    def after_slices(self, run: Run) -> None:
        """Look for the submitters of a region whose resources are open or ended lately; a failure changes nothing."""
        try:
            self._look(run)
        except EventHistoryError as error:
            self.failed.append(run.region)
            Logger().warning("submitters could not be looked up", region=run.region, reason=str(error))
        except Exception:  # noqa: BLE001 - the sweep itself succeeded, and the error in the log raises an alarm
            self.failed.append(run.region)
            Logger().exception("submitters could not be saved")

    def _look(self, run: Run) -> None:
        cursor, clock, began = run.cursor, run.ports.clock, run.ports.clock()
        created = [row.created_at for row in run.rows.values() if row.rank < TERMINAL_RANK and row.created_at]
        lately = CreatedRange(began - AFTER_END)
        if not (created or run.moved or run.ports.snapshots.ended(run.region, lately, 1)):
            run.cursor = replace(cursor, submitted_at=began)
            return
        looked, found = look_up(
            run.region,
            Looked(cursor.submitted_at, cursor.submitted_since, cursor.submitted_until),
            min(created, default=None),
            self.submissions,
            self.rows,
            began,
            lambda: run.out_of_time() or clock() - began > LONGEST,
        )
        left = {"submitted_since": looked.left_since, "submitted_until": looked.left_until}
        run.cursor = replace(run.cursor, submitted_at=looked.at, **left)
        self.late.append(found.late)


def submitter_looks() -> SubmitterLooks:
    rows = DynamoSubmitterRows(shared.snapshots_table(), shared.log_skipped)
    return SubmitterLooks(CloudTrailSubmissions(clients.cloudtrail, _limiter()), rows)


@cache
def _limiter() -> RateLimiter:
    return RateLimiter(PACE, shared.monotonic, shared.sleep)
