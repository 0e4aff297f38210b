"""A queue record as Lambda's event source passes it to a function."""

from datetime import datetime
from typing import Any


def event_record(
    number: str, body: str, receipt: str = "", *, receives: int, first_received: datetime, sent: datetime
) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(receives),
        "ApproximateFirstReceiveTimestamp": _ms(first_received),
        "SentTimestamp": _ms(sent),
    }
    record = {"messageId": number, "receiptHandle": receipt or number, "body": body, "attributes": attributes}
    return record | {"messageAttributes": {}, "eventSource": "aws:sqs"}


def _ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
