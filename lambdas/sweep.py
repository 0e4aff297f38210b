"""Schedule → what was not dispatched, and what events missed → snapshots table → channel queues."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, bootstrap, sweep
from braket_notifier.errors import BusyError
from braket_notifier.tracking.record import TrackingPorts

logger = Logger(version=__version__)
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - a tick says nothing
    def left_s() -> float:
        return context.get_remaining_time_in_millis() / 1000

    ports = bootstrap.tracking_ports(lambda what, of, to: logger.info(what, extra=of.about | {"to": to}))
    rows, relayed = _relay(ports)
    braket = bootstrap.braket("sweep", lambda: left_s() < sweep.RESERVE_S)
    swept = sweep.sweep_regions(braket, ports, rows, uuid4().hex, left_s)
    found = {region: _report(region, each) for region, each in swept.items()}
    logger.info("swept", relayed=relayed, found=found)
    _measure("OldestSweepSeconds", MetricUnit.Seconds, lambda: sweep.oldest_sweep_age(ports).total_seconds())
    _measure("UnconfirmedSubscriptions", MetricUnit.Count, bootstrap.unconfirmed_subscriptions)
    _measure("UnreadRecords", MetricUnit.Count, bootstrap.stalled_records)
    return {"relayed": relayed, "found": sum(found.values())}


def _relay(ports: TrackingPorts) -> tuple[sweep.OpenRows, int]:
    rows: sweep.OpenRows = {}
    try:
        return (rows := sweep.open_rows(ports)), sweep.relay(ports, rows)
    except Exception:  # keeps no region from being swept whose rows are read; the next tick tries again
        logger.exception("not everything that was recorded could be enqueued")
        return rows, 0


def _report(region: str, swept: sweep.Swept | Exception) -> int:
    if isinstance(swept, Exception):
        level = logger.warning if isinstance(swept, BusyError) else logger.error
        level("the sweep of a region ended early", region=region, reason=str(swept), exc_info=swept)
    elif swept.held:
        logger.info("another run sweeps the region", region=region)
    elif swept.first:
        logger.info("watched from now on; what ended before is told to nobody", region=region, open=swept.moved)
    else:
        metrics.add_metric("SweepFoundMissed", MetricUnit.Count, swept.moved)
    return 0 if isinstance(swept, Exception) else swept.moved


def _measure(metric: str, unit: MetricUnit, value: Callable[[], float]) -> None:
    try:
        metrics.add_metric(metric, unit, value())
    except Exception:  # the sweep is done; the line is an error, and errors are counted and ring
        logger.exception("something could not be measured", metric=metric)
