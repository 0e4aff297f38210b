"""Reads, returns and deletes the records of the queue `undelivered`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import code_of
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.sending.wire import decode
from braket_notifier.text.json_fields import object_in, text

BATCH = 10
#: Seconds for reading the queue and for an answer; afterwards unhandled records are visible again.
HIDDEN_S = 120
#: Ends of SQS's codes for a record that is visible or gone.
VISIBLE_ALREADY = ("MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid")


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the queue `undelivered`: a notification, an event, or an unreadable text with its reason."""

    receipt: str
    raw: str
    reason: str
    notification: Notification | None

    @property
    def is_event(self) -> bool:
        """Whether it is an event to read again; the notifier adds a reason to unreadable records."""
        return not self.reason and self.notification is None and "detail-type" in object_in(self.raw)


def read_records(place: Installation) -> Iterator[Kept]:
    """Hide every visible record of the queue, and read it."""
    request = {
        "QueueUrl": place.queue("undelivered"),
        "MaxNumberOfMessages": BATCH,
        "VisibilityTimeout": HIDDEN_S,
        "WaitTimeSeconds": 1,
        "MessageAttributeNames": ["All"],
    }
    while records := place.client("sqs").receive_message(**request).get("Messages", []):
        yield from map(_read, records)


def delete(place: Installation, kept: Iterable[Kept]) -> None:
    for each in kept:
        place.client("sqs").delete_message(QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt)


def give_back(place: Installation, kept: Iterable[Kept]) -> None:
    """Make the records visible again at once; after a late answer they are visible already, which SQS refuses."""
    for each in kept:
        try:
            place.client("sqs").change_message_visibility(
                QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt, VisibilityTimeout=0
            )
        except ClientError as error:
            if not code_of(error).endswith(VISIBLE_ALREADY):
                raise


def _read(record: Any) -> Kept:  # noqa: ANN401 - SQS's own
    reason = text(record.get("MessageAttributes", {}).get("reason", {}).get("StringValue"))
    notification = None
    try:
        notification = decode(record["Body"])
    except MalformedNotificationError:
        pass  # an event, or a text that stays
    except NewerVersionError as error:
        reason = reason or str(error)
    return Kept(record["ReceiptHandle"], record["Body"], reason, notification)
