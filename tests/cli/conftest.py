"""A deployed notifier in this process: AWS by moto, Slack and Braket by the emulators, and the command line."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from braket_notifier import __version__
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import delivery_key
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.arguments import VARIABLE
from braket_notifier.cli.main import main
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import SnapshotRow, Step
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.python_version import MACHINE
from infra.asset import deployed
from local.braket.emulator import Braket, Clock, CreateRequest, Script
from local.inbox.inbox import Inbox
from local.story import story
from tests.cli.cloudformation import CloudFormation, cloudformation
from tests.conftest import GARNET, NOON

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
NAME, HOME, FURTHER = "braket-notifier", "eu-north-1", "us-east-1"
TOKEN = "/braket-notifier/slack-token"
SETTINGS = f"""
home = "{HOME}"
regions = ["{HOME}", "{FURTHER}"]
[channels.team-slack]
type = "slack"
channel = "C0123456789"
token = "ssm:{TOKEN}"
[channels.mail]
type = "email"
to = ["anna@example.org", "ben@example.org"]
[[routes]]
to = ["team-slack", "mail"]
status = ["COMPLETED", "FAILED", "CANCELLED"]
[alarms]
email = ["ops@example.org"]
"""


class Done(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]
Recorded = Callable[..., SnapshotRow]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "notifier.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def run(settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command as its user types it, on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv(VARIABLE, str(settings))

    def run(*words: str) -> Done:
        code = main(words)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


@pytest.fixture
def stacks(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:  # noqa: ARG001 - inside the mock
    with cloudformation() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", running.url)
        yield running


@pytest.fixture
def stack(stacks: CloudFormation, table: Callable[[str], Table], braket: Braket) -> CloudFormation:  # noqa: ARG001 - whose limits `doctor` lists
    """The resources of the stack that the commands use, under their physical names."""
    queues = [_queue(name) for name in ("events", "undelivered", "deliver-team-slack", "deliver-mail")]
    boto3.client("sqs", FURTHER).create_queue(QueueName=f"{NAME}-undelivered")
    topics = [boto3.client("sns", HOME).create_topic(Name=f"{NAME}-{each}") for each in ("deliver-mail", "alarms")]
    stacks.stacks[HOME, NAME] = [
        ("AWS::DynamoDB::Table", "StorageSnapshots0123", table("snapshots").name),
        ("AWS::DynamoDB::Table", "StorageDeliveries4567", table("deliveries").name),
        *(("AWS::SNS::Topic", f"Topic{number}", each["TopicArn"]) for number, each in enumerate(topics)),
        *(("AWS::SQS::Queue", f"Queue{number}", url) for number, url in enumerate(queues)),
    ]
    boto3.client("ssm", HOME).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")
    _rules_and_schedule()
    return stacks


@pytest.fixture
def as_deployed(stack: CloudFormation, settings: Path) -> Callable[..., None]:
    """Deploy the settings file as it is now: its outputs and its template's metadata, with a number."""

    def as_deployed(number: int = 1, *, by: str = "", commit: str = "") -> None:
        read = read_settings(settings)
        stack.metadata["settings"] = {key: json.dumps(value) for key, value in read.keys.items()}
        made = {"by": by, "at": NOON.isoformat() if by else None, "commit": commit}
        stack.outputs |= {
            "Settings": json.dumps(deployed(read.policy())),
            "SettingsVersion": str(number),
            "Deployment": json.dumps(made),
            "Version": __version__,
            "Python": MACHINE,
        }

    return as_deployed


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """AWS refuses one operation, for requests that hold a text."""
    asks = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - no event of botocore's stops a request

    def refuse(operation: str, about: str = "") -> None:
        def answer(client: BaseClient, name: str, given: dict[str, Any]) -> Any:
            if name == operation and about in str(given):
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, name)
            return asks(client, name, given)

        monkeypatch.setattr(BaseClient, "_make_api_call", answer)

    return refuse


def _queue(name: str) -> str:
    return str(boto3.client("sqs", HOME).create_queue(QueueName=f"{NAME}-{name}")["QueueUrl"])


