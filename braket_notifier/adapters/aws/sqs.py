"""Amazon SQS: the channels' queues, the waiting time of a record, and what no retry can mend."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.sending.wire import encode, encode_closing

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: SQS takes ten entries and 256 KiB in one batch; the body is ASCII, so characters are bytes.
ENTRIES = 10
BYTES = 200_000
#: SQS hides a record for twelve hours at most, counted from when it was received.
LONGEST_WAIT_S = 11 * 3600
LONGEST_DELAY_S = 900
#: Compiled when it is first needed, which is seldom: that takes as long as to import ten modules.
_NOT_IN_SQS = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class NotEnqueuedError(Exception):
    """Some notifications of a batch were not taken; enqueuing all of them again is harmless."""


class SqsChannelQueues:
    """The port `ChannelQueues`: channel name → queue URL."""

    def __init__(self, client: "SQSClient", urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """One channel's broken queue keeps nothing from the others; what failed is raised in the end."""
        failures = []
        for channel in dict.fromkeys(each.channel for each in notifications):
            try:
                self._put(channel, [encode(each) for each in notifications if each.channel == channel])
            except (ClientError, BotoCoreError, NotEnqueuedError) as error:
                failures.append(f"{channel}: {error}")
        if failures:
            raise NotEnqueuedError("; ".join(failures))

    def _put(self, channel: str, bodies: Sequence[str]) -> None:
        if channel not in self._urls:
            raise NotEnqueuedError("it has no queue")
        for batch in _batches(bodies):
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
            answer = self._client.send_message_batch(QueueUrl=self._urls[channel], Entries=entries)  # type: ignore[arg-type]  # Id and MessageBody
            if failed := answer.get("Failed"):
                raise NotEnqueuedError(f"{len(failed)} of {len(batch)} not taken: {failed[0].get('Code')}")


class SqsWaits:
    """Gives a record of one queue back, not to come again before some seconds."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put_back(self, receipt: str, seconds: int) -> None:
        wait = min(seconds, LONGEST_WAIT_S)
        self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=wait)


class SqsCloseTimer:
    """The port `Reminders`: the channel's own queue, which hides a message for fifteen minutes at most."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def schedule(self, closing: Closing, after_s: int) -> None:
        delay = min(after_s, LONGEST_DELAY_S)
        self._client.send_message(QueueUrl=self._url, MessageBody=encode_closing(closing), DelaySeconds=delay)


class SqsUndelivered:
    """The port `Undelivered`."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, raw: str, reason: str) -> None:
        shown = re.sub(_NOT_IN_SQS, "?", reason)[:1000] or "no reason given"
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=raw,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": shown}},
        )

    def waiting(self) -> int:
        """How much lies there, as SQS guesses it."""
        name: Literal["ApproximateNumberOfMessages"] = "ApproximateNumberOfMessages"
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])


def _batches(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    for body in bodies:
        if batch and (len(batch) == ENTRIES or sum(map(len, batch)) + len(body) > BYTES):
            yield batch
            batch = []
        batch.append(body)
    if batch:
        yield batch
