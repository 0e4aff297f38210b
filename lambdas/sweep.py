"""Schedule → what was not dispatched, and what events missed → snapshots table → channel queues."""

from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from notifier import aws, sweeping
from notifier.pipeline import Desk
from notifier.ports import BusyError

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - a tick says nothing
    def left_s() -> float:
        return context.get_remaining_time_in_millis() / 1000

    rows, relayed = _relay(desk := aws.desk())
    braket = aws.braket("sweep", lambda: left_s() < sweeping.RESERVE_S)
    swept = sweeping.sweep_regions(braket, desk, rows, uuid4().hex, left_s)
    found = {region: _report(region, each) for region, each in swept.items()}
    logger.info("swept", relayed=relayed, found=found)
    try:
        metrics.add_metric("UnconfirmedSubscriptions", MetricUnit.Count, aws.unconfirmed_mailboxes())
    except Exception:  # the sweep is done; the line is an error, and errors are counted and ring
        logger.exception("the mailboxes that are not confirmed could not be counted")
    return {"relayed": relayed, "found": sum(found.values())}


def _relay(desk: Desk) -> tuple[sweeping.OpenRows, int]:
    rows: sweeping.OpenRows = {}
    try:
        return (rows := sweeping.open_rows(desk)), sweeping.relay(desk, rows)
    except Exception:  # keeps no region from being swept whose rows are read; the next tick tries again
        logger.exception("not everything that was recorded could be enqueued")
        metrics.add_metric("SweepCompleted", MetricUnit.Count, 0)
        return rows, 0


def _report(region: str, swept: sweeping.Swept | Exception) -> int:
    if isinstance(swept, Exception):
        level = logger.warning if isinstance(swept, BusyError) else logger.error
        level("the sweep of a region ended early", region=region, reason=str(swept), exc_info=swept)
        metrics.add_metric("SweepCompleted", MetricUnit.Count, 0)
        return 0
    if swept.held:
        logger.info("another run sweeps the region", region=region)
        return 0
    metrics.add_metric("SweepCompleted", MetricUnit.Count, 1)
    metrics.add_metric("SweepFoundMissed", MetricUnit.Count, 0 if swept.first else swept.moved)
    if swept.first:
        logger.info("watched from now on; what ended before is told to nobody", region=region, open=swept.moved)
    return swept.moved