def _rules_and_schedule() -> None:
    events = boto3.client("events", HOME)
    events.create_event_bus(Name=NAME)
    for rule, bus in ((f"{NAME}-changes", "default"), (f"{NAME}-forwarded", NAME)):
        events.put_rule(Name=rule, EventBusName=bus, EventPattern='{"source": ["aws.braket"]}')
    boto3.client("events", FURTHER).put_rule(Name=f"{NAME}-changes", EventPattern='{"source": ["aws.braket"]}')
    role, function = "arn:aws:iam::123456789012:role/r", f"arn:aws:lambda:{HOME}:123456789012:function:{NAME}-sweep"
    target: Any = {"Arn": function, "RoleArn": role}
    boto3.client("scheduler", HOME).create_schedule(
        Name=f"{NAME}-sweep", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with Inbox() as inbox:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)
        yield inbox


@pytest.fixture
def scripts() -> dict[str, Script]:
    """The script of a quantum task, by its name."""
    return {}


@pytest.fixture
def braket(scripts: dict[str, Script], monkeypatch: pytest.MonkeyPatch) -> Iterator[Braket]:
    def choose(request: CreateRequest) -> Script:
        return scripts.get(request.name, Script())

    with Braket(clock=Clock(held=True), choose=choose, account="123456789012") as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", running.url)
        yield running


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")


@pytest.fixture
def snapshots(stack: CloudFormation) -> DynamoSnapshots:  # noqa: ARG001 - whose table it is
    return DynamoSnapshots(Table(boto3.client("dynamodb", HOME), "snapshots"), retention_days=90)


@pytest.fixture
def recorded(snapshots: DynamoSnapshots) -> Recorded:
    """Record a snapshot, whose notifications are in the channels' queues unless `enqueued` is false."""

    def record(snapshot: Snapshot, *, enqueued: bool = True) -> SnapshotRow:
        now = datetime.now(UTC)
        row = snapshots.record(snapshot, Step(snapshot.status, NOON, "event"), announce=True, now=now).row
        if enqueued:
            snapshots.dispatched(row, now)
        return row

    return record


@pytest.fixture
def ledger(stack: CloudFormation) -> DynamoLedger:  # noqa: ARG001 - as above
    return DynamoLedger(Table(boto3.client("dynamodb", HOME), "deliveries"))


@pytest.fixture
def waiting(stack: CloudFormation) -> Callable[[str], list[str]]:  # noqa: ARG001 - as above
    """Receive and delete the records of a queue."""

    def waiting(name: str) -> list[str]:
        sqs = boto3.client("sqs", HOME)
        url = sqs.get_queue_url(QueueName=f"{NAME}-{name}")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in found]

    return waiting


@pytest.fixture
def submit(braket: Braket) -> Iterator[Callable[..., str]]:
    """Create a quantum task or a hybrid job as a client does, and return its ARN."""
    made_up = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    client: Any = boto3.client("braket", HOME, endpoint_url=braket.url, **made_up)  # type: ignore[call-overload]  # by name

    def create(name: str, kind: str = "task", children: int = 0, **tags: str) -> str:
        act = story.Act(name=name, device=GARNET, script=Script(), kind=kind, children=children, tags=tags)
        return story.submit(act, client, braket)

    yield create
    client.close()


@pytest.fixture
def settle(ledger: DynamoLedger, a_notification: Callable[..., Notification]) -> Callable[..., Notification]:
    """A channel's notification of the quantum task, delivered or undelivered."""

    def settle(channel: str, reason: str = "") -> Notification:
        notification, now = a_notification(channel=channel), datetime.now(UTC)
        ledger.claim(notification, owner="test", now=now)
        if reason:
            ledger.undelivered(notification, owner="test", reason=reason, now=now)
        else:
            ledger.delivered(notification, now=now)
        return notification

    return settle


@pytest.fixture
def by_newer_version(ledger: DynamoLedger) -> Callable[[Notification], None]:  # noqa: ARG001 - whose table it is
    """Mark a row of the ledger as written by a newer version, as after a rollback."""

    def mark(notification: Notification) -> None:
        key = delivery_key(notification.channel, notification.transition.arn, notification.transition.status)
        Table(boto3.client("dynamodb", HOME), "deliveries").update(key, {"format": ":newer"}, {":newer": 99})

    return mark
