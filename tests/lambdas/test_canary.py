"""The channel's secret is in no log, error, metric, queue or row."""

import json
import logging
import socket
import ssl
import urllib.error
from collections.abc import Callable, Iterator
from http.client import BadStatusLine, InvalidURL
from importlib import import_module
from typing import Any

import boto3
import pytest

from braket_notifier.bootstrap import channels
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.wire import encode
from local.inbox.inbox import Fault, Inbox
from local.inbox.services import Destination
from local.story.workspace import KEY
from tests import canary
from tests.broken_network import Step, break_network
from tests.prove.channel_faults.faults import ECHO
from tests.prove.wire import Treatment, Wire, http

ANotification = Callable[[], Notification]
REAL_CHANNEL = channels.channel
#: The services behind a URL on this host, by the type of their channel.
SERVICES, HOST = {"signed": "webhook", "discord": "discord", "teams": "teams"}, "hooks.example.org"
TROUBLE: list[Fault | None] = [
    None,  # no fault
    Fault("status", status=500, calls=None),
    Fault("close", calls=None),
    Fault("rate_limited", retry_after=1, calls=None),
    Fault("error", error="invalid_auth", calls=None),
    Fault("error", error="channel_not_found", calls=None),
    Fault("redirect", calls=None, location=f"/{canary.HOOK}"),
]
#: The step at which a network fails, and the error, whose text may hold the request.
BROKEN: list[tuple[Step, Exception]] = [
    ("connect", socket.gaierror(ECHO)),
    ("connect", ssl.SSLCertVerificationError(ECHO)),
    ("request", InvalidURL(ECHO)),
    ("getresponse", BadStatusLine(ECHO)),
    ("getresponse", urllib.error.URLError(ECHO)),
    ("getresponse", ValueError(ECHO)),
]
#: Answers that are not Slack's, and may repeat the request.
ECHOES = [
    http(200, json.dumps({"ok": False, "error": "invalid_auth", "token": canary.TOKEN}), "application/json"),
    http(200, json.dumps({"ok": False, "error": f"invalid_auth: {canary.TOKEN}"}), "application/json"),
    http(200, json.dumps({"ok": False, "error": {canary.TOKEN: ECHO}}), "application/json"),
    http(200, ECHO),
    http(404, ECHO),
    http(429, ECHO, Retry_After=ECHO),
    http(500, ECHO),
    http(302, ECHO, Location=canary.WEBHOOK),
]


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An operator may set the root logger to DEBUG, where botocore would log each answer."""
    caplog.set_level(logging.DEBUG)


@pytest.fixture(params=["token", "webhook", *SERVICES])
def deliver(
    request: pytest.FixtureRequest,
    account: Any,  # noqa: ARG001 - the environment first
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Any]:
    """Build the function with its real channel, a Slack on this machine and a secret in a parameter."""

    def at(slack: str) -> Any:
        secrets = {
            "token": canary.TOKEN,
            "webhook": f"{slack}/services/{canary.HOOK}",
            **dict.fromkeys(SERVICES, canary.HOOK_URL),
            "webhook elsewhere": f"http://127.0.0.1/{canary.HOOK}",
            "webhook in brackets": f"https://[{canary.TOKEN}]/",
            "JSON": json.dumps({"token": canary.TOKEN}, indent=1),
            "lines": f"{canary.WEBHOOK}\n{canary.TOKEN}",
        }
        boto3.client("ssm").put_parameter(Name="/lab/secret", Value=secrets[request.param], Type="SecureString")
        boto3.client("ssm").put_parameter(Name="/lab/key", Value=KEY, Type="SecureString")
        of_service = {"HOST": HOST, "URL": "ssm:/lab/secret", "KEY": "ssm:/lab/key", "SERVICES_ENDPOINT_URL": slack}
        if request.param in SERVICES:
            for name, value in {"CHANNEL_TYPE": SERVICES[request.param], **of_service}.items():
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("SLACK_CHANNEL", "C0123456789")
        monkeypatch.setenv("SLACK_WEBHOOK" if "webhook" in request.param else "SLACK_TOKEN", "ssm:/lab/secret")
        monkeypatch.setenv("SLACK_ENDPOINT_URL", slack)
        monkeypatch.setattr(channels, "channel", REAL_CHANNEL)
        return import_module("deliver").lambda_handler

    return at


@pytest.fixture
def inbox(request: pytest.FixtureRequest) -> Iterator[Inbox]:
    with Inbox() as running:
        kind = SERVICES.get(request.node.callspec.params.get("deliver", ""), "webhook")
        running.services = {f"{HOST}/{canary.CANARY}": Destination(kind, "chat", KEY)}
        yield running


@pytest.mark.parametrize("fault", TROUBLE, ids=lambda fault: f"{fault and (fault.error or fault.kind)}")
def test_the_secret_is_nowhere_but_in_its_parameter(
    deliver: Any, account: Any, context: Any, inbox: Inbox, a_notification: ANotification, fault: Fault | None
) -> None:
    """The captured output is checked after every test."""
    if fault:
        inbox.fault(fault)

    answer = deliver(inbox.url)(account.batch("slack", encode(a_notification())), context)

    assert bool(inbox.posts) is (fault is None)
    assert not canary.found_in(answer, *kept(account))


def test_the_secret_is_sent_to_slack_alone_and_in_its_header_or_url(
    deliver: Any, account: Any, context: Any, a_notification: ANotification, request: pytest.FixtureRequest
) -> None:
    with Wire(Treatment(answer=http(200, "ok"))) as wire:
        deliver(wire.url)(account.batch("slack", encode(a_notification())), context)

    [request_text] = wire.requests
    bears = {"token": f"Authorization: Bearer {canary.TOKEN}", "webhook": f"POST /services/{canary.HOOK} HTTP/1.1"}
    of_services = dict.fromkeys(SERVICES, f"POST /{HOST}/{canary.CANARY} HTTP/1.1")
    bears |= of_services | {"discord": of_services["discord"].replace(" HTTP", "?wait=true HTTP")}
    lines = [line for line in request_text.decode().splitlines() if canary.found_in(line)]
    assert lines == [bears[request.node.callspec.params["deliver"]]]


@pytest.mark.parametrize("deliver", ["webhook elsewhere", "webhook in brackets", "JSON", "lines"], indirect=True)
def test_a_secret_of_the_wrong_form_is_not_shown(
    deliver: Any, account: Any, context: Any, inbox: Inbox, a_notification: ANotification
) -> None:
    answer = deliver(inbox.url)(account.batch("slack", encode(a_notification())), context)

    assert inbox.posts == []
    assert not canary.found_in(answer, *kept(account))


@pytest.mark.parametrize("answer", ECHOES, ids=range(len(ECHOES)))
def test_an_answer_that_contains_the_secret_is_not_shown(
    deliver: Any, account: Any, context: Any, a_notification: ANotification, answer: bytes
) -> None:
    with Wire(Treatment(answer=answer)) as wire:
        response = deliver(wire.url)(account.batch("slack", encode(a_notification())), context)

    assert not canary.found_in(response, *kept(account))


@pytest.mark.parametrize(("step", "error"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_network_error_s_own_text_is_not_shown(  # noqa: PLR0917 - as many fixtures as there are places
    deliver: Any,
    account: Any,
    context: Any,
    inbox: Inbox,
    a_notification: ANotification,
    monkeypatch: pytest.MonkeyPatch,
    step: Step,
    error: Exception,
) -> None:
    function, batch = deliver(inbox.url), account.batch("slack", encode(a_notification()))
    break_network(monkeypatch, step, error)

    answer = function(batch, context)

    assert not canary.found_in(answer, *kept(account))


def kept(account: Any) -> Iterator[str]:
    """Collect every record of the queues and every row of both tables."""
    for queue in account.queues:
        yield json.dumps(account.waiting(queue), default=str)
    for table in ("snapshots", "deliveries"):
        yield json.dumps(boto3.client("dynamodb").scan(TableName=table)["Items"], default=str)
