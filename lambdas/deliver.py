"""A channel's queue (SQS batch) → ledger → the channel."""

from time import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from notifier import aws, delivery
from notifier.detect import PutBackError
from notifier.ports import RefusedError
from notifier.sending import HeldError, Sender
from notifier.wire import MalformedNotificationError, decode_record

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metric("NotificationsDelivered", MetricUnit.Count, 0)  # a batch without a success is a count too
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    sender = aws.sender(uuid4().hex, lambda: context.get_remaining_time_in_millis() / 1000)
    try:
        return dict(process_partial_response(event, lambda record: _deliver(record, sender), processor, context))
    finally:
        if sender and sender.turn:
            sender.turn.end()


def _deliver(record: SQSRecord, sender: Sender | None) -> None:
    try:
        carried = decode_record(record.body)
        told = delivery.deliver(carried, sender, owner=uuid4().hex)
    except (MalformedNotificationError, RefusedError) as error:
        logger.error("kept as undelivered", reason=str(error), message_id=record.message_id)  # noqa: TRY400 - no bug
        aws.undelivered().keep(record.body, str(error))
    except PutBackError as wait:
        logger.info("put back", reason=str(wait), message_id=record.message_id)
        if not isinstance(wait, HeldError):
            metrics.add_metric("NotificationsAmbiguous", MetricUnit.Count, int(wait.in_doubt))
            metrics.add_metric("OldestPendingSeconds", MetricUnit.Seconds, _age_s(record))
        aws.waits("QUEUE_URL").put_back(record.receipt_handle, wait.seconds)
        raise
    except Exception:
        logger.exception("delivery failed; the record comes again", message_id=record.message_id)
        raise
    else:
        metrics.add_metric("NotificationsDelivered", MetricUnit.Count, told)
        logger.info("delivered", extra={**carried.about, "told": told})


def _age_s(record: SQSRecord) -> float:
    """How long it has waited in the channel's queue."""
    return max(0.0, time() - int(record.attributes.sent_timestamp) / 1000)
