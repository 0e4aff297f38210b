"""The state file: one notifier at a time, what a crash leaves, and files that cannot be used."""

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.sqlite import state_file
from braket_notifier.adapters.sqlite.queues import LONGEST_HIDDEN_S, SqliteQueues
from braket_notifier.adapters.sqlite.state_file import FORM, StateFile, StateFileError
from braket_notifier.adapters.sqlite.tables import SqliteTables
from braket_notifier.errors import NewerVersionError

HOLDS = """
import sys, time
from pathlib import Path
from braket_notifier.adapters.sqlite.state_file import StateFile
file = StateFile(Path(sys.argv[1]))
held = file.hold()
print("held", flush=True)
time.sleep(60)
"""
DIES = """
import os, sys
from pathlib import Path
from braket_notifier.adapters.sqlite.state_file import StateFile
with StateFile(Path(sys.argv[1])).change() as database:
    database.execute("INSERT INTO item VALUES ('t', 'a', '', NULL, '{}')")
    os._exit(9)
"""
WRITES = """
import sys, time
from pathlib import Path
from braket_notifier.adapters.sqlite.state_file import StateFile
with StateFile(Path(sys.argv[1])).change() as database:
    database.execute("INSERT INTO item VALUES ('t', 'a', '', NULL, '{}')")
    print("writes", flush=True)
    time.sleep(2)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "state.sqlite"


@pytest.fixture
def file(path: Path) -> Iterator[StateFile]:
    opened = StateFile(path)
    yield opened
    opened.close()


class Clock:
    """The wall clock of a machine, which may be set."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queues(file: StateFile, clock: Clock) -> SqliteQueues:
    return SqliteQueues(file, clock)


@contextmanager
def no_write_succeeds() -> Iterator[None]:
    """A disk that takes nothing more, for this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE item (x)")


def received(queues: SqliteQueues, queue: str = "mail", **request: Any) -> list[Any]:
    messages: Any = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, **request).get("Messages", [])
    return list(messages)


def test_nobody_else_reads_the_file(file: StateFile) -> None:
    """It has the names and failure reasons of the user's tasks."""
    assert file.path.stat().st_mode & 0o077 == 0
    assert file.path.parent.stat().st_mode & 0o077 == 0


def test_a_second_notifier_is_refused_and_the_first_is_named_until_it_dies(file: StateFile) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, file.path], stdout=subprocess.PIPE) as other:  # noqa: S603 - our own code
        assert other.stdout
        other.stdout.readline()

        with pytest.raises(StateFileError, match=rf"in use by process {other.pid} on \S+ since .*: end it, or name"):
            file.hold()
        file.read("SELECT count(*) FROM item")  # a command still reads and writes
        SqliteQueues(file).send_message(QueueUrl="mail", MessageBody="wake")
        other.kill()

    file.hold().end()


def test_a_change_that_a_crash_interrupts_is_not_made(file: StateFile) -> None:
    died = subprocess.run([sys.executable, "-c", DIES, file.path], check=False)  # noqa: S603 - as above

    assert died.returncode == 9
    assert file.read("SELECT count(*) FROM item") == [(0,)]


def test_a_change_that_fails_is_not_made(file: StateFile) -> None:
    def changes_and_fails() -> None:
        with file.change() as database:
            database.execute("INSERT INTO item VALUES ('t', 'a', '', NULL, '{}')")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        changes_and_fails()

    assert file.read("SELECT count(*) FROM item") == [(0,)]


def test_a_full_disk_is_named_and_the_file_is_used_again_once_it_has_room(file: StateFile) -> None:
    """SQLite ends the change itself then, so that nothing is left to roll back."""
    queues = SqliteQueues(file)
    with no_write_succeeds(), pytest.raises(StateFileError, match=r"cannot be used: (disk I/O error|.* full)"):
        queues.send_message(QueueUrl="mail", MessageBody="lost")

    queues.send_message(QueueUrl="mail", MessageBody="kept")

    assert [each["Body"] for each in received(queues)] == ["kept"]


