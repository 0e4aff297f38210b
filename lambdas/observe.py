"""Braket events (SQS batch) → Braket's answer → snapshots table → channel queues."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import bootstrap, observe
from braket_notifier.braket.events import about
from braket_notifier.errors import DeferError, MalformedEventError
from braket_notifier.rendering.words.hints import is_explained
from braket_notifier.sending.sqs_batch import BatchResponse, Record, deal_with

#: A last question takes up to 13 s (it is not repeated when it is late), and then there is a batch to record.
RESERVE_MS = 30_000

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    bodies = [record["body"] for record in event["Records"]]
    late = partial(_late, context)
    braket, ports = bootstrap.braket("observe", late), bootstrap.tracking_ports()
    known = observe.prefetch(bodies, bootstrap.watch(), braket, ports, late)
    metrics.add_metric("TransitionsDetected", MetricUnit.Count, 0)  # a batch of old news is a count too
    return deal_with(event["Records"], lambda record: _observe(record, known), _broken)


def _late(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() < RESERVE_MS


def _broken(record: Record, error: Exception) -> None:
    said = about(record["body"], bootstrap.watch()) | {"message_id": record["messageId"]}
    logger.error("observation failed; the record comes again", extra=said, exc_info=error)


def _observe(record: Record, known: observe.Prefetched) -> None:
    receives = int(record["attributes"].get("ApproximateReceiveCount", "1"))
    said: dict[str, object] = {**about(record["body"], bootstrap.watch()), "message_id": record["messageId"]}
    ports = bootstrap.tracking_ports(lambda what, of, to: logger.info(what, extra=said | of.about | {"to": to}))
    try:
        recorded = observe.observe(record["body"], receives, known, bootstrap.watch(), ports)
    except MalformedEventError as error:
        metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        bootstrap.undelivered().put(record["body"], str(error))
        logger.warning("event kept as undelivered", extra=said | {"reason": str(error)})
    except DeferError as wait:
        logger.info("event put back", extra=said | {"reason": str(wait)})
        bootstrap.visibility("EVENTS_QUEUE_URL").put_back(record["receiptHandle"], wait.seconds)
        raise
    else:
        snapshot = recorded.row.snapshot
        unclear = int(snapshot.unknown) + int(not is_explained(snapshot.failure_reason, bootstrap.policy().hint_rules))
        metrics.add_metric("TransitionsDetected", MetricUnit.Count, int(recorded.moved))
        if not recorded.moved:
            logger.info("known already", extra=said | {"stands": snapshot.status})
        elif unclear:
            metrics.add_metric("UnknownWords", MetricUnit.Count, unclear)
