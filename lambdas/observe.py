"""Braket events (SQS batch) → Braket's answer → table `snapshots` → channels' queues."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, observe
from braket_notifier.bootstrap import braket, shared, tracking
from braket_notifier.braket.events import ParsedEvent, about, parse_or_error
from braket_notifier.errors import DeferError, MalformedError
from braket_notifier.rendering.words.hints import unexplained
from braket_notifier.sending.sqs_batch import (
    BatchResponse,
    Record,
    awaiting_newer_version,
    process,
    receives,
    seconds_deferred,
)

#: Milliseconds left at which no read of Braket begins: the last read takes up to 13 s, and recording follows.
RESERVE_MS = 30_000

Events = Mapping[str, ParsedEvent]

logger = Logger(version=__version__)
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    def out_of_time() -> bool:
        return context.get_remaining_time_in_millis() < RESERVE_MS

    shared.begin()
    metrics.add_metric("TransitionsDetected", MetricUnit.Count, 0)  # a batch without a transition is a data point too
    client, ports = braket.client("observe", out_of_time), tracking.tracking_ports()
    events = {record["messageId"]: parse_or_error(record["body"], braket.watch()) for record in event["Records"]}
    prefetched = observe.prefetch(events.values(), client, ports, out_of_time)
    return process(event["Records"], partial(_observe, events, prefetched), partial(_log_failure, events), _measure)


def _log_failure(events: Events, record: Record, error: Exception) -> None:
    fields = about(events[record["messageId"]]) | {"message_id": record["messageId"]}
    logger.error("observation failed, SQS redelivers the record", extra=fields, exc_info=error)
    shared.come_again("EVENTS_QUEUE_URL", record)


def _measure(record: Record) -> None:  # because SQS's own metric forgets a record after three receives
    metrics.add_metric("OldestDeferredSeconds", MetricUnit.Seconds, seconds_deferred(record, shared.now()))


def _observe(events: Events, prefetched: observe.Prefetched, record: Record) -> None:
    fields: dict[str, object] = {**about(events[record["messageId"]]), "message_id": record["messageId"]}
    ports = tracking.tracking_ports(lambda line, of, to: logger.info(line, extra=fields | of.about | {"to": to}))
    try:
        with awaiting_newer_version(record, shared.now()):
            recorded = observe.observe(events[record["messageId"]], receives(record), prefetched, ports)
    except MalformedError as error:
        metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        shared.undelivered().put(record["body"], str(error))
        logger.warning("event kept as undelivered", extra=fields | {"reason": str(error)})
    except DeferError as wait:
        logger.info("event deferred", extra=fields | {"reason": str(wait)})
        shared.put_back("EVENTS_QUEUE_URL", record, wait)
    else:
        metrics.add_metric("TransitionsDetected", MetricUnit.Count, int(recorded.moved))
        if not recorded.moved:
            logger.info("duplicate or late event", extra=fields | {"recorded_status": recorded.row.snapshot.status})
        elif unclear := unexplained(recorded.row.snapshot, shared.policy().hint_rules):
            metrics.add_metric("UnknownWords", MetricUnit.Count, unclear)