def test_a_change_that_another_reader_keeps_from_being_written_is_not_made_and_the_next_one_is(
    file: StateFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "PATIENCE_S", 0.0)
    with closing(StateFile(path)) as hurried, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchall()
        with pytest.raises(StateFileError, match="database is locked"):
            SqliteQueues(hurried).send_message(QueueUrl="mail", MessageBody="lost")
        reader.execute("ROLLBACK")

        SqliteQueues(hurried).send_message(QueueUrl="mail", MessageBody="kept")

    assert [each["Body"] for each in received(SqliteQueues(file))] == ["kept"]


def test_a_full_disk_is_not_named_as_another_notifier(file: StateFile) -> None:
    with no_write_succeeds(), pytest.raises(StateFileError, match=r"cannot be used: (disk I/O error|.* full)"):
        file.hold()

    file.hold().end()
    with no_write_succeeds(), pytest.raises(StateFileError, match=r"cannot be used: (disk I/O error|.* full)"):
        file.hold()


@pytest.mark.parametrize(
    ("code", "words"), [(sqlite3.SQLITE_BUSY, "database is locked"), (sqlite3.SQLITE_IOERR_LOCK, "disk I/O error")]
)
def test_a_drive_without_locks_is_one_sentence_with_a_remedy(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    """SQLite says one or the other, as the network drive answers."""

    def refuses(_: str) -> None:
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        raise error

    drive = SimpleNamespace(execute=refuses, close=lambda: None)
    monkeypatch.setattr(state_file, "_connect", lambda *_: drive)

    with pytest.raises(StateFileError, match=rf"{words} \(.*or its drive has no locks; --state names another file\)$"):
        StateFile(path)


@pytest.mark.parametrize("answer", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_drive_that_locks_not_even_a_new_file_is_named_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """SQLite takes ENOLCK for a busy lock; seen: a run began with 40 s of silence."""

    def refuses(*_: object) -> None:
        raise OSError(answer, os.strerror(answer))

    def waits(*_: object) -> None:
        pytest.fail("SQLite is asked, which waits for the lock")

    monkeypatch.setattr(state_file, "lockf", refuses)
    monkeypatch.setattr(state_file, "_connect", waits)

    with pytest.raises(StateFileError, match=r"its drive has no locks \(.+\); --state names another file$"):
        StateFile(path)


@pytest.mark.parametrize("answer", [errno.EAGAIN, errno.EACCES, errno.ENOSPC])
def test_a_drive_that_may_have_locks_is_used(path: Path, monkeypatch: pytest.MonkeyPatch, answer: int) -> None:
    def refuses(*_: object) -> None:
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(state_file, "lockf", refuses)

    with closing(StateFile(path)) as file:
        assert file.read("SELECT count(*) FROM item") == [(0,)]


def test_opening_waits_for_another_process_that_writes(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE) as other:  # noqa: S603 - our own code
        assert other.stdout
        other.stdout.readline()
        with closing(StateFile(path)) as second:
            assert second.read("SELECT count(*) FROM item") == [(1,)]  # committed at the end of those seconds


def test_a_file_of_a_newer_version_is_refused_and_left_alone(file: StateFile, path: Path) -> None:
    with file.change() as database:
        database.execute(f"PRAGMA user_version = {FORM + 1}")
    before = path.read_bytes()

    with pytest.raises(StateFileError, match="newer version of the notifier: update this one"):
        StateFile(path)

    assert path.read_bytes() == before


#: What stands in the place of the state file, and the reason in the sentence.
UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a text": (lambda path: path.write_text("this is no database " * 100), "damaged or no state file"),
    "a folder": (lambda path: path.mkdir(), "cannot be used|Is a directory"),
    "another database": (another_database, "cannot be used"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_is_no_state_file_is_refused_with_its_name(tmp_path: Path, case: str) -> None:
    put, reason = UNUSABLE[case]
    path = tmp_path / "other.sqlite"
    put(path)

    with pytest.raises((StateFileError, OSError), match=reason) as refused:
        StateFile(path)

    assert str(path) in str(refused.value)


def test_a_damaged_page_is_named_and_not_read_as_emptiness(file: StateFile, path: Path) -> None:
    SqliteQueues(file).send_message(QueueUrl="mail", MessageBody="x" * 50_000)
    file.close()
    raw = bytearray(path.read_bytes())
    raw[8192:-4096] = b"\xff" * len(raw[8192:-4096])
    path.write_bytes(raw)

    with pytest.raises(StateFileError, match="damaged"):
        received(SqliteQueues(StateFile(path)))


def test_items_expire_as_the_file_is_opened(file: StateFile) -> None:
    key, expires = {"partition": {"S": "a"}, "sort": {"S": "b"}}, {":at": {"N": "100"}}
    SqliteTables(file, lambda: 0.0).update_item(
        TableName="deliveries", Key=key, UpdateExpression="SET #expires = :at", ExpressionAttributeValues=expires
    )

    assert SqliteTables(file, lambda: 100.0).get_item(TableName="deliveries", Key=key)
    assert SqliteTables(file, lambda: 101.0).get_item(TableName="deliveries", Key=key) == {}


def test_a_text_is_not_added_to_a_number(file: StateFile) -> None:
    """DynamoDB refuses it too, and the row of a newer version stays as it is."""
    client: Any = SqliteTables(file, lambda: 0.0)
    rows = Table(client, "snapshots")
    rows.update({"arn": "a"}, {"version": ":one"}, {":one": "one"})

    with pytest.raises(NewerVersionError, match="incorrect data type"):
        rows.update({"arn": "a"}, {"version": "#version + :one"}, {":one": 1})

    assert rows.get({"arn": "a"}) == {"arn": "a", "version": "one"}


def test_a_received_record_is_hidden_and_comes_again_with_its_count_unless_it_is_deleted(
    queues: SqliteQueues, clock: Clock
) -> None:
    queues.send_message(QueueUrl="mail", MessageBody="body")
    queues.send_message(QueueUrl="slack", MessageBody="another channel's")

    [first] = received(queues)
    hidden = received(queues)
    clock.now += 722
    [again] = received(queues)
    queues.delete_message(QueueUrl="mail", ReceiptHandle=again["ReceiptHandle"])
    clock.now += 722

    assert (first["Body"], hidden) == ("body", [])
    counts = [each["Attributes"]["ApproximateReceiveCount"] for each in (first, again)]
    assert counts == ["1", "2"]
    assert again["Attributes"]["ApproximateFirstReceiveTimestamp"] == "1800000000000"
    assert received(queues) == []


def test_a_record_with_a_delay_or_another_visibility_waits_for_it(queues: SqliteQueues, clock: Clock) -> None:
    queues.send_message(QueueUrl="mail", MessageBody="later", DelaySeconds=60)
    assert received(queues) == []
    clock.now += 60
    [record] = received(queues)
    queues.change_message_visibility(QueueUrl="mail", ReceiptHandle=record["ReceiptHandle"], VisibilityTimeout=5)
    clock.now += 4
    assert received(queues) == []
    clock.now += 1
    assert len(received(queues)) == 1


def test_a_record_that_was_hidden_before_the_clock_went_back_comes_at_once(queues: SqliteQueues, clock: Clock) -> None:
    queues.send_message(QueueUrl="mail", MessageBody="body")
    received(queues)
    clock.now -= LONGEST_HIDDEN_S

    assert len(received(queues)) == 1


def test_records_come_in_their_order_and_no_more_than_asked(queues: SqliteQueues) -> None:
    queues.send_message_batch(QueueUrl="mail", Entries=[{"MessageBody": str(number)} for number in range(12)])

    assert [each["Body"] for each in received(queues)] == [str(number) for number in range(10)]
    assert [each["Body"] for each in received(queues)] == ["10", "11"]
    count = queues.get_queue_attributes(QueueUrl="mail", AttributeNames=["ApproximateNumberOfMessages"])
    assert count == {"Attributes": {"ApproximateNumberOfMessages": "12"}}


def test_the_reason_of_an_undelivered_record_is_kept(queues: SqliteQueues) -> None:
    reason = {"reason": {"DataType": "String", "StringValue": "refused"}}
    queues.send_message(QueueUrl="undelivered", MessageBody="{}", MessageAttributes=reason)

    assert received(queues, "undelivered")[0]["MessageAttributes"]["reason"]["StringValue"] == "refused"
