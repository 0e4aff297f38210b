"""A channel's queue (SQS batch) → ledger → channel."""

from functools import partial
from time import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, deliver
from braket_notifier.bootstrap import deliver as senders
from braket_notifier.bootstrap import shared
from braket_notifier.errors import DeferError, MalformedError, RefusedError
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.sqs_batch import (
    BatchResponse,
    Record,
    awaiting_newer_version,
    failed,
    is_redriven,
    process,
)
from braket_notifier.sending.wire import about, decode_record

logger = Logger(version=__version__)
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    shared.begin()
    metrics.add_metric("NotificationsDelivered", MetricUnit.Count, 0)  # a batch without a success is a data point too
    try:
        sender = senders.sender(uuid4().hex, lambda: context.get_remaining_time_in_millis() / 1000)
    except Exception:  # otherwise the whole batch would be hidden until the end of its visibility timeout
        logger.exception("the channel's row could not be read, SQS redelivers the batch")
        return failed(event["Records"], partial(shared.come_again, "QUEUE_URL"))
    try:
        return process(event["Records"], lambda record: _deliver(record, sender), _log_failure)
    finally:
        senders.end_lease(sender)


def _log_failure(record: Record, error: Exception) -> None:
    fields = about(record["body"]) | {"message_id": record["messageId"]}
    logger.error("delivery failed, SQS redelivers the record", extra=fields, exc_info=error)
    shared.come_again("QUEUE_URL", record)


def _deliver(record: Record, sender: Sender | None) -> None:
    fields: dict[str, object] = {"message_id": record["messageId"]}
    try:
        with awaiting_newer_version(record, shared.now()):
            fields |= (carried := decode_record(record["body"])).about
            result = deliver.deliver(carried, sender, owner=uuid4().hex, redriven=is_redriven(record))
    except (MalformedError, RefusedError) as error:
        if isinstance(error, MalformedError):
            metrics.add_metric("UnknownWords", MetricUnit.Count, 1)
        shared.undelivered().put(record["body"], str(error))
        logger.error("notification kept as undelivered", extra=fields | {"reason": str(error)})  # noqa: TRY400 - not a defect
    except DeferError as wait:
        level = logger.warning if wait.in_doubt else logger.info
        level("notification deferred", extra=fields | wait.about)
        for measure in senders.measures(wait):
            metrics.add_metric(*measure)
        shared.put_back("QUEUE_URL", record, wait)
    else:
        metrics.add_metric("NotificationsDelivered", MetricUnit.Count, result.notifications)
        message = "delivered" if result.notifications else "already delivered"
        logger.info(message, extra=fields | result.about | {"latency_s": carried.latency_s(time())})
