"""Find queues in which records wait without a reader, of functions or of regions that could not forward events."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def stalled_queues(places: Sequence[tuple["SQSClient", str]]) -> Mapping[str, int]:
    """Count the waiting records of each queue without a record in work, and read all queues at once."""
    with ThreadPoolExecutor(len(places)) as readers:
        counts = readers.map(_waiting, *zip(*places, strict=True))
        return {url: count for (_, url), count in zip(places, counts, strict=True) if count}


def _waiting(client: "SQSClient", url: str) -> int:
    """Count waiting records; a deferred record is in work, because only a reader defers records."""
    try:
        answer = client.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )
    except client.exceptions.QueueDoesNotExist:
        return 0  # the region is swept but does not forward events yet
    counts = answer["Attributes"]
    in_work = int(counts["ApproximateNumberOfMessagesNotVisible"])
    return 0 if in_work else int(counts["ApproximateNumberOfMessages"])
