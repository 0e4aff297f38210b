"""Where records wait and nobody reads: a function is cut off from its queue, or a region could not forward."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def stalled_queues(places: Sequence[tuple["SQSClient", str]]) -> Mapping[str, int]:
    """How many records wait in each queue of which nobody works on any; all asked at once, some are far away."""
    with ThreadPoolExecutor(len(places)) as askers:
        counts = askers.map(_waiting, *zip(*places, strict=True))
        return {url: count for (_, url), count in zip(places, counts, strict=True) if count}


def _waiting(client: "SQSClient", url: str) -> int:
    """What is put back for later counts as taken: whoever did that reads the queue."""
    try:
        answer = client.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )
    except client.exceptions.QueueDoesNotExist:
        return 0  # of a region that is swept and does not forward (yet)
    counts = answer["Attributes"]
    taken = int(counts["ApproximateNumberOfMessagesNotVisible"])
    return 0 if taken else int(counts["ApproximateNumberOfMessages"])
