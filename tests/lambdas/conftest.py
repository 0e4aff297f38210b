"""The functions in this process, with moto, the memory Braket and a memory channel."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sqs import SqsWaits
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.adapters.memory.channels import MemoryChannel
from braket_notifier.bootstrap import board, braket, channels, costs, deliver, shared, sweep, tracking
from braket_notifier.routing.published import LOOK_EVERY_S, Published
from tests.conftest import NOON
from tests.event_record import event_record

BOOTSTRAP = (board, braket, channels, costs, deliver, shared, sweep, tracking)
SETTINGS = {
    "version": 1,
    "home": "eu-north-1",
    "regions": ["eu-north-1"],
    "time_zone": "UTC",
    "channels": {"team-slack": {"type": "slack"}},
    "partial_below": 0.95,
    "retention_days": 90,
    "fetch_prices": False,
    "routes": [{"to": ["team-slack"], "status": ["COMPLETED", "FAILED"]}],
}


@dataclass
class Context:
    """The parts of Lambda's context object that the functions use."""

    function_name: str = "observe"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-north-1:012345678901:function:observe"
    aws_request_id: str = "request"
    left_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass
class Account:
    """The tables and queues of one installation."""

    queues: dict[str, str]
    braket: MemoryBraket = field(default_factory=MemoryBraket)
    channel: MemoryChannel = field(default_factory=MemoryChannel)
    deferred: list[tuple[str, int]] = field(default_factory=list)

    def function(self, name: str) -> Any:
        """The function's handler, imported after the environment is set, as in Lambda."""
        return import_module(name).lambda_handler

    def waiting(self, queue: str) -> list[Any]:
        client: Any = boto3.client("sqs")
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        return list(client.receive_message(QueueUrl=self.queues[queue], **options).get("Messages", []))

    def batch(
        self,
        queue: str,
        *bodies: str,
        receives: int = 1,
        first_received: datetime = NOON,
        sent: datetime | None = None,
    ) -> dict[str, Any]:
        """Put records into a queue, receive them and build Lambda's event of them."""
        client, url = boto3.client("sqs"), self.queues[queue]
        for body in bodies:
            client.send_message(QueueUrl=url, MessageBody=body)
        taken = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        attempt = partial(
            event_record, receives=receives, first_received=first_received, sent=sent or datetime.now(UTC)
        )
        return {"Records": [attempt(each["MessageId"], each["Body"], each["ReceiptHandle"]) for each in taken]}


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def counted(lines: list[dict[str, Any]], metric: str) -> float:
    return sum(sum(line[metric]) for line in lines if metric in line and "_aws" in line)


@dataclass
class Waits:
    """Defers a record in its queue, and keeps the call, because a record in work is hidden either way."""

    variable: str
    real: SqsWaits
    seen: list[tuple[str, int]]

    def defer(self, receipt: str, seconds: int) -> None:
        self.real.defer(receipt, seconds)
        self.seen.append((self.variable, seconds))

    def renew(self, body: str, seconds: int) -> None:
        self.real.renew(body, seconds)


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def account(table: Callable[[str], Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("snapshots", "deliveries"):
        table(name)
    sqs = boto3.client("sqs")
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("events", "slack", "undelivered")}
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(SETTINGS))
    environment = {
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "BraketNotifier/braket-notifier",
        "SNAPSHOTS_TABLE": "snapshots",
        "DELIVERIES_TABLE": "deliveries",
        "CHANNEL_QUEUES": json.dumps({"team-slack": queues["slack"]}),
        "EVENT_SOURCE": "aws.braket",
        "ACCOUNT_ID": "012345678901",
        "PARTITION": "aws",
        "EVENTS_QUEUE_URL": queues["events"],
        "UNDELIVERED_QUEUE_URL": queues["undelivered"],
        "QUEUE_URL": queues["slack"],
        "CHANNEL": "team-slack",
        "CHANNEL_TYPE": "slack",
        "SETTINGS_VERSION": "7",
        "MAIL_TOPICS": "[]",
        "FORWARDING_QUEUES": "{}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    started = {"arn": {"S": "start#eu-north-1"}, "at": {"S": "2026-11-01T00:00:00+00:00"}}
    boto3.client("dynamodb").put_item(TableName="snapshots", Item=started)
    for function in ("observe", "sweep", "deliver"):
        sys.modules.pop(function, None)  # each reads its environment when it is imported, as in Lambda
    built = Account(queues)
    monkeypatch.setattr(shared, "SETTINGS", settings)
    cached = [each for made in (*BOOTSTRAP, clients) for each in vars(made).values() if hasattr(each, "cache_clear")]
    for factory in cached:
        factory.cache_clear()
    monkeypatch.setattr(shared, "now", lambda: NOON)
    monkeypatch.setattr(shared, "sleep", lambda _: None)
    real = shared.visibility
    monkeypatch.setattr(shared, "visibility", lambda variable: Waits(variable, real(variable), built.deferred))
    monkeypatch.setattr(braket, "client", lambda *_: built.braket)
    monkeypatch.setattr(channels, "channel", lambda: built.channel)
    yield built
    for factory in cached:
        factory.cache_clear()


@pytest.fixture(name="observe")
def observe_function(account: Account) -> Any:
    return account.function("observe")


@pytest.fixture(name="sweep")
def sweep_function(account: Account) -> Any:
    return account.function("sweep")


@pytest.fixture(name="deliver")
def deliver_function(account: Account) -> Any:
    return account.function("deliver")


@pytest.fixture
def publish(account: Any) -> Callable[..., None]:  # noqa: ARG001 - the environment first
    """Publish a change of the deployed settings, and the mutes beside them."""

    def publish(muted_until: Mapping[str, datetime] = MappingProxyType({}), **changes: object) -> None:
        deployed = json.loads(shared.SETTINGS.read_bytes())
        store = DynamoPublished(Table(boto3.client("dynamodb"), "snapshots"))
        document = json.dumps({**deployed, **changes})
        store.replace(Published(store.read().revision, shared.deployment(), document, muted_until))

    return publish


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Move the clock by a minute."""
    passed = [0]
    monkeypatch.setattr(shared, "monotonic", lambda: passed[0] + monotonic())

    def wait() -> None:
        passed[0] += LOOK_EVERY_S

    return wait
