"""A channel's queue (SQS batch) → ledger → channel."""

from contextlib import suppress
from time import time
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__, deliver
from braket_notifier.bootstrap import deliver as senders
from braket_notifier.bootstrap import shared
from braket_notifier.errors import DeferError, HoldError, MalformedError, RefusedError
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.retry import error_wait_s
from braket_notifier.sending.sqs_batch import (
    BatchResponse,
    Record,
    awaiting_newer_version,
    is_redriven,
    is_to_renew,
    process,
    receives,
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
        return process(event["Records"], _come_again, _log_failure)
    try:
        return process(event["Records"], lambda record: _deliver(record, sender), _log_failure)
    finally:
        _end_lease(sender)


def _end_lease(sender: Sender | None) -> None:
    """End the lease; a failure must fail no record, because the lease ends by itself in half a minute."""
    try:
        if sender and sender.lease:
            sender.lease.end()
    except Exception:  # the channel's next acceptance saves its health
        logger.exception("lease could not be ended")


def _log_failure(record: Record, error: Exception) -> None:
    """Log an unexpected error, and let the record come again before its visibility timeout, if it can be deferred."""
    fields = about(record["body"]) | {"message_id": record["messageId"]}
    logger.error("delivery failed, SQS redelivers the record", extra=fields, exc_info=error)
    with suppress(Exception):  # otherwise it comes after its visibility timeout
        shared.visibility("QUEUE_URL").defer(record["receiptHandle"], error_wait_s(receives(record)))


def _come_again(record: Record) -> None:
    _put_back(record, DeferError(error_wait_s(receives(record)), "the channel's row could not be read"))


def _put_back(record: Record, wait: DeferError) -> None:
    """Hide the record for its wait and raise it, or put a copy in the place of a record that SQS would delete soon."""
    if is_to_renew(record, shared.now()):
        shared.visibility("QUEUE_URL").renew(record["body"], wait.seconds)
        return
    shared.visibility("QUEUE_URL").defer(record["receiptHandle"], wait.seconds)
    raise wait


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
        if not isinstance(wait, HoldError):
            metrics.add_metric("NotificationsAmbiguous", MetricUnit.Count, int(wait.in_doubt))
        _put_back(record, wait)
    else:
        metrics.add_metric("NotificationsDelivered", MetricUnit.Count, result.notifications)
        message = "delivered" if result.notifications else "already delivered"
        logger.info(message, extra=fields | result.about | {"latency_s": carried.latency_s(time())})
