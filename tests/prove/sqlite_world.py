"""A simulated world whose tables and channels' queues are in a state file, as `run` keeps them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.adapters.dynamodb.values import from_attribute
from braket_notifier.adapters.memory.ledger import MemoryLedgerRow
from braket_notifier.adapters.memory.queues import MemoryQueueRecord
from braket_notifier.adapters.sqlite.queues import SqliteQueues
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.adapters.sqlite.tables import SqliteTables
from tests.prove.sqlite_stores import Items, SqliteLeases, SqliteLedger, SqliteSnapshots, delivery
from tests.prove.world import Queue, Record, World


class InWorld:
    """A store of a whole world, which stays in the world's own file."""

    def __init__(self, file: StateFile, table: str) -> None:
        self.items: Items = {}
        self._file, self._table, self._client = file, table, SqliteTables(file, clock=lambda: 0.0)

    @contextmanager
    def _loaded(self) -> Iterator[SqliteTables]:
        yield self._client

    def _rows(self) -> Iterator[Row]:
        for (attributes,) in self._file.read("SELECT attributes FROM item WHERE name = ?", (self._table,)):
            yield {name: from_attribute(value) for name, value in json.loads(str(attributes)).items()}


class WorldSnapshots(InWorld, SqliteSnapshots):
    """The port `Snapshots` of a world."""


class WorldLedger(InWorld, SqliteLedger):
    """The port `Ledger` of a world."""

    @property
    def rows(self) -> Mapping[str, MemoryLedgerRow]:
        found = [delivery(row) for row in self._rows() if "notification" in row]
        return {each.notification.id: each for each in found}


class WorldLeases(InWorld, SqliteLeases):
    """The port `ChannelLeases` of a world."""


class WorldQueue(Queue):
    """A queue of a world in its file; it shows the records that were visible first."""

    def __init__(self, file: StateFile, name: str, clock: Callable[[], datetime], hides: timedelta) -> None:
        self.hides, self.clock, self.dead, self.sent, self.received = hides, clock, [], {}, {}
        self._file, self._name = file, name
        self._sqs = SqliteQueues(file, clock=lambda: clock().timestamp())

    @property
    def records(self) -> dict[int, Record]:  # type: ignore[override]
        rows: Any = self._file.read(
            "SELECT number, body, visible_at, receives FROM record WHERE queue = ? ORDER BY number", (self._name,)
        )
        return {
            n: MemoryQueueRecord(n, body, datetime.fromtimestamp(at, UTC), receives) for n, body, at, receives in rows
        }

    def put(self, content: str, visible_at: datetime | None = None) -> None:
        delay = (visible_at - self.clock()).total_seconds() if visible_at else 0
        answer = self._sqs.send_message(QueueUrl=self._name, MessageBody=content, DelaySeconds=round(delay))
        self.sent[int(str(answer["MessageId"]))] = self.clock()

    def receive(self, now: datetime, numbers: Sequence[int] = (), *, most: int = 10) -> list[Record]:  # noqa: ARG002 - the clock is its own
        answer: Any = self._sqs.receive_message(
            QueueUrl=self._name,
            MaxNumberOfMessages=len(numbers) or most,
            VisibilityTimeout=int(self.hides.total_seconds()),
        )
        received = {int(each["MessageId"]) for each in answer.get("Messages", ())}
        return [each for number, each in self.records.items() if number in received]

    def defer(self, number: int, until: datetime) -> None:
        wait = round((until - self.clock()).total_seconds())
        self._sqs.change_message_visibility(QueueUrl=self._name, ReceiptHandle=str(number), VisibilityTimeout=wait)

    def delete(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._sqs.delete_message(QueueUrl=self._name, ReceiptHandle=str(number))


def world_in_state_file(seed: int, file: StateFile) -> World:
    """A world whose tables and channels' queues are in a state file."""
    made = World(
        seed=seed,
        snapshots=cast("Any", WorldSnapshots(file, "snapshots")),
        ledger=cast("Any", WorldLedger(file, "deliveries")),
        leases=cast("Any", WorldLeases(file, "deliveries")),
    )
    for name, queue in made.queues.items():
        made.queues[name] = WorldQueue(file, name, queue.clock, queue.hides)
    return made


@contextmanager
def temporary_state_file() -> Iterator[StateFile]:
    """A file without the synchronisation that only a power cut needs."""
    with TemporaryDirectory() as folder:
        file = StateFile(Path(folder) / "state.sqlite")
        file._database.execute("PRAGMA synchronous = OFF")  # noqa: SLF001 - no power cut in a proof
        yield file
        file.close()
