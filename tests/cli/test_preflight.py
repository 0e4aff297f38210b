"""`preflight` prints ✓ or a remedy for each check before a deployment."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.cli.checks.bootstrap import CLOSED, bootstrapped
from braket_notifier.cli.checks.deployment import python
from braket_notifier.cli.checks.dropped import REMEDY
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.wire import encode
from braket_notifier.settings.python_version import MACHINE, SUPPORTED
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import BOOTSTRAP, HOME, NAME, TOKEN
from tests.odd_server import OddServer, odd_server

OTHER = next(each for each in SUPPORTED if each != MACHINE)


@pytest.fixture(autouse=True)
def concurrency(stacks: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:  # noqa: ARG001 - no stack
    """Lambda's GetAccountSettings, which moto does not have."""
    with odd_server() as server:
        server.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield server


def bootstrap(*regions: str) -> None:
    for region in regions:
        boto3.client("ssm", region).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")


def test_a_stack_that_is_only_reviewed_is_none_that_was_deployed(run: Any, stacks: CloudFormation) -> None:
    """As after Ctrl-C before the first deployment changed anything."""
    bootstrap("eu-north-1", "us-east-1")
    stacks.stacks[HOME, NAME] = []
    stacks.failed[HOME, NAME] = ("REVIEW_IN_PROGRESS", "", "")

    done = run("preflight")

    assert (done.code, "older" in done.out) == (0, False), done


def test_a_home_without_bootstrap_gets_one_by_the_deployment(run: Any) -> None:
    bootstrap("us-east-1")

    done = run("preflight")

    assert done.code == 0
    assert done.out.splitlines()[:3] == [
        "✓ credentials for account 123456789012",
        "! eu-north-1 is not bootstrapped: `braket-notifier deploy` does it, if you agree",
        "✓ us-east-1 is open, and needs no bootstrap",
    ]


def everywhere(settings: Path) -> None:
    settings.write_text('bootstrap = "every-region"\n' + settings.read_text())


def test_a_further_region_without_bootstrap_gets_one_if_the_settings_ask_for_it(run: Any, settings: Path) -> None:
    bootstrap(HOME)
    everywhere(settings)

    done = run("preflight")

    assert done.code == 0
    assert done.out.splitlines()[:3] == [
        "✓ credentials for account 123456789012",
        "✓ eu-north-1 is bootstrapped for CDK",
        (
            "! us-east-1 is not bootstrapped: `braket-notifier deploy` does it, if you agree; "
            'or set `bootstrap = "home"`, or take us-east-1 out of `regions`'
        ),
    ]


@pytest.mark.parametrize(
    ("refusal", "finding"),
    [
        # The organisation has closed the region.
        (
            f"explicit deny in a {CLOSED}",
            (
                "✗ us-east-1: your organisation has closed the region by a service control policy: ask its "
                "administrators to allow CloudFormation, EventBridge, SQS, IAM and SSM there, or take us-east-1 out of "
                "`regions`"
            ),
        ),
        # The user lacks the right, and the setting decides whose rights are needed.
        (
            "not authorized to perform: cloudformation:DescribeStacks",
            (
                "✗ us-east-1: your credentials may not do DescribeStacks (AccessDenied): not authorized to perform: "
                'cloudformation:DescribeStacks; with `bootstrap = "home"` your own rights create the stack there: ask '
                'for them (docs/permissions.md#rights-in-further-regions), set `bootstrap = "every-region"`, or take '
                "us-east-1 out of `regions`"
            ),
        ),
    ],
)
def test_a_refusal_in_a_further_region_without_bootstrap_names_the_setting(
    run: Any, stacks: CloudFormation, refusal: str, finding: str
) -> None:
    bootstrap(HOME)
    stacks.refused["us-east-1"] = refusal

    done = run("preflight")

    assert done.code == 2
    assert done.out.splitlines()[2] == finding


def test_a_missing_token_is_a_warning(run: Any) -> None:
    bootstrap(HOME, "us-east-1")

    done = run("preflight")

    assert done.code == 0
    assert done.out.splitlines()[3].startswith("! the secret of team-slack does not exist yet")


def test_preflight_asks_a_script_nothing(
    run: Any, stack: CloudFormation, as_deployed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, settings: Path
) -> None:
    """Although it runs in a terminal, only --yes agrees."""
    as_deployed()
    bootstrap("us-east-1")
    settings.write_text(settings.read_text().replace('["team-slack", "mail"]', '["mail"]'))
    stack.outputs["Python"] = OTHER
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", pytest.fail)

    refused, agreed = run("preflight", "--json"), run("preflight", "--json", "--yes")

    def stopping(done: Any) -> list[str]:
        return [each["message"].split(",")[0] for each in json.loads(done.out) if each["mark"] == "✗"]

    change = f"the functions run Python {OTHER}"
    assert (refused.code, stopping(refused)) == (2, [change, "not agreed"])
    assert (agreed.code, stopping(agreed)) == (2, [change])  # no option stands for the agreement about Python


