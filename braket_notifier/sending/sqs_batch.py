"""Process a batch of queue records, each by itself, so that only failed records come again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NotRequired, TypedDict

from braket_notifier.errors import DeferError, MalformedError, NewerVersionError
from braket_notifier.sending.retry import newer_version_wait_s

#: Age and receives at which a copy replaces a waiting record, because a queue deletes a record after 14 days and gives
#: it up after a thousand receives.
RENEWED_AFTER, MOST_RECEIVES = timedelta(days=10), 500


class Record(TypedDict):
    """The members of an SQS record in Lambda's event that the functions read."""

    messageId: str
    receiptHandle: str
    body: str
    attributes: Mapping[str, str]
    messageAttributes: NotRequired[Mapping[str, object]]


class BatchResponse(TypedDict):
    """The response to Lambda; SQS deletes every record that it does not name."""

    batchItemFailures: list[dict[str, str]]


#: Logs the error of a record.
LogFailure = Callable[[Record, Exception], object]


def process(
    records: Sequence[Record],
    process_record: Callable[[Record], object],
    log_failure: LogFailure,
    measure: Callable[[Record], object] = lambda _: None,
) -> BatchResponse:
    """Process every record of a batch; measure and name those that SQS must redeliver."""
    return failed([record for record in records if not _succeeds(record, process_record, log_failure)], measure)


def failed(records: Sequence[Record], measure: Callable[[Record], object]) -> BatchResponse:
    """Measure and name records that SQS must redeliver."""
    for record in records:
        measure(record)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}


@contextmanager
def awaiting_newer_version(record: Record, now: datetime) -> Iterator[None]:
    """Defer a record that only a newer version understands, because a deployment or a rollback mixes versions.

    Raises DeferError for 72 hours, and then MalformedError.
    """
    try:
        yield
    except NewerVersionError as error:
        wait_s = newer_version_wait_s(receives(record), timedelta(seconds=seconds_deferred(record, now)))
        if wait_s is None:
            raise MalformedError(f"{error}; no newer version was deployed within 72 hours") from error
        raise DeferError(wait_s, str(error), reason="NEWER_VERSION") from error


def receives(record: Record) -> int:
    return int(record["attributes"].get("ApproximateReceiveCount", "1"))


def is_redriven(record: Record) -> bool:
    """Whether an operator moved the record back from `undelivered`, whose records have a reason or name their queue."""
    return "reason" in record.get("messageAttributes", {}) or "DeadLetterQueueSourceArn" in record["attributes"]


def seconds_deferred(record: Record, now: datetime) -> float:
    """Return the seconds since the first receive, because a redriven record would be old by any earlier time."""
    return max(0.0, now.timestamp() - int(record["attributes"]["ApproximateFirstReceiveTimestamp"]) / 1000)


def is_to_renew(record: Record, now: datetime) -> bool:
    sent_ms = record["attributes"].get("SentTimestamp")
    is_old = sent_ms is not None and now - datetime.fromtimestamp(int(sent_ms) / 1000, UTC) > RENEWED_AFTER
    return is_old or receives(record) >= MOST_RECEIVES


def _succeeds(record: Record, process_record: Callable[[Record], object], log_failure: LogFailure) -> bool:
    try:
        process_record(record)
    except DeferError:
        return False
    except Exception as error:  # noqa: BLE001 - otherwise one record would stop all others
        log_failure(record, error)
        return False
    return True
