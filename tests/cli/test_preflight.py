"""What is found before a deployment, and what is said to do about it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.cli.commands.preflight import BOOTSTRAP
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.wire import encode
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME, NAME, TOKEN
from tests.odd_server import OddServer, odd_server


@pytest.fixture(autouse=True)
def concurrency(stacks: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:  # noqa: ARG001 - no stack
    """How many functions may run at once; moto has no GetAccountSettings."""
    with odd_server() as server:
        server.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield server


def bootstrap(*regions: str) -> None:
    for region in regions:
        boto3.client("ssm", region).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")


def test_a_region_that_is_not_bootstrapped_stops_the_deployment(run: Any) -> None:
    bootstrap(HOME)

    done = run("preflight")

    assert done.code == 2
    assert done.out.splitlines()[:3] == [
        "✓ credentials for account 123456789012",
        "✓ eu-north-1 is bootstrapped for CDK",
        (
            "✗ us-east-1 is not bootstrapped: `npx cdk bootstrap aws://123456789012/us-east-1`, "
            "or take us-east-1 out of `regions`: any of them will do"
        ),
    ]


def test_a_missing_token_is_said_but_stops_nothing(run: Any) -> None:
    bootstrap(HOME, "us-east-1")

    done = run("preflight")

    assert done.code == 0
    assert done.out.splitlines()[3].startswith("! the secret of team-slack is not there yet")


def test_when_all_is_there_every_line_says_so(run: Any) -> None:
    bootstrap(HOME, "us-east-1")
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=canary.TOKEN, Type="SecureString")

    done = run("preflight")

    assert done.code == 0
    assert [line[0] for line in done.out.splitlines()] == ["✓"] * 5
    assert "canary" not in done.out


def test_an_account_with_few_functions_at_once_is_warned(run: Any, concurrency: OddServer) -> None:
    bootstrap(HOME, "us-east-1")
    concurrency.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 4}}'

    done = run("preflight")

    assert done.code == 0
    assert "! Lambda may run only 4 functions at once; 7 may be needed: ask AWS for a higher quota" in done.out


def test_without_credentials_there_is_one_sentence(run: Any, no_credentials: None) -> None:  # noqa: ARG001
    done = run("preflight")

    assert (done.code, done.out) == (2, "")
    assert "there are no AWS credentials" in done.err


def rename(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("channels.mail", "channels.lab").replace('"mail"', '"lab"'))


@pytest.fixture
def renamed(stack: CloudFormation, settings: Path, a_notification: Callable[..., Notification]) -> Notification:  # noqa: ARG001
    """A channel that has another name now, and a notification that still waits under the old one."""
    bootstrap("us-east-1")
    rename(settings)
    waiting: Notification = a_notification(channel="mail")
    sqs = boto3.client("sqs", HOME)
    url = sqs.get_queue_url(QueueName=f"{NAME}-deliver-mail")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=encode(waiting))
    return waiting


def test_what_waits_for_a_channel_that_was_renamed_is_named_and_stops_the_deployment(
    run: Any, renamed: Notification
) -> None:
    done = run("preflight")

    assert done.code == 2
    assert done.out.splitlines()[-1] == (
        "✗ mail is no longer a channel, and 1 notification would go with its queue; "
        f"COMPLETED of {renamed.transition.arn}; put it back until they are told, or `make deploy DROP=1`"
    )


@pytest.mark.usefixtures("renamed")
def test_it_is_lost_only_by_somebody_who_says_so(run: Any) -> None:
    assert run("preflight", "--drop").code == 0


def test_a_channel_that_is_gone_with_nothing_waiting_stops_nothing(run: Any, stack: Any, settings: Path) -> None:  # noqa: ARG001
    bootstrap("us-east-1")
    rename(settings)

    assert run("preflight").code == 0
