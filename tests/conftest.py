"""Fixtures of every test: builders of domain values."""

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from time import time
from typing import Any

import boto3
import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings
from moto import mock_aws
from moto.sqs.models import SQSBackend
from xdist.scheduler import LoadScopeScheduling

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.adapters.sqlite.tables import SqliteTables
from braket_notifier.braket.events import Watch
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, Route
from braket_notifier.domain.resource import RANKS, Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Step, Transition
from braket_notifier.sending.ports import Ledger
from braket_notifier.tracking.ports import Snapshots
from tests import canary

ACCOUNT = "012345678901"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
#: The indexes of each table, each named after its key, and what they project.
SNAPSHOT_INDEXES: dict[str, list[str]] = {
    "work": ["status", "rank", "version", "dispatched", "changed_at", "created_at", "misses", "missed_at", "device"],
    "parent": ["status", "incomplete"],
    "open_in": [],
    "ended_in": ["status"],
}
DELIVERY_INDEXES: dict[str, list[str]] = {"visit_in": []}
SORTED_BY = {"ended_in": "ended_on", "visit_in": "visit_at"}
#: The adapters of each port that keeps rows; `sqlite` is that of `dynamodb` over a state file.
STORES = ("memory", "dynamodb", "sqlite")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
#: Root may pass over the modes of folders and files otherwise.
_BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
AS_OTHERS = _BOUND if os.geteuid() == 0 and shutil.which("setpriv") else []

#: The folders in the order of their tests' times; any other follows.
FOLDERS = ("e2e", "local", "prove", "long", "infra", "cli", "lambdas", "adapters")
LONGEST_FIRST = {name: at for at, name in enumerate(FOLDERS)}
#: The parameters of tests that share what a session sets up.
SHARED = ("workshop: Stage", "stage: Stage", "cloud: Cloud", "(template|synthesised|of_variant): ")

# no deadline, because a slow machine is no failure
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]


@pytest.fixture
def unread_handlers() -> Iterator[None]:
    """Forget the package `custom` that another test imported, because this test writes one of its own."""
    kept = {name: sys.modules.pop(name) for name in _of_custom()}
    yield
    for name in _of_custom():
        del sys.modules[name]
    sys.modules.update(kept)


def _of_custom() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "custom"]


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> Iterator[None]:
    """Let all sessions of boto3 share what they read of services, because that takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(autouse=True)
def own_opener(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore urllib's opener, because the command line replaces it."""
    monkeypatch.setattr("urllib.request._opener", None)


