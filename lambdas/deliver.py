"""A channel's queue (SQS batch) → ledger → the channel."""

from time import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, bootstrap, deliver
from braket_notifier.errors import DeferError, HoldError, MalformedNotificationError, RefusedError
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.sqs_batch import BatchResponse, Record, age_s, deal_with
from braket_notifier.sending.wire import about, decode_record

logger = Logger(version=__version__)
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    metrics.add_metric("NotificationsDelivered", MetricUnit.Count, 0)  # a batch without a success is a count too
    sender = bootstrap.sender(uuid4().hex, lambda: context.get_remaining_time_in_millis() / 1000)
    try:
        return deal_with(event["Records"], lambda record: _deliver(record, sender), _broken)
    finally:
        if sender and sender.lease:
            sender.lease.end()


def _broken(record: Record, error: Exception) -> None:
    said = about(record["body"]) | {"message_id": record["messageId"]}
    logger.error("delivery failed; the record comes again", extra=said, exc_info=error)


def _deliver(record: Record, sender: Sender | None) -> None:
    said: dict[str, object] = {"message_id": record["messageId"]}
    try:
        said |= (carried := decode_record(record["body"])).about
        told = deliver.deliver(carried, sender, owner=uuid4().hex)
    except (MalformedNotificationError, RefusedError) as error:
        bootstrap.undelivered().put(record["body"], str(error))
        logger.error("kept as undelivered", extra=said | {"reason": str(error)})  # noqa: TRY400 - no bug
    except DeferError as wait:
        level = logger.warning if wait.in_doubt else logger.info
        level("put back", extra=said | {"reason": str(wait)})
        if not isinstance(wait, HoldError):
            metrics.add_metric("NotificationsAmbiguous", MetricUnit.Count, int(wait.in_doubt))
            metrics.add_metric("OldestPendingSeconds", MetricUnit.Seconds, age_s(record))
        bootstrap.visibility("QUEUE_URL").put_back(record["receiptHandle"], wait.seconds)
        raise
    else:
        metrics.add_metric("NotificationsDelivered", MetricUnit.Count, told.many)
        message = "delivered" if told.many else "nothing to tell"
        logger.info(message, extra=said | told.about | {"latency_s": carried.latency_s(time())})
