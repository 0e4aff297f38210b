"""The composition root builds each function's adapters from the environment of its template."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sns import SnsTopic
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import braket, channels, shared
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Children, Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, TryLaterError, UnacknowledgedError, UnreadableError
from braket_notifier.tracking.ports import CreatedRange
from local.braket.emulator import Braket
from local.inbox.inbox import Channel, Inbox, Workspace
from tests import canary

ANotification = Callable[..., Notification]
ASnapshot = Callable[..., Snapshot]
CHANNEL = "C0123456789"
ACTION = '{"braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"}, "source": "OPENQASM 3.0;"}'


@pytest.fixture(autouse=True)
def fresh(aws: None, monkeypatch: pytest.MonkeyPatch, policy: Policy) -> Iterator[None]:  # noqa: ARG001 - inside the mock
    """A process that has built no adapter yet."""
    factories = [
        each
        for made in (braket, channels, shared, clients)
        for each in vars(made).values()
        if hasattr(each, "cache_clear")
    ]
    for factory in factories:
        factory.cache_clear()
    monkeypatch.setattr(shared, "policy", lambda: policy)
    monkeypatch.setenv("CHANNEL", "team-slack")
    yield
    for factory in factories:
        factory.cache_clear()


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with Inbox(Workspace(channels=(Channel(CHANNEL, "team-slack"),))) as opened:
        for name, value in {"CHANNEL_TYPE": "slack", "SLACK_ENDPOINT_URL": opened.url}.items():
            monkeypatch.setenv(name, value)
        yield opened


def keep_secret(name: str, value: str) -> None:
    boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")


@pytest.mark.parametrize("config", [clients.REPEATED, clients.ONCE, clients.SHORT])
def test_every_request_has_the_fixed_user_agent(config: Config) -> None:
    """Botocore would otherwise build its own user agent twice for each call."""
    sent: list[bytes] = []
    client = boto3.client("sqs", config=config)
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["User-Agent"]))

    client.list_queues()

    assert [name.split()[0] for name in sent] == [b"braket-status-notifier"]


@pytest.mark.parametrize(
    ("read_results", "shown"), [(True, "Failed: 1 executable = 1 DEVICE"), (False, "metadata.json")]
)
def test_results_are_read_only_if_the_settings_want_them(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_task: ASnapshot, policy: Policy, *, read_results: bool, shown: str
) -> None:
    monkeypatch.setattr(shared, "policy", lambda: replace(policy, read_results=read_results))
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/braket-notifier/slack-token")
    keep_secret("/braket-notifier/slack-token", canary.TOKEN)
    lost = {"programMetadata": [{"executables": [{"category": "DEVICE"}]}], "totalFailedExecutables": 1}
    task = a_task("FAILED", shots=10, successful_shots=9, executables=2)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=task.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    s3.put_object(Bucket=task.bucket, Key=f"{task.directory}/results.json", Body=json.dumps({"taskMetadata": lost}))

    channels.channel().send(
        Notification(Transition(task, "FAILED", None, None, None, 1, "event"), "x"), may_repeat=False
    )

    assert shown in inbox.posts[0].plain()


@pytest.fixture
def handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unread_handlers: None) -> Callable[[str], int]:  # noqa: ARG001 - as its name says
    """Write `custom/mine.py`, and set the environment of its function."""
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name, value in {"CHANNEL": "mine", "CHANNEL_TYPE": "handler", "HANDLER": "mine"}.items():
        monkeypatch.setenv(name, value)
    return (tmp_path / "custom" / "mine.py").write_text


@pytest.mark.parametrize("kind", ["handler", "digest-handler"])
def test_a_handler_gets_the_words_of_the_settings_in_force(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    handler: Callable[[str], int],
    a_notification: ANotification,
    policy: Policy,
    kind: str,
) -> None:
    """They may be pushed while its function lives."""
    monkeypatch.setenv("CHANNEL_TYPE", kind)
    handler("def handle(transition, message):\n    print(message.text)\n")

    for zone in ("UTC", "Asia/Tokyo"):
        monkeypatch.setattr(shared, "policy", lambda zone=zone: replace(policy, time_zone=zone))
        channels.channel().send(a_notification(), may_repeat=False)

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Submitted")]
    assert ["JST" in line for line in lines] == [False, True]


def test_a_handler_of_the_transition_alone_reads_no_settings(
    monkeypatch: pytest.MonkeyPatch, handler: Callable[[str], int], a_notification: ANotification
) -> None:
    def refuse() -> Policy:
        raise AssertionError("the settings are read for an amount alone")

    monkeypatch.setattr(shared, "policy", refuse)
    handler("def handle(transition): ...\n")

    channels.channel().send(a_notification(), may_repeat=False)


@pytest.mark.parametrize("end", ["", "\n"])  # a line end that an editor added
def test_a_bot_posts_with_the_token_behind_its_reference(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification, end: str
) -> None:
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/braket-notifier/slack-token")
    keep_secret("/braket-notifier/slack-token", f"{canary.TOKEN}{end}")

    channels.channel().send(a_notification(), may_repeat=False)

    assert [post.via for post in inbox.posts] == ["token"]


def test_a_webhook_posts_to_the_url_behind_its_reference(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK", "ssm:/braket-notifier/webhook")
    keep_secret("/braket-notifier/webhook", f"{inbox.webhook_url}\n")

    channels.channel().send(a_notification(), may_repeat=False)

    assert [post.via for post in inbox.posts] == ["webhook"]


@pytest.mark.parametrize("reference", ["SLACK_TOKEN", "SLACK_WEBHOOK"])
def test_only_a_bot_s_message_of_a_job_names_its_thread(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_job: ASnapshot, reference: str
) -> None:
    """An incoming webhook has no threads."""
    by_token = reference == "SLACK_TOKEN"
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv(reference, "ssm:/braket-notifier/secret")
    keep_secret("/braket-notifier/secret", canary.TOKEN if by_token else inbox.webhook_url)
    job = a_job(children=Children(40, 38, 1, 1, 0))

    channels.channel().send(
        Notification(Transition(job, "COMPLETED", None, None, None, 1, "event"), "x"), may_repeat=False
    )

    assert ("In thread: the failed task" in inbox.posts[0].plain()) is by_token


def test_an_unreadable_secret_sends_nothing_and_may_be_read_later(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification
) -> None:
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/braket-notifier/slack-token")

    with pytest.raises(MendableError, match="ssm:/braket-notifier/slack-token"):
        channels.channel().send(a_notification(), may_repeat=False)
    keep_secret("/braket-notifier/slack-token", canary.TOKEN)
    channels.channel().send(a_notification(), may_repeat=False)

    assert len(inbox.posts) == 1


def test_a_token_that_was_replaced_is_used_as_soon_as_the_old_one_is_refused(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification
) -> None:
    clock = [0.0]
    monkeypatch.setattr(shared, "monotonic", lambda: clock[0])
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/braket-notifier/slack-token")
    keep_secret("/braket-notifier/slack-token", f"{canary.TOKEN}-revoked")
    with pytest.raises(MendableError, match="invalid_auth"):
        channels.channel().send(a_notification(), may_repeat=False)  # just read, so it was not replaced
    boto3.client("ssm").put_parameter(Name="/braket-notifier/slack-token", Value=canary.TOKEN, Overwrite=True)
    clock[0] = 100.0

    with pytest.raises(TryLaterError, match="invalid_auth"):
        channels.channel().send(a_notification(), may_repeat=False)
    channels.channel().send(a_notification(), may_repeat=False)

    assert len(inbox.posts) == 1


def test_a_secret_that_cannot_be_read_is_asked_for_three_times(
    inbox: Inbox, server: Any, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification
) -> None:
    """Three short attempts and the post end within the claim (test_idle_connections.py)."""
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/braket-notifier/slack-token")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", server.url)
    server.status = 500

    with pytest.raises(TryLaterError):
        channels.channel().send(a_notification(), may_repeat=False)

    assert len(server.taken) == 3
    assert inbox.posts == []


def test_an_email_is_published_once_for_every_answer_of_sns(
    server: Any, monkeypatch: pytest.MonkeyPatch, a_notification: ANotification, dynamodb_table: Callable[[str], Table]
) -> None:
    """Botocore's own repeats would be e-mails without a claim in the ledger."""
    topic = "arn:aws:sns:eu-north-1:012345678901:mail"
    monkeypatch.setattr(shared, "snapshots_table", lambda: dynamodb_table("snapshots"))
    for name, value in {"CHANNEL_TYPE": "email", "TOPIC_ARN": topic, "AWS_ENDPOINT_URL_SNS": server.url}.items():
        monkeypatch.setenv(name, value)
    server.status = 503

    with pytest.raises(UnacknowledgedError):
        channels.channel().send(a_notification(), may_repeat=False)

    assert len(server.taken) == 1