@pytest.fixture(autouse=True)
def no_secret_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    canary.look_at_what_is_caught(monkeypatch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that printed or logged a secret; captured errors are checked by their own fixture."""
    report = yield
    if report.passed and canary.found_in(*(text for _, text in report.sections)):
        report.outcome, report.longrepr = "failed", "a secret was printed or logged: see what was captured"
    return report


def task_arn(number: int = 1, region: str = "eu-north-1") -> str:
    return f"arn:aws:braket:{region}:{ACCOUNT}:quantum-task/834b21ed-77a7-4b36-a90c-{number:012d}"


def job_arn(number: int = 1, region: str = "eu-north-1") -> str:
    return f"arn:aws:braket:{region}:{ACCOUNT}:job/70b21eda-0000-4b36-a90c-{number:012d}"


def pytest_runtest_setup() -> None:
    """Let Ctrl-C work in each test and in what it starts.

    A shell's background process, as the tests may be, ignores it, and so does a process in which `app.py` has run.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden files anew, to be read as a diff")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, so that no process ends long before another."""
    items.sort(key=lambda item: LONGEST_FIRST.get(folder(file_of(item.nodeid)), len(LONGEST_FIRST)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """With scopes, one process takes all tests that share a cloud or templates, and sets these up once."""
    if config.getoption("dist") != "loadscope":
        return None
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = lambda nodeid: scope(file_of(nodeid))  # noqa: SLF001 - as xdist's documentation has it
    return scheduling


@cache
def scope(file: str) -> str:
    """Return what the file shares with others of its folder, or the file, which any process may take."""
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    return next((f"{folder(file)} {each}" for each in SHARED if re.search(rf"\b{each}", text)), file)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def folder(file: str) -> str:
    return file.removeprefix("tests/").partition("/")[0]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the committed one."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), "if every difference is meant: pytest --rewrite-golden"

    return compare


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def a_task() -> ASnapshot:
    """A quantum task on IQM Garnet, submitted at 08:12 and, if it ended, ended at 11:53."""

    def build(status: str = "COMPLETED", number: int = 1, **changes: Any) -> Snapshot:
        ended = NOON - timedelta(minutes=7) if RANKS.get(status) == RANKS["COMPLETED"] else None
        task = Snapshot(
            arn=parse_arn(task_arn(number)),
            status=status,
            created_at=NOON - timedelta(hours=3, minutes=48),
            ended_at=ended,
            device=GARNET,
            shots=2000,
            bucket="amazon-braket-results",
            directory="ghz/834b21ed",
            tags={"Name": "ghz-12"},
        )
        return replace(task, **changes)

    return build


@pytest.fixture
def a_job() -> ASnapshot:
    """A hybrid job on IQM Garnet, submitted at 05:58, running from 09:03 and, if it ended, ended at 10:15."""

    def build(status: str = "COMPLETED", number: int = 1, **changes: Any) -> Snapshot:
        job = Snapshot(
            arn=parse_arn(job_arn(number)),
            status=status,
            created_at=NOON - timedelta(hours=6, minutes=2),
            started_at=NOON - timedelta(hours=2, minutes=57) if RANKS.get(status, 0) > RANKS["QUEUED"] else None,
            ended_at=NOON - timedelta(hours=1, minutes=45) if RANKS.get(status) == RANKS["COMPLETED"] else None,
            device=GARNET,
            bucket="amazon-braket-results",
            directory="jobs/vqe",
            job_name="vqe-h2-17",
            instance_type="ml.m5.large",
            max_runtime_s=18000,
        )
        return replace(job, **changes)

    return build


@pytest.fixture
def a_transition() -> ATransition:
    def build(snapshot: Snapshot, **changes: Any) -> Transition:
        reached = Transition(
            snapshot=snapshot,
            status=snapshot.status,
            was="QUEUED",
            at=snapshot.ended_at,
            running_at=None,
            version=2,
            source="event",
        )
        return replace(reached, **changes)

    return build


@pytest.fixture
def a_notification(a_task: ASnapshot, a_transition: ATransition) -> Callable[..., Notification]:
    def build(status: str = "COMPLETED", number: int = 1, channel: str = "team-slack") -> Notification:
        return Notification(a_transition(a_task(status, number)), channel)

    return build


@pytest.fixture
def a_row(a_task: ASnapshot) -> Callable[..., SnapshotRow]:
    """A row that went through the given statuses, dispatched up to the given version."""

    def build(*statuses: str, dispatched: int = 0, corrected: bool = False) -> SnapshotRow:
        steps = tuple(Step(status, NOON, "event") for status in statuses)
        return SnapshotRow(a_task(statuses[-1]), steps, dispatched, corrected)

    return build


@pytest.fixture
def policy() -> Policy:
    """The default routes; e-mail gets every end of a job, so that tests have an end that goes to both."""
    ends = ("COMPLETED", "FAILED", "CANCELLED")
    slack, mail = ("team-slack",), ("mail",)
    return Policy(
        regions=("us-east-1", "eu-north-1"),
        time_zone="Europe/Berlin",
        channels={"team-slack": "slack", "mail": "email"},
        routes=(
            Route(slack, kind="task", device_type="qpu", status=ends),
            Route(slack, kind="task", device_type="simulator", status=("COMPLETED",), took_over_s=300),
            Route(slack, kind="task", device_type="simulator", status=("FAILED", "CANCELLED"), took_over_s=60),
            Route(slack, kind="job", status=("RUNNING", *ends), silent=("RUNNING",)),
            Route(mail, kind="job", status=ends),
            Route(mail, kind="task", device_type="qpu", status=("FAILED",), partial=True),
        ),
    )


@pytest.fixture
def watch(policy: Policy) -> Watch:
    return Watch("aws.braket", "aws", ACCOUNT, frozenset(policy.regions))


@pytest.fixture
def an_event() -> Callable[..., dict[str, Any]]:
    """An EventBridge event of a quantum task on Garnet, with changes to the envelope and to the detail."""

    def build(status: str = "COMPLETED", number: int = 1, detail: Any = None, **envelope: Any) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((Path(__file__).parent / "events" / "task-official.json").read_text())
        event["resources"] = [task_arn(number)]
        event["region"] = "eu-north-1"
        event["time"] = "2026-11-20T11:53:01Z"
        event["detail"] |= {"quantumTaskArn": task_arn(number), "status": status, "deviceArn": GARNET}
        event["detail"] |= {"createdAt": "2026-11-20T08:12:00.000Z", "endedAt": "2026-11-20T11:53:00.000Z"}
        return {**event, **({"detail": {**event["detail"], **detail}} if detail else {}), **envelope}

    return build


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, in a region, with made-up credentials; no queue lets its reader wait.

    A queue's time passes by its calls alone, because a record that a test deferred would come back on a slow machine.
    """
    receive = SQSBackend.receive_message

    def at_once(backend: SQSBackend, queue: str, count: int, _: int, *further: Any) -> list[Any]:
        return receive(backend, queue, count, 0, *further)

    monkeypatch.setattr(SQSBackend, "receive_message", at_once)
    milliseconds = count(int(time() * 1000))
    monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda: float(next(milliseconds)))
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


def index_keys(index: str) -> dict[str, str]:
    return {index: "HASH", **({SORTED_BY[index]: "RANGE"} if index in SORTED_BY else {})}


def projection(attributes: list[str]) -> dict[str, Any]:
    if not attributes:
        return {"ProjectionType": "KEYS_ONLY"}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes}


@pytest.fixture
def table(dynamodb_table: Callable[[str], Table]) -> Callable[[str], Table]:
    """The tables of a deployed notifier."""
    return dynamodb_table


@pytest.fixture
def sqlite_table(tmp_path: Path) -> Iterator[Callable[[str], Table]]:
    """A table in a state file."""
    file = StateFile(tmp_path / "state.sqlite")
    client: Any = SqliteTables(file, clock=lambda: 0.0)  # of which no item has expired
    yield lambda name: Table(client, name)
    file.close()


@pytest.fixture
def dynamodb_table(aws: None) -> Callable[[str], Table]:  # noqa: ARG001 - inside the mock
    """A table with the keys and the indexes of the template."""

    def create(name: str) -> Table:
        client: Any = boto3.client("dynamodb")
        keys = {"arn": "HASH"} if name == "snapshots" else {"partition": "HASH", "sort": "RANGE"}
        indexed = SNAPSHOT_INDEXES if name == "snapshots" else DELIVERY_INDEXES
        indexes = [
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in index_keys(index).items()],
                "Projection": projection(projected),
            }
            for index, projected in indexed.items()
        ]
        texts = {*keys, *(key for index in indexed for key in index_keys(index))}
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(texts)],
            GlobalSecondaryIndexes=indexes,
        )
        return Table(client, name)

    return create


@pytest.fixture(params=STORES)
def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    """Every adapter of the port, tested by one contract."""
    if request.param == "memory":
        return MemorySnapshots()
    return DynamoSnapshots(request.getfixturevalue(f"{request.param}_table")("snapshots"), retention_days=90)


@pytest.fixture(params=STORES)
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Every adapter of the port, tested by one contract."""
    if request.param == "memory":
        return MemoryLedger()
    return DynamoLedger(request.getfixturevalue(f"{request.param}_table")("deliveries"))
