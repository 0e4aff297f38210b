"""Feed a function from its queue as Lambda's event source does, because the local cloud's takes ten records at most."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

from local.cloud.cloud import Cloud

#: Most records of one receive, and seconds between receives of an empty queue.
HANDED_OUT, ASKS_EVERY_S = 10, 0.1


@dataclass(frozen=True)
class Pump:
    """An event source mapping: batch size, batching window and concurrent batches."""

    cloud: Cloud
    function: str
    queue: str
    batch_size: int
    window_s: float
    at_once: int
    collecting: Lock
    stopped: Event

    def works(self) -> None:
        while not self.stopped.is_set():
            with self.collecting:
                batch = list(self._batch())
            if batch:
                self._settle(batch, self.cloud.invoke(self.function, {"Records": [record(each) for each in batch]}))

    def _batch(self) -> Iterator[Mapping[str, Any]]:
        """The records that arrive within the window, which begins with the first record."""
        count, until = 0, float("inf")
        while count < self.batch_size and time.monotonic() < until and not self.stopped.is_set():
            asked = {"MaxNumberOfMessages": min(HANDED_OUT, self.batch_size - count)}
            found = self.cloud.client("sqs").receive_message(
                QueueUrl=self.queue, MessageSystemAttributeNames=["All"], **asked
            )
            messages = found.get("Messages", [])
            yield from messages
            until = time.monotonic() + self.window_s if messages and not count else until
            count += len(messages)
            if not messages:
                self.stopped.wait(ASKS_EVERY_S)

    def _settle(self, batch: list[Mapping[str, Any]], answer: Mapping[str, Any]) -> None:
        """Delete the successful records. The others come again when their visibility timeout ends."""
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        done = [each["ReceiptHandle"] for each in batch if each["MessageId"] not in failed]
        for first in range(0, len(done), HANDED_OUT):
            some = enumerate(done[first : first + HANDED_OUT])
            entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in some]
            self.cloud.client("sqs").delete_message_batch(QueueUrl=self.queue, Entries=entries)


@contextmanager
def fed(cloud: Cloud, function: str) -> Iterator[None]:
    """Replace the function's event source by a pump for the duration of the block."""
    source = cloud.client("lambda")
    [mapping] = source.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    source.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    name = mapping["EventSourceArn"].rpartition(":")[2]
    pump = Pump(
        cloud,
        function,
        cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"],
        batch_size=mapping["BatchSize"],
        window_s=mapping["MaximumBatchingWindowInSeconds"],
        at_once=mapping["ScalingConfig"]["MaximumConcurrency"],
        collecting=Lock(),
        stopped=Event(),
    )
    with ThreadPoolExecutor(pump.at_once) as workers:
        working = [workers.submit(pump.works) for _ in range(pump.at_once)]
        try:
            yield
        finally:
            pump.stopped.set()
    for each in working:
        each.result()


def record(message: Mapping[str, Any]) -> dict[str, Any]:
    """A received message as Lambda's event source passes it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
