"""An SQS standard queue: at least once, in no order, hidden during work, dead letters after many receives."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

LONGEST_WAIT = timedelta(hours=12)


@dataclass
class Record:
    """One message of a queue."""

    receipt: str
    body: str
    visible_at: datetime
    receives: int = 0

    @property
    def words(self) -> dict[str, Any]:
        """The record in the form of Lambda's event source."""
        counted = {"ApproximateReceiveCount": str(self.receives), "SentTimestamp": "0"}
        return {
            "messageId": self.receipt,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": counted,
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }


@dataclass
class WorldQueue:
    """Messages by receipt; `dead` has the messages with too many receives."""

    hidden: timedelta
    most_receives: int
    random: Random
    records: dict[str, Record] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    count: int = 0

    def put(self, body: str, visible_at: datetime) -> None:
        self.count += 1
        self.records[str(self.count)] = Record(str(self.count), body, visible_at)

    def receive(self, now: datetime, most: int, *, again: bool = False) -> list[Record]:
        """Any of the visible records; with `again`, SQS may deliver a hidden one too."""
        found = [each for each in self.records.values() if again or each.visible_at <= now]
        received = []
        for record in self.random.sample(found, min(most, len(found))):
            if record.receives >= self.most_receives:
                self.dead.append(self.records.pop(record.receipt).body)
                continue
            record.receives, record.visible_at = record.receives + 1, now + self.hidden
            received.append(record)
        return received

    def delete(self, receipt: str) -> None:
        self.records.pop(receipt, None)

    def put_back(self, receipt: str, seconds: int, now: datetime) -> None:
        if record := self.records.get(receipt):
            record.visible_at = now + min(timedelta(seconds=seconds), LONGEST_WAIT)

    @property
    def next_visible(self) -> datetime | None:
        return min((each.visible_at for each in self.records.values()), default=None)
