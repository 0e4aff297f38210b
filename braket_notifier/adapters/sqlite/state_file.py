"""The state file: one SQLite database that one notifier at a time works on, beside commands that read and mute.

The file uses a rollback journal and a full synchronisation, because that also works on a network drive whose locks
work, and a write that returned survives a power cut.
"""

import os
import socket
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP
from pathlib import Path
from tempfile import TemporaryFile
from threading import RLock

from braket_notifier.errors import NotifierError

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, lockf

#: The number of the tables' form, in the file's `user_version`.
FORM = 1
#: Seconds for which a call waits for another process that writes.
PATIENCE_S = 20.0
#: Attributes by which the notifier looks items up, each with the one that sorts them.
INDEXES = {"work": "", "parent": "", "open_in": "", "ended_in": "ended_on", "visit_in": "visit_at"}
#: The answers of a drive without locks; a busy lock has others.
NO_LOCKS = {ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP}
#: The likely causes of errors that SQLite's own words do not explain.
CAUSES = {
    sqlite3.SQLITE_BUSY: "another process works on it, or its drive has no locks; ",
    sqlite3.SQLITE_IOERR: "its disk is full, or its drive has no locks; ",
    sqlite3.SQLITE_READONLY: "you may not write it, or not into its folder; ",
    sqlite3.SQLITE_CANTOPEN: "you may not write it, or not into its folder; ",
}
ELSEWHERE = "--state names another file"
ANEW = "the next run begins anew without announcing what ended before"
_TABLES = """
CREATE TABLE item (
    name TEXT NOT NULL, partition TEXT NOT NULL, sort TEXT NOT NULL, expires INTEGER, attributes TEXT NOT NULL,
    PRIMARY KEY (name, partition, sort)
) WITHOUT ROWID;
CREATE TABLE record (
    number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL, reason TEXT NOT NULL,
    sent_at REAL NOT NULL, visible_at REAL NOT NULL, receives INTEGER NOT NULL DEFAULT 0, received_at REAL
);
CREATE INDEX of_queue ON record (queue, visible_at);
"""


class StateFileError(NotifierError):
    """The state file cannot be used; the message names the file, the reason and the remedy."""


class LostStateError(StateFileError):
    """The state file is damaged or gone, so no repetition helps."""


class StateFile:
    """The open file. One thread at a time uses it, and a failed change leaves the file as it was."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it with its folder; raises StateFileError."""
        self.path = path
        self._lock = RLock()
        with _named_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)  # names and failure reasons of the user's own tasks are nobody else's
            _refuse_without_locks(path)
            self._database = _connect(path, PATIENCE_S)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with self.change() as database:
            [(form,)] = database.execute("PRAGMA user_version")
            if form > FORM:
                raise StateFileError(f"{self.path} was written by a newer version of the notifier: update this one")
            if form < FORM:
                for statement in (*filter(str.strip, _TABLES.split(";")), *map(_index, INDEXES)):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {FORM}")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Make all changes within, or none of them."""
        with self._lock, _named_errors(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")  # it fails while another process reads, and the change stays open
            except BaseException:
                if self._database.in_transaction:  # a full disk has ended it already
                    self._database.execute("ROLLBACK")
                raise

    def read(self, statement: str, values: Mapping[str, object] | Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock, _named_errors(self.path):
            return self._database.execute(statement, values).fetchall()

    def close(self) -> None:
        self._database.close()

    def hold(self) -> "FileHolder":
        """Make this process the only notifier of the file; StateFileError names the other one."""
        with _named_errors(self.path):
            return FileHolder(self.path)


class FileHolder:
    """The mark of the notifier that works on a state file; the operating system ends it with the process.

    A file beside the state file carries it, so that commands read and write the state meanwhile. It is a database too,
    because SQLite's locks work on every system.
    """

    def __init__(self, path: Path) -> None:
        beside = path.with_name(f"{path.name}.lock")
        self._database = _connect(beside, patience_s=0)
        mine = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        try:
            self._take(mine)
        except sqlite3.Error as error:
            other = self._holder() if _is_busy(error) else ""
            self._database.close()
            if not other:  # as a full disk, or a drive without locks
                raise
            raise StateFileError(f"{path} is in use by {other}: end it, or name another file by --state") from error

    def _take(self, mine: str) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("CREATE TABLE IF NOT EXISTS holder (words TEXT)")
        self._database.execute("DELETE FROM holder")
        self._database.execute("INSERT INTO holder VALUES (?)", (mine,))
        self._database.execute("COMMIT")
        self._database.execute("BEGIN IMMEDIATE")

    def _holder(self) -> str:
        try:
            return str(self._database.execute("SELECT words FROM holder").fetchone()[0])
        except (sqlite3.Error, TypeError):  # another process begins at this moment
            return "another process"

    def end(self) -> None:
        self._database.close()


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    """Raise StateFileError for an error of the file or its folder."""
    try:
        yield
    except OSError as error:
        raise StateFileError(f"{path} cannot be used: {error.strerror} ({ELSEWHERE})") from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            raise LostStateError(f"{path} was moved or removed: put it back, otherwise {ANEW}") from error
        is_emptied = str(error).startswith("no such table")
        if is_emptied or not isinstance(error, sqlite3.OperationalError):
            wrong = f"{path} is damaged or no state file ({error})"
            raise LostStateError(f"{wrong}: move it away, and {ANEW}") from error
        raise StateFileError(f"{path} cannot be used: {error} ({CAUSES.get(_code(error), '')}{ELSEWHERE})") from error


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection has the lock."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.Error) -> int:
    """SQLite's main code, which its further codes have in their last byte; Python's own errors have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _refuse_without_locks(path: Path) -> None:
    """Raise StateFileError if the drive locks not even a new file, which SQLite would take for a busy one and wait."""
    if sys.platform == "win32":
        return
    try:
        with TemporaryFile(dir=path.parent) as new:
            lockf(new, LOCK_EX | LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:  # otherwise, as for a full disk, SQLite waits or names it
            why = f"its drive has no locks ({error.strerror}); {ELSEWHERE}"
            raise StateFileError(f"{path} cannot be used: {why}") from error


def _connect(path: Path, patience_s: float) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=patience_s, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous = FULL")
    return database


def _index(name: str) -> str:
    """An index of the items that have an attribute, in the order of another one."""
    order = f", {member(INDEXES[name])}" if INDEXES[name] else ""
    return f"CREATE INDEX by_{name} ON item (name, {member(name)}{order}) WHERE {member(name)} IS NOT NULL"


def member(name: str) -> str:
    """The SQL of an item's text attribute."""
    return f"json_extract(attributes, '$.{name}.S')"
