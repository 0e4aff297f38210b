"""A batch of queue records: each is dealt with by itself, and only those that fail come again."""

from collections.abc import Callable, Mapping, Sequence
from time import time
from typing import TypedDict

from braket_notifier.errors import DeferError


class Record(TypedDict):
    """A record of SQS as Lambda hands it over, as far as it is read here."""

    messageId: str
    receiptHandle: str
    body: str
    attributes: Mapping[str, str]


class BatchResponse(TypedDict):
    """What Lambda wants to know: SQS deletes the records that are not named."""

    batchItemFailures: list[dict[str, str]]


#: Says that a record broke, and by what.
Broken = Callable[[Record, Exception], object]


def deal_with(records: Sequence[Record], one: Callable[[Record], object], broken: Broken) -> BatchResponse:
    """Deal with all of them; what is put back has said why, and what breaks, be it while it is put back, is said."""
    failed = [record["messageId"] for record in records if not _done(record, one, broken)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def age_s(record: Record) -> float:
    """How long it has waited in its queue."""
    return max(0.0, time() - int(record["attributes"]["SentTimestamp"]) / 1000)


def _done(record: Record, one: Callable[[Record], object], broken: Broken) -> bool:
    try:
        one(record)
    except DeferError:
        return False
    except Exception as error:  # noqa: BLE001 - the record comes again, and keeps no other from its turn
        broken(record, error)
        return False
    return True
