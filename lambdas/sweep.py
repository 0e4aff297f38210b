"""Schedule → undispatched transitions and missed status changes → table `snapshots` → channels' queues."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, sweep
from braket_notifier.bootstrap import braket, shared, tracking
from braket_notifier.bootstrap import sweep as measures
from braket_notifier.errors import BusyError
from braket_notifier.tracking.reconcile import RESERVE_S
from braket_notifier.tracking.record import TrackingPorts

logger = Logger(version=__version__)
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - a schedule's event is empty
    def left_s() -> float:
        return context.get_remaining_time_in_millis() / 1000

    shared.begin()
    ports = tracking.tracking_ports(lambda line, of, to: logger.info(line, extra=of.about | {"to": to}))
    rows, relayed = _relay(ports)
    client, looks = braket.client("sweep", lambda: left_s() < RESERVE_S), measures.looks(ports)
    results = sweep.sweep_regions(client, ports, rows, uuid4().hex, left_s, measures.after_slices(client, looks))
    found = {region: _report(region, each) for region, each in results.items()}
    logger.info("sweep finished", extra={"relayed": relayed, "found": found} | measures.other_work(ports, left_s))
    for metric, unit, value in measures.measures(ports, looks):
        _measure(metric, unit, value)
    return {"relayed": relayed, "found": sum(found.values())}


def _relay(ports: TrackingPorts) -> tuple[sweep.OpenRows, int]:
    rows: sweep.OpenRows = {}
    try:
        return (rows := sweep.open_rows(ports)), sweep.relay(ports, rows)
    except Exception:  # the regions whose rows are read are still swept; the next schedule is the retry
        logger.exception("some recorded transitions could not be read or enqueued")
        return rows, 0


def _report(region: str, result: sweep.Swept | Exception) -> int:
    if isinstance(result, Exception):
        level = logger.warning if isinstance(result, BusyError) else logger.error
        level("sweep of a region ended early", region=region, reason=str(result), exc_info=result)
    elif result.held:
        logger.info("region is swept by another run", region=region)
    elif result.first:
        logger.info("first sweep of a region, what has ended before is not announced", region=region, open=result.open)
    else:
        metrics.add_metric("SweepFoundMissed", MetricUnit.Count, result.moved)
    return 0 if isinstance(result, Exception) else result.moved


def _measure(metric: str, unit: MetricUnit, value: Callable[[], float]) -> None:
    try:
        metrics.add_metric(metric, unit, value())
    except Exception:  # the sweep itself succeeded, and the error in the log raises an alarm
        logger.exception("metric could not be measured", metric=metric)
