"""A batch of queue records: each is dealt with by itself, and only those that fail come again."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict


class Record(TypedDict):
    """A record of SQS as Lambda hands it over, as far as it is read here."""

    messageId: str
    receiptHandle: str
    body: str
    attributes: Mapping[str, str]


class Answer(TypedDict):
    """What Lambda wants to know: SQS deletes the records that are not named."""

    batchItemFailures: list[dict[str, str]]


def deal_with(records: Sequence[Record], one: Callable[[Record], object]) -> Answer:
    """Deal with all of them; whoever raises has said why."""
    failed = [record["messageId"] for record in records if not _done(record, one)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _done(record: Record, one: Callable[[Record], object]) -> bool:
    try:
        one(record)
    except Exception:  # noqa: BLE001 - the record comes again, and keeps no other from its turn
        return False
    return True
