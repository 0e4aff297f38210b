"""Braket events (SQS batch) → Braket's answer → snapshots table → channel queues."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from notifier import aws, pipeline
from notifier.batch import Answer, Record, deal_with
from notifier.braket import MalformedEventError
from notifier.detect import PutBackError
from notifier.hints import is_explained

#: A last question takes up to 13 s (it is not repeated when it is late), and then there is a batch to record.
RESERVE_MS = 30_000

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    bodies = [record["body"] for record in event["Records"]]
    late = partial(_late, context)
    known = pipeline.look_up(bodies, aws.watch(), aws.braket("observe", late), aws.desk(), late)
    metrics.add_metric("TransitionsDetected", MetricUnit.Count, 0)  # a batch of old news is a count too
    return deal_with(event["Records"], lambda record: _observe(record, known), _broken)


def _late(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() < RESERVE_MS


def _broken(record: Record, error: Exception) -> None:
    logger.error("observation failed; the record comes again", message_id=record["messageId"], exc_info=error)


def _observe(record: Record, known: pipeline.Known) -> None:
    receives = int(record["attributes"].get("ApproximateReceiveCount", "1"))
    try:
        recorded = pipeline.observe(record["body"], receives, known, aws.watch(), aws.desk())
    except MalformedEventError as error:
        logger.warning("event kept as undelivered", reason=str(error), message_id=record["messageId"])
        metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        aws.undelivered().keep(record["body"], str(error))
    except PutBackError as wait:
        logger.info("event put back", reason=str(wait), message_id=record["messageId"])
        aws.waits("EVENTS_QUEUE_URL").put_back(record["receiptHandle"], wait.seconds)
        raise
    else:
        snapshot = recorded.row.snapshot
        metrics.add_metric("TransitionsDetected", MetricUnit.Count, int(recorded.moved))
        if recorded.moved and snapshot.unknown:
            metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        if recorded.moved and not is_explained(snapshot.failure_reason, aws.policy().advice):
            metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        logger.info("observed", arn=snapshot.arn.text, status=snapshot.status, moved=recorded.moved)
