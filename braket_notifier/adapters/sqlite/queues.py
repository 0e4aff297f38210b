"""The queues in the state file, by the calls of an SQS client that the adapters of `aws/sqs.py` make.

A queue's URL is its name. A record is hidden while it is handled and comes again unless it is deleted, as in SQS; it
stays until then, however old it is.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from braket_notifier.adapters.sqlite.state_file import StateFile

#: Seconds for which a record may be hidden, as in SQS; one that is hidden for longer was hidden before the clock of
#: the machine went back.
LONGEST_HIDDEN_S = 12 * 3600
#: Seconds for which a receive hides a record, unless it says otherwise; longer than a whole batch may take.
HIDDEN_S = 722
Answer = dict[str, object]


class SqliteQueues:
    """The calls of an SQS client over one state file; the clock is in seconds since 1970."""

    def __init__(self, file: StateFile, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock

    def send_message(
        self,
        *,
        QueueUrl: str,
        MessageBody: str,
        DelaySeconds: int = 0,
        MessageAttributes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Answer:
        reason = (MessageAttributes or {}).get("reason", {}).get("StringValue", "")
        return {"MessageId": self._put(QueueUrl, [(MessageBody, reason)], DelaySeconds)[0]}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, str]]) -> Answer:
        ids = self._put(QueueUrl, [(each["MessageBody"], "") for each in Entries], 0)
        return {"Successful": [{"MessageId": each} for each in ids]}

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int = 1,
        VisibilityTimeout: int = HIDDEN_S,
        **_: object,
    ) -> Answer:
        """Hide the records that were visible first, and return them in SQS's form; nothing waits for further ones."""
        now = self._clock()
        if not self._file.read(f"SELECT 1 FROM record WHERE {_VISIBLE} LIMIT 1", (QueueUrl, now, now)):  # noqa: S608 - our own words
            return {}  # without a write, because a queue is asked each second
        with self._file.change() as database:
            found = database.execute(
                f"SELECT number, body, reason, sent_at, receives, coalesce(received_at, ?) FROM record"  # noqa: S608 - our own words
                f" WHERE {_VISIBLE} ORDER BY visible_at, number LIMIT ?",
                (now, QueueUrl, now, now, MaxNumberOfMessages),
            ).fetchall()
            database.executemany(
                "UPDATE record SET visible_at = ?, receives = receives + 1, received_at = coalesce(received_at, ?)"
                " WHERE number = ?",
                [(now + VisibilityTimeout, now, row[0]) for row in found],
            )
        return {"Messages": [_message(*row) for row in found]}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: ARG002 - SQS's call
        with self._file.change() as database:
            until = self._clock() + VisibilityTimeout
            database.execute("UPDATE record SET visible_at = ? WHERE number = ?", (until, ReceiptHandle))

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: ARG002 - SQS's call
        with self._file.change() as database:
            database.execute("DELETE FROM record WHERE number = ?", (ReceiptHandle,))

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Sequence[str]) -> Answer:
        """Return the number of records, hidden and delayed ones too, as the first attribute that was asked for."""
        [(count,)] = self._file.read("SELECT count(*) FROM record WHERE queue = ?", (QueueUrl,))
        return {"Attributes": {AttributeNames[0]: str(count)}}

    def _put(self, queue: str, records: Sequence[tuple[str, str]], delay_s: int) -> list[str]:
        now = self._clock()
        put = "INSERT INTO record (queue, body, reason, sent_at, visible_at) VALUES (?, ?, ?, ?, ?)"
        with self._file.change() as database:
            return [
                str(database.execute(put, (queue, body, reason, now, now + delay_s)).lastrowid)
                for body, reason in records
            ]


_VISIBLE = f"queue = ? AND (visible_at <= ? OR visible_at > ? + {LONGEST_HIDDEN_S})"


def _message(number: int, body: str, reason: str, sent_at: float, receives: int, received_at: float) -> Answer:
    return {
        "MessageId": str(number),
        "ReceiptHandle": str(number),
        "Body": body,
        "Attributes": {
            "ApproximateReceiveCount": str(receives + 1),
            "ApproximateFirstReceiveTimestamp": str(int(received_at * 1000)),
            "SentTimestamp": str(int(sent_at * 1000)),
        },
        "MessageAttributes": {"reason": {"StringValue": reason}} if reason else {},
    }
