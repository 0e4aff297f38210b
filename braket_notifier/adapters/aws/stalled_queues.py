"""Find queues in which records wait without a reader, of functions or of regions that could not forward events."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Uncounted = ClientError | BotoCoreError


def stalled_queues(places: Sequence[tuple["SQSClient", str]]) -> Mapping[str, int | Uncounted]:
    """Count the waiting records of each queue without a record in work, and read all queues at once.

    A queue that cannot be counted has its error in place of the count, and voids no other count.
    """
    with ThreadPoolExecutor(len(places)) as readers:
        counts = readers.map(_waiting_or_error, *zip(*places, strict=True))
        return {url: count for (_, url), count in zip(places, counts, strict=True) if count}


def _waiting_or_error(client: "SQSClient", url: str) -> int | Uncounted:
    """Count waiting records; a deferred record is in work, because only a reader defers records."""
    try:
        counts = client.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
    except client.exceptions.QueueDoesNotExist:
        return 0  # the region is swept but does not forward events yet
    except (ClientError, BotoCoreError) as error:
        return error
    in_work = int(counts["ApproximateNumberOfMessagesNotVisible"])
    return 0 if in_work else int(counts["ApproximateNumberOfMessages"])
