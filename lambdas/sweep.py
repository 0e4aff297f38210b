"""Schedule → what was not dispatched, and what events missed → snapshots table → channel queues."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from notifier import aws, pipeline
from notifier.ports import BusyError

#: Time to end in order before Lambda ends the function.
RESERVE_MS = 20_000

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - a tick says nothing
    relayed = _relay()
    found = {region: _sweep(region, context) for region in aws.policy().regions}
    logger.info("swept", relayed=relayed, found=found)
    return {"relayed": relayed, "found": sum(found.values())}


def _relay() -> int:
    """What cannot be passed on keeps no region from being swept; the next tick tries again."""
    try:
        return pipeline.relay(aws.desk())
    except Exception:
        logger.exception("not everything that was recorded could be enqueued")
        metrics.add_metric("SweepFailed", MetricUnit.Count, 1)
        return 0


def _sweep(region: str, context: LambdaContext) -> int:
    """One region's failure stops no other, and the next tick is the retry."""
    try:
        swept = pipeline.sweep(region, aws.braket(), aws.desk(), lambda: _late(context))
    except Exception as error:  # noqa: BLE001 - logged, counted, and tried again by the next tick
        level = logger.warning if isinstance(error, BusyError) else logger.exception
        level("the sweep of a region ended early", region=region, reason=str(error))
        metrics.add_metric("SweepFailed", MetricUnit.Count, 1)
        return 0
    metrics.add_metric("SweepCompleted", MetricUnit.Count, 1)
    metrics.add_metric("SweepFoundMissed", MetricUnit.Count, 0 if swept.first else swept.moved)
    if swept.first:
        logger.info("watched from now on; what ended before is told to nobody", region=region, open=swept.moved)
    return swept.moved


def _late(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() < RESERVE_MS