def test_each_resource_is_read_in_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    with Braket() as emulator:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", emulator.url)
        device = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
        where = {"outputS3Bucket": "amazon-braket-results", "outputS3KeyPrefix": "ghz"}
        made: Any = boto3.client("braket", region_name="us-west-1")
        task = made.create_quantum_task(action=ACTION, deviceArn=device, shots=100, **where)["quantumTaskArn"]

        found = braket.client("observe", lambda: False).read(parse_arn(task))

    assert str(found.arn) == task


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Sign in to the hotel's network</html>",
        b"null",
        b'["COMPLETED"]',
        b'{"status": "\xff"}',
        b'{"status": "COMPLETED", "shots": "many"}',
        b'{"status": "COMPLETED", "createdAt": "yesterday"}',
        b'{"status": "COMPLETED", "tags": ["Name"]}',
        b'{"status": "COMPLETED", "experimentalCapabilities": {}}',  # a union without a member
    ],
)
def test_an_answer_over_which_botocore_fails_is_unreadable(
    server: Any, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """The event alone is then recorded, instead of being deferred until it is undelivered."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", server.url)
    server.body = answer

    with pytest.raises(UnreadableError):
        braket.client("observe", lambda: False).read(parse_arn(f"arn:aws:braket:us-west-1:{'0' * 12}:quantum-task/1"))

    assert len(server.taken) == 1


def test_an_unreadable_summary_hides_no_other(
    server: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sweep lists the other summaries, and reads each resource with a readable ARN."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", server.url)
    arn, quiet = f"arn:aws:braket:us-west-1:{'0' * 12}:quantum-task/", {"status": "QUEUED"}
    listed = [
        {"quantumTaskArn": f"{arn}1", "status": "FAILED", "createdAt": "yesterday"},
        {"quantumTaskArn": f"{arn}2", "status": "QUEUED", "shots": -1},
        {"quantumTaskArn": f"{arn}3/of a new form", **quiet},
        {"quantumTaskArn": f"{arn}4", **quiet, "endedAt": ""},
    ]
    server.body = json.dumps({"quantumTasks": listed}).encode()

    found = braket.client("sweep", lambda: False).created("us-west-1", "task", CreatedRange())

    assert [(each.arn.id, each.status) for each in found] == [("1", "FAILED"), ("2", "QUEUED"), ("4", "QUEUED")]
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]  # an error raises the alarm
    assert "3/of a new form" in vars(line)["reason"]


def test_a_topic_is_published_to_by_a_client_that_does_not_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNEL_TYPE", "topic")
    monkeypatch.setenv("TOPIC_ARN", "arn:aws:sns:eu-north-1:012345678901:machines")

    channel = channels.channel()

    assert isinstance(channel, SnsTopic)
    config: Any = channel._client.meta.config  # noqa: SLF001 - how it was built
    assert config.retries["total_max_attempts"] == 1


def test_a_handler_is_the_file_of_its_name(monkeypatch: pytest.MonkeyPatch, a_notification: ANotification) -> None:
    monkeypatch.setenv("CHANNEL_TYPE", "handler")
    monkeypatch.setenv("HANDLER", "nobody_s")

    with pytest.raises(MendableError, match=r"custom/nobody_s\.py cannot be imported"):
        channels.channel().send(a_notification(), may_repeat=False)


def test_a_trace_goes_on_through_the_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda sets the trace in the environment, and SQS passes it from the request to the next function."""
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "observe")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    sent: list[str | bytes] = []
    client: Any = clients.sqs()
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["X-Amzn-Trace-Id"]))

    client.create_queue(QueueName="slack")

    assert [each.decode() if isinstance(each, bytes) else each for each in sent] == [trace]