def test_preflight_prints_only_ticks_for_a_complete_account(run: Any) -> None:
    bootstrap(HOME, "us-east-1")
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=canary.TOKEN, Type="SecureString")

    done = run("preflight")

    assert done.code == 0
    assert [line[0] for line in done.out.splitlines()] == ["✓"] * 8
    assert "canary" not in done.out


def test_a_low_concurrency_quota_is_a_warning(run: Any, concurrency: OddServer) -> None:
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
    """A notification that waits for a channel under the channel's former name."""
    bootstrap("us-east-1")
    rename(settings)
    waiting: Notification = a_notification(channel="mail")
    sqs = boto3.client("sqs", HOME)
    url = sqs.get_queue_url(QueueName=f"{NAME}-deliver-mail")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=encode(waiting))
    return waiting


def test_notifications_waiting_for_a_renamed_channel_stop_the_deployment(run: Any, renamed: Notification) -> None:
    done = run("preflight")

    assert done.code == 2
    lost = (
        "✗ mail is no longer a channel, and its queue would be deleted with 1 notification; "
        f"COMPLETED of {renamed.transition.arn}; {REMEDY}"
    )
    assert lost in done.out.splitlines()


@pytest.mark.usefixtures("renamed")
def test_notifications_of_a_renamed_channel_are_dropped_only_on_request(run: Any) -> None:
    assert run("preflight", "--drop").code == 0


def test_a_removed_channel_without_waiting_notifications_stops_nothing(run: Any, stack: Any, settings: Path) -> None:  # noqa: ARG001
    bootstrap("us-east-1")
    rename(settings)

    assert run("preflight").code == 0


@pytest.mark.parametrize(
    ("deployed", "setting", "agrees", "found"),
    [
        # The first deployment, and one without a change.
        ("", "machine", False, f"✓ the functions run Python {MACHINE}"),
        (MACHINE, "machine", False, f"✓ the functions run Python {MACHINE}"),
        ("3.13", "3.13", False, "✓ the functions run Python 3.13"),
        # The setting is an agreement.
        ("3.13", "3.12", False, "! the functions run Python 3.13, and this deployment changes them to 3.12"),
        # Otherwise the operator is asked.
        (OTHER, "machine", True, f"! the functions run Python {OTHER}, and this deployment changes them to {MACHINE}"),
        (
            OTHER,
            "machine",
            False,
            (
                f"✗ the functions run Python {OTHER}, and this deployment changes them to {MACHINE}, because this "
                f'machine has it: set `python = "{OTHER}"` under [defaults] to keep it, or `python = "{MACHINE}"`'
            ),
        ),
    ],
)
def test_a_change_of_the_functions_python_needs_an_agreement(
    deployed: str, setting: str, agrees: bool, found: str
) -> None:
    assert python(deployed, setting, lambda _: agrees).line().plain == found


def test_without_a_terminal_another_python_stops_the_deployment(run: Any, stack: CloudFormation) -> None:
    stack.outputs["Python"] = OTHER

    done = run("preflight")

    assert done.code == 2
    assert f"✗ the functions run Python {OTHER}" in done.out


def test_preflight_looks_for_the_bootstrap_of_the_organisations_qualifier(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braket_notifier.cli.cdk_json.CDK_JSON", tmp_path / "cdk.json")
    (tmp_path / "cdk.json").write_text('{"context": {"@aws-cdk/core:bootstrapQualifier": "lab42"}}')
    boto3.client("ssm", HOME).put_parameter(Name="/cdk-bootstrap/lab42/version", Value="21", Type="String")
    bootstrap("us-east-1")  # by CDK's own qualifier

    done = run("preflight")

    assert "✓ eu-north-1 is bootstrapped for CDK" in done.out
    assert "! us-east-1 is not bootstrapped" in done.out


SCP = (
    b'{"__type": "AccessDeniedException", "Message": "User: arn:aws:iam::123456789012:user/anna is not authorized to '
    b'perform: ssm:GetParameter on resource: * with an explicit deny in a service control policy"}'
)
IAM = (
    b'{"__type": "AccessDeniedException", "Message": "User: arn:aws:iam::123456789012:user/anna is not authorized to '
    b'perform: ssm:GetParameter on resource: * because no identity-based policy allows it"}'
)


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        # The organisation has closed the region.
        (
            SCP,
            (
                "✗ us-east-1: your organisation has closed the region by a service control policy: ask its "
                "administrators to allow CloudFormation, EventBridge, SQS, IAM and SSM there, or take us-east-1 out of "
                "`regions`"
            ),
        ),
        # The user lacks the right.
        (IAM, "✗ us-east-1: your credentials may not do GetParameter (AccessDeniedException)"),
    ],
)
def test_a_refused_region_stops_the_deployment_with_its_remedy(answer: bytes, finding: str, aws: None) -> None:  # noqa: ARG001
    with odd_server() as server:
        server.status, server.body = 400, answer
        ssm = boto3.client("ssm", "us-east-1", endpoint_url=server.url)

        found = bootstrapped(ssm, "us-east-1", HOME)

    assert found.line().plain.startswith(finding)
    assert found.stops
