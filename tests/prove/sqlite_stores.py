"""The stores of a proof in a state file, as `run` keeps them, which show their rows as the memory stores do."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshot_rows import read_row
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.adapters.dynamodb.values import from_attribute
from braket_notifier.adapters.memory.ledger import MemoryLedgerRow
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.adapters.sqlite.tables import SqliteTables
from braket_notifier.domain.resource import Arn, parse_arn
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.wire import decode
from braket_notifier.text.json_fields import moment, text
from tests.conftest import NOON

RETENTION_DAYS = 90
Items = dict[tuple[str, str, str], tuple[int | None, str]]


@cache
def _file() -> tuple[StateFile, SqliteTables, "TemporaryDirectory[str]"]:
    """A file for every store of a walk; each store is loaded into it for the time of a call."""
    folder = TemporaryDirectory()
    file = StateFile(Path(folder.name) / "state.sqlite")
    file._database.execute("PRAGMA synchronous = OFF")  # noqa: SLF001 - no power cut in a proof
    return file, SqliteTables(file, clock=lambda: 0.0), folder


@dataclass
class SqliteStore:
    """A store as a value: the items of the state file. Each call of its port is made on a file with these items."""

    items: Items = field(default_factory=dict)

    @staticmethod
    def make(client: Any) -> Any:
        """The port over the file's tables."""
        raise NotImplementedError

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)

        def call(*args: Any, **kwargs: Any) -> Any:
            with self._loaded() as client:
                answer = getattr(self.make(client), method)(*args, **kwargs)
                return list(answer) if isinstance(answer, Iterator) else answer

        return call

    @contextmanager
    def _loaded(self) -> Iterator[SqliteTables]:
        file, client, _ = _file()
        with file.change() as database:
            database.execute("DELETE FROM item")
            rows = [(*key, *value) for key, value in self.items.items()]
            database.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?)", rows)
        try:
            yield client
        finally:
            found = file.read("SELECT name, partition, sort, expires, attributes FROM item")
            self.items = {(str(n), str(p), str(s)): (e, str(a)) for n, p, s, e, a in found}  # type: ignore[misc]  # of SQLite

    def _rows(self) -> Iterator[Row]:
        for _, attributes in self.items.values():
            yield {name: from_attribute(value) for name, value in json.loads(attributes).items()}


@dataclass
class SqliteSnapshots(SqliteStore):
    """The port `Snapshots`."""

    @staticmethod
    def make(client: Any) -> Any:
        return DynamoSnapshots(Table(client, "snapshots"), RETENTION_DAYS)

    @property
    def rows(self) -> Mapping[Arn, SnapshotRow]:
        return {parse_arn(text(row["arn"])): read_row(row) for row in self._of_resources()}

    @property
    def changed(self) -> Mapping[Arn, datetime]:
        return {parse_arn(text(row["arn"])): moment(row["changed_at"]) or NOON for row in self._of_resources()}

    @property
    def closed(self) -> set[Arn]:
        return {parse_arn(text(row["arn"])) for row in self._of_resources() if "work" not in row}

    @property
    def starts(self) -> Mapping[str, datetime]:
        found = {text(row["arn"]): moment(row["at"]) for row in self._rows() if text(row["arn"]).startswith("start#")}
        return {key.removeprefix("start#"): at for key, at in found.items() if at}

    def expire(self) -> None:
        """Delete what has an expiry."""
        self.items = {key: value for key, value in self.items.items() if value[0] is None}

    def _of_resources(self) -> Iterator[Row]:
        return (row for row in self._rows() if text(row["arn"]).startswith("arn:"))


@dataclass
class SqliteLedger(SqliteStore):
    """The port `Ledger`."""

    @staticmethod
    def make(client: Any) -> Any:
        return DynamoLedger(Table(client, "deliveries"))

    #: No channel of these proofs is a machine's.
    machines: ClassVar[set[str]] = set()

    @property
    def rows(self) -> Mapping[str, MemoryLedgerRow]:
        found = [delivery(row) for row in self._rows()]
        return {each.notification.id: each for each in found}


@dataclass
class SqliteLeases(SqliteStore):
    """The port `ChannelLeases`."""

    @staticmethod
    def make(client: Any) -> Any:
        return DynamoChannelLeases(Table(client, "deliveries"))

    @property
    def down(self) -> Mapping[str, Health]:
        names = {text(row["partition"]).removesuffix("#lease") for row in self._rows() if row["sort"] == "lease"}
        return {name: each for name, each in self.health([*names]).items() if each != HEALTHY}


def delivery(row: Row) -> MemoryLedgerRow:
    notification, passed_on = decode(text(row["notification"], most=10**6)), "passed_on_at" in row
    state, reason = text(row["state"]), text(row.get("reason"))
    return MemoryLedgerRow(notification, state, "", None, 0, 0, None, reason=reason, passed_on=passed_on)


def in_state_file(stores: Mapping[str, Any]) -> dict[str, Any]:
    """The stores of a story with its rows, starts and cursors in state files, by the calls that make them."""
    memory, made = stores["snapshots"], SqliteSnapshots()
    for region, at in memory.starts.items():
        made.start(region, at)
    for region, cursor in memory.cursors.items():
        made.take_cursor(region, owner="before", now=NOON, until=NOON)
        made.leave_cursor(region, cursor, owner="before")
    for arn, row in memory.rows.items():
        for step in row.history:
            made.record(replace(row.snapshot, status=step.status), step, announce=True, now=memory.changed[arn])
        if row.dispatched:
            until_then = replace(row, history=row.history[: row.dispatched])
            made.dispatched(until_then, memory.changed[arn], stays=arn not in memory.closed)
    return {**stores, "snapshots": made, "leases": SqliteLeases()}
