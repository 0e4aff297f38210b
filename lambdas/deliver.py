"""A channel's queue (SQS batch) → ledger → the channel."""

from time import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from notifier import aws, delivery
from notifier.batch import Answer, Record, deal_with
from notifier.detect import PutBackError
from notifier.ports import RefusedError
from notifier.sending import HeldError, Sender
from notifier.wire import MalformedNotificationError, decode_record

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    metrics.add_metric("NotificationsDelivered", MetricUnit.Count, 0)  # a batch without a success is a count too
    sender = aws.sender(uuid4().hex, lambda: context.get_remaining_time_in_millis() / 1000)
    try:
        return deal_with(event["Records"], lambda record: _deliver(record, sender), _broken)
    finally:
        if sender and sender.turn:
            sender.turn.end()


def _broken(record: Record, error: Exception) -> None:
    logger.error("delivery failed; the record comes again", message_id=record["messageId"], exc_info=error)


def _deliver(record: Record, sender: Sender | None) -> None:
    try:
        carried = decode_record(record["body"])
        told = delivery.deliver(carried, sender, owner=uuid4().hex)
    except (MalformedNotificationError, RefusedError) as error:
        logger.error("kept as undelivered", reason=str(error), message_id=record["messageId"])  # noqa: TRY400 - no bug
        aws.undelivered().keep(record["body"], str(error))
    except PutBackError as wait:
        logger.info("put back", reason=str(wait), message_id=record["messageId"])
        if not isinstance(wait, HeldError):
            metrics.add_metric("NotificationsAmbiguous", MetricUnit.Count, int(wait.in_doubt))
            metrics.add_metric("OldestPendingSeconds", MetricUnit.Seconds, _age_s(record))
        aws.waits("QUEUE_URL").put_back(record["receiptHandle"], wait.seconds)
        raise
    else:
        metrics.add_metric("NotificationsDelivered", MetricUnit.Count, told)
        logger.info("delivered", extra={**carried.about, "told": told})


def _age_s(record: Record) -> float:
    """How long it has waited in the channel's queue."""
    return max(0.0, time() - int(record["attributes"]["SentTimestamp"]) / 1000)
