"""Amazon SQS: the channels' queues, the visibility of a record, and the queue of undelivered records."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Closing, Notification, Wake
from braket_notifier.errors import NotifierError
from braket_notifier.sending.wire import encode, encode_closing, encode_wake

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: Entries and bytes of one batch; SQS accepts ten and 256 KiB, in UTF-8.
ENTRIES = 10
BYTES = 262_144
#: Bytes of the reason beside an undelivered record, whose body may fill nearly all of its room.
REASON = 1000
#: Seconds for which a record may be hidden, because SQS allows twelve hours after its receive.
LONGEST_WAIT_S = 11 * 3600
#: The longest delay of a new record in SQS, in seconds.
LONGEST_DELAY_S = 900
#: Characters that SQS refuses; compiled on first use, because compiling takes as long as importing ten modules.
_NOT_IN_SQS = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class NotEnqueuedError(NotifierError):
    """SQS did not accept some notifications; the caller enqueues all of them again, which is harmless."""


class SqsChannelQueues:
    """The port `ChannelQueues`: channel name → queue URL."""

    def __init__(self, client: "SQSClient", urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put each channel's notifications, and raise the failures at the end, so that no channel stops another."""
        failures = []
        for channel in dict.fromkeys(channel_of(each.channel) for each in notifications):
            try:
                self._put(channel, [encode(each) for each in notifications if channel_of(each.channel) == channel])
            except Exception as error:  # noqa: BLE001 - botocore fails in several ways over an odd answer
                failures.append(f"{channel}: {error}")
        _raise(failures)

    def wake(self, wakes: Iterable[Wake], after_s: int = 0) -> None:
        """Make channels visit their groups, after a delay of fifteen minutes at most; failures as in `enqueue`."""
        failures = []
        for each in wakes:
            try:
                _send(self._client, self._urls[channel_of(each.channel)], encode_wake(each), after_s)
            except Exception as error:  # noqa: BLE001 - as above
                failures.append(f"{each.channel}: {error}")
        _raise(failures)

    def _put(self, channel: str, bodies: Sequence[str]) -> None:
        if channel not in self._urls:
            raise NotEnqueuedError("the channel has no queue")
        for batch in _batches(bodies):
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
            answer = self._client.send_message_batch(QueueUrl=self._urls[channel], Entries=entries)  # type: ignore[arg-type]  # Id and MessageBody
            if failed := answer.get("Failed"):
                raise NotEnqueuedError(f"{len(failed)} of {len(batch)} not accepted: {failed[0].get('Code')}")
            if len(answer.get("Successful", ())) != len(batch):
                raise NotEnqueuedError("SQS confirmed not every record")


class SqsWaits:
    """Hides a record of one queue for some seconds."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def defer(self, receipt: str, seconds: int) -> None:
        wait = min(seconds, LONGEST_WAIT_S)
        self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=wait)

    def renew(self, body: str, seconds: int) -> None:
        """Put a copy of a record that SQS would delete soon; the caller deletes the record afterwards."""
        _send(self._client, self._url, body, min(seconds, LONGEST_DELAY_S))


class SqsCloseTimer:
    """The port `CloseTimer` over the channel's own queue, which delays a record for up to fifteen minutes."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def schedule(self, closing: Closing, after_s: int) -> None:
        _send(self._client, self._url, encode_closing(closing), min(after_s, LONGEST_DELAY_S))


class SqsUndelivered:
    """The queue of records that no retry can deliver, with their raw text."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, raw: str, reason: str) -> None:
        """Cut the reason to the bytes that the record leaves; a record that leaves none is kept without a reason."""
        room = max(0, min(REASON, BYTES - _size(raw) - len("reasonString")))
        shown = (re.sub(_NOT_IN_SQS, "?", reason) or "no reason given").encode()[:room].decode(errors="ignore")
        _send(self._client, self._url, raw, reason=shown)

    def waiting(self) -> int:
        """Return SQS's approximate number of records."""
        name: Literal["ApproximateNumberOfMessages"] = "ApproximateNumberOfMessages"
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])


def _raise(failures: Sequence[str]) -> None:
    if failures:
        raise NotEnqueuedError("; ".join(failures))


def _send(client: "SQSClient", url: str, body: str, delay_s: int = 0, reason: str = "") -> None:
    """Put one record; without its id the answer is not SQS's, and the record would be lost in silence."""
    answer = client.send_message(
        QueueUrl=url,
        MessageBody=body,
        DelaySeconds=delay_s,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}} if reason else {},
    )
    if not answer.get("MessageId"):
        raise NotEnqueuedError("SQS did not confirm the record")


def _batches(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    for body in bodies:
        if batch and (len(batch) == ENTRIES or sum(map(_size, batch)) + _size(body) > BYTES):
            yield batch
            batch = []
        batch.append(body)
    if batch:
        yield batch


def _size(body: str) -> int:
    """Count bytes as SQS does."""
    return len(body.encode())
