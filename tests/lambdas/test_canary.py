"""A secret that is looked for everywhere it must not be: logs, errors, metrics, queues, rows."""

import json
import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import boto3
import pytest

from local.inbox import Fault, Inbox, Workspace
from notifier import aws as root
from notifier.braket import parse_snapshot, to_words
from notifier.model import Notification
from notifier.wire import encode
from tests.conftest import job_arn, task_arn

#: A token, and what is secret about a webhook's URL.
CANARY = "xoxb-0000-canary"
WEBHOOK = {f"T000/B000/{CANARY}": "C0123456789"}
TROUBLE: list[Fault | None] = [
    None,  # all is well
    Fault("status", status=500, calls=None),
    Fault("close", calls=None),
    Fault("rate_limited", retry_after=1, calls=None),
    Fault("error", error="invalid_auth", calls=None),
    Fault("error", error="channel_not_found", calls=None),
    Fault("redirect", calls=None, location=f"/{CANARY}"),
]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(token=CANARY, webhooks=WEBHOOK)) as running:
        yield running


@pytest.fixture(params=["token", "webhook", "webhook elsewhere"])
def deliver(
    request: pytest.FixtureRequest,
    account: Any,  # noqa: ARG001 - the environment first
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The function with its real channel: the secret in a parameter, Slack on this machine."""
    if request.param == "token":
        monkeypatch.setenv("SLACK_CHANNEL", "C0123456789")
    monkeypatch.setenv("SLACK_TOKEN" if request.param == "token" else "SLACK_WEBHOOK", "ssm:/lab/secret")
    monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)
    secrets = {"token": CANARY, "webhook": inbox.webhook_url, "webhook elsewhere": f"http://127.0.0.1/{CANARY}"}
    boto3.client("ssm").put_parameter(Name="/lab/secret", Value=secrets[request.param], Type="SecureString")
    monkeypatch.setattr(root, "channel", REAL_CHANNEL)
    return import_module("deliver").lambda_handler


REAL_CHANNEL = root.channel


@pytest.mark.parametrize("fault", TROUBLE, ids=lambda fault: f"{fault and (fault.error or fault.kind)}")
def test_the_secret_is_nowhere_but_in_its_parameter(  # noqa: PLR0917 - as many fixtures as there are places
    deliver: Any,
    account: Any,
    context: Any,
    inbox: Inbox,
    a_notification: Callable[[], Notification],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    fault: Fault | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault:
        inbox.fault(fault)

    answer = deliver(account.batch("slack", encode(a_notification())), context)

    assert bool(inbox.posts) is (fault is None and "elsewhere" not in request.node.callspec.id)
    logs = [f"{each.getMessage()} {each.exc_text} {each.__dict__}" for each in caplog.records if ours(each)]
    printed = capsys.readouterr()
    for text in (*logs, printed.out, printed.err, json.dumps(answer), *kept(account)):
        assert CANARY not in text


def ours(record: logging.LogRecord) -> bool:
    """In Lambda nobody sees what botocore and urllib3 say for debugging; a warning of theirs would be seen."""
    return record.levelno >= logging.INFO


def kept(account: Any) -> Iterator[str]:
    """Everything in every queue and every row of both tables."""
    for queue in account.queues:
        yield json.dumps(account.waiting(queue), default=str)
    for table in ("snapshots", "deliveries"):
        yield json.dumps(boto3.client("dynamodb").scan(TableName=table)["Items"], default=str)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("task", {"quantumTaskArn": task_arn(), "deviceParameters": json.dumps({"key": CANARY})}),
        ("job", {"jobArn": job_arn(), "hyperParameters": {"password": CANARY}}),
        ("job", {"jobArn": job_arn(), "algorithmSpecification": {"containerImage": {"uri": CANARY}}}),
        ("job", {"jobArn": job_arn(), "inputDataConfig": [{"dataSource": {"s3DataSource": {"s3Uri": CANARY}}}]}),
    ],
)
def test_of_braket_s_answer_only_the_allowed_members_go_on(kind: Any, told: dict[str, object]) -> None:
    """What is not read into a snapshot cannot be logged, stored or sent."""
    snapshot = parse_snapshot({**told, "status": "COMPLETED"}, kind=kind)

    assert CANARY not in repr(snapshot)
    assert CANARY not in json.dumps(to_words(snapshot), default=str)
