"""`deploy` takes every step of an installation, stops with one sentence, and continues when it is repeated."""

import re
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.cli import arguments
from braket_notifier.cli.commands import deploy
from braket_notifier.cli.installation import Installation
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import BOOTSTRAP, FURTHER, HOME, NAME, Run
from tests.odd_server import odd_server

AGAIN = "run `braket-notifier deploy` again"
ACCOUNT = f"aws://123456789012/{HOME}"
OUTSIDE = FURTHER, f"{NAME}-{FURTHER}"


@dataclass
class FakeCdk:
    """CDK's command line, which bootstraps a region and makes the stacks appear, or fails once as a test wants."""

    stacks: CloudFormation
    after: Mapping[tuple[str, str], Any]
    calls: list[list[str]] = field(default_factory=list)
    contexts: list[Mapping[str, str]] = field(default_factory=list)
    #: Called in place of the next call, whose exit code it returns.
    fault: Callable[[], int] | None = None

    def __call__(self, words: Sequence[str], settings: Path, profile: str | None, context: Mapping[str, str]) -> int:
        assert settings.exists()
        assert profile is None
        self.calls.append([*words])
        self.contexts.append(context)
        fault, self.fault = self.fault, None
        if fault:
            return fault()
        if words[0] == "bootstrap":
            boto3.client("ssm", words[1].rpartition("/")[2]).put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
        else:
            self.stacks.stacks.update(self.after)
            self.stacks.failed.clear()
        return 0

    @property
    def commands(self) -> list[str]:
        return [words[0] for words in self.calls]


@pytest.fixture
def cdk(stack: CloudFormation, as_deployed: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCdk]:
    """An account without a stack and without a bootstrap."""
    as_deployed()
    boto3.client("ssm", HOME).delete_parameter(Name=BOOTSTRAP)
    after = {**stack.stacks, OUTSIDE: []}
    stack.stacks.clear()
    fake = FakeCdk(stack, after)
    monkeypatch.setattr(deploy, "cdk", fake)
    monkeypatch.setattr(deploy, "TEST_S", 0.01)  # no function is there that would deliver
    with odd_server() as server:
        server.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 1000}, "EventSourceMappings": []}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield fake


def begun(out: str) -> list[str]:
    return [line.partition("] ")[2] for line in out.splitlines() if line.startswith("[")]


def ended_early(out: str) -> str:
    """The step that the last line names, with how to continue."""
    found = re.fullmatch(rf"(.+) ended early, after [^:]+: {re.escape(AGAIN)}", out.splitlines()[-1])
    return found[1] if found else ""


def test_one_command_takes_an_account_from_nothing_to_a_test_message(run: Run, cdk: FakeCdk) -> None:
    done = run("deploy", "--yes")

    assert (done.code, done.err) == (0, "")
    assert begun(done.out) == list(deploy.STEPS)
    assert "! eu-north-1 is not bootstrapped: `braket-notifier deploy` does it, if you agree" in done.out
    assert cdk.calls == [["bootstrap", ACCOUNT], ["deploy", "--all", "--require-approval", "never"]]
    assert '"at"' in cdk.contexts[1]["deployment"], "the stack says who deployed it"
    assert "✓ stack braket-notifier in eu-north-1: CREATE_COMPLETE" in done.out
    assert "✗ mail has not accepted it within 0.01 s" in done.out
    last = done.out.splitlines()[-2]
    assert last.startswith("✓ deployed in ")
    assert all(f"{step} " in last for step in deploy.STEPS), "the duration of each step"


def test_a_repeated_deployment_bootstraps_nothing_and_passes_its_options_to_cdk(run: Run, cdk: FakeCdk) -> None:
    run("deploy", "--yes")

    assert run("deploy", "--repair").code == 0
    assert cdk.calls[2:] == [["deploy", "--all", "--revert-drift"]]


def test_a_mistake_in_the_settings_stops_before_anything_is_asked_of_aws(
    run: Run,
    cdk: FakeCdk,
    settings: Path,
    no_credentials: None,  # noqa: ARG001 - after the account is there
) -> None:
    settings.write_text(settings.read_text().replace('"email"', '"e-mail"'))

    done = run("deploy", "--yes")

    assert (done.code, cdk.calls) == (2, [])
    assert "type" in done.err
    assert ended_early(done.out) == "check"


def test_without_credentials_the_deployment_stops_with_one_sentence(
    run: Run,
    cdk: FakeCdk,
    no_credentials: None,  # noqa: ARG001 - after the account is there
) -> None:
    done = run("deploy", "--yes")

    assert (done.code, cdk.calls) == (2, [])
    assert done.err.startswith("braket-notifier: there are no AWS credentials")


def test_a_finding_of_preflight_stops_before_anything_is_changed(run: Run, cdk: FakeCdk, stack: CloudFormation) -> None:
    stack.refused[FURTHER] = "not authorized to perform: cloudformation:DescribeStacks"

    done = run("deploy", "--yes")

    assert (done.code, cdk.calls) == (2, [])
    assert done.err == f"braket-notifier: nothing is deployed: follow the remedy of each ✗ above, then {AGAIN}\n"


def test_nobody_who_agrees_to_the_bootstrap_stops_the_deployment(run: Run, cdk: FakeCdk) -> None:
    done = run("deploy")

    assert (done.code, cdk.calls) == (2, [])
    assert done.err == (
        "braket-notifier: eu-north-1 is not bootstrapped, so nothing is deployed: agree, or use --yes\n"
    )


def test_every_region_is_bootstrapped_where_the_settings_ask_for_it(run: Run, cdk: FakeCdk, settings: Path) -> None:
    settings.write_text('bootstrap = "every-region"\n' + settings.read_text())

    assert run("deploy", "--yes").code == 0
    assert [words for words in cdk.calls if words[0] == "bootstrap"] == [
        ["bootstrap", ACCOUNT],
        ["bootstrap", f"aws://123456789012/{FURTHER}"],
    ]


def test_an_old_bootstrap_is_renewed(run: Run, cdk: FakeCdk) -> None:
    boto3.client("ssm", HOME).put_parameter(Name=BOOTSTRAP, Value="5", Type="String")

    def renewed() -> int:
        boto3.client("ssm", HOME).put_parameter(Name=BOOTSTRAP, Value="30", Type="String", Overwrite=True)
        return 0

    cdk.fault = renewed
    done = run("deploy", "--yes")

    assert (done.code, cdk.commands) == (0, ["bootstrap", "deploy"])
    assert (
        "! eu-north-1 has version 5 of the bootstrap, and 6 is needed: `braket-notifier deploy` does it, if you agree"
        in done.out
    )


def refused(stacks: CloudFormation) -> int:
    """The home stack is there, and the further region's was refused."""
    stacks.stacks[OUTSIDE] = []
    stacks.failed[OUTSIDE] = ("ROLLBACK_COMPLETE", "Undelivered", "User anna is not authorized to perform: sqs:create")
    return 1


def half_way(stacks: CloudFormation) -> int:
    stacks.stacks[HOME, NAME] = []
    stacks.failed[HOME, NAME] = ("ROLLBACK_COMPLETE", "ObserveQueue", "a queue of that name was deleted a minute ago")
    return 1


def stuck(stacks: CloudFormation) -> int:
    stacks.stacks[HOME, NAME] = []
    stacks.failed[HOME, NAME] = ("UPDATE_ROLLBACK_FAILED", "Sweep", "no")
    return 1


def before_any_stack(_: CloudFormation) -> int:
    return 1


def interrupted(_: CloudFormation) -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        # A right is missing in a further region, whose remedy is the setting.
        (
            refused,
            2,
            (
                "braket-notifier: braket-notifier-us-east-1 in us-east-1 is ROLLBACK_COMPLETE, because of Undelivered: "
                'User anna is not authorized to perform: sqs:create: with `bootstrap = "home"` your own rights'
            ),
        ),
        # The stack failed half-way; CDK deletes what is left of it when it is repeated.
        (half_way, 2, "is ROLLBACK_COMPLETE, because of ObserveQueue: a queue of that name was deleted a minute ago: "),
        # It cannot even be rolled back.
        (stuck, 2, "`aws cloudformation continue-update-rollback --region eu-north-1 --stack-name braket-notifier`"),
        # A full disk, a lost network, or an answer that was not given: CDK has said so.
        (before_any_stack, 2, "CDK failed before it changed a stack; its message stands above"),
        # Ctrl-C.
        (interrupted, 130, ""),
    ],
)
def test_a_deployment_that_failed_continues_when_it_is_repeated(
    run: Run, cdk: FakeCdk, stack: CloudFormation, fault: Callable[[CloudFormation], int], code: int, said: str
) -> None:
    boto3.client("ssm", HOME).put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
    cdk.fault = lambda: fault(stack)

    failed = run("deploy", "--yes")
    again = run("deploy", "--yes")

    assert failed.code == code
    assert said in failed.err
    assert failed.err.count("\n") == (1 if said else 0), "one sentence"
    assert ended_early(failed.out) == "deployment"
    assert (again.code, cdk.commands) == (0, ["deploy", "deploy"])


@pytest.mark.parametrize(("fault", "code"), [(before_any_stack, 2), (interrupted, 130)])
def test_a_bootstrap_that_failed_is_tried_again(
    run: Run, cdk: FakeCdk, fault: Callable[[CloudFormation], int], code: int
) -> None:
    cdk.fault = lambda: fault(cdk.stacks)

    failed = run("deploy", "--yes")
    again = run("deploy", "--yes")

    assert failed.code == code
    assert (again.code, cdk.commands) == (0, ["bootstrap", "bootstrap", "deploy"])


@pytest.mark.parametrize(
    ("step", "where"),
    [
        ("check", "settings"),
        ("check", "installation"),
        ("preflight", "await_changes"),
        ("bootstrap", "is_bootstrapped"),
        ("deployment", "origin"),
        ("doctor", "wake_mended"),
        ("test message", "test.send_tests"),
    ],
)
@pytest.mark.usefixtures("cdk")
def test_ctrl_c_at_any_step_says_how_to_continue_and_a_repeat_does(
    run: Run, step: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(f"braket_notifier.cli.commands.deploy.{where}", interrupt)
        ended = run("deploy", "--yes")

    assert (ended.code, ended.err) == (130, "")
    assert ended_early(ended.out) == step
    assert begun(ended.out)[-1] == step
    assert run("deploy", "--yes").code == 0


def test_ctrl_c_between_the_deployment_and_doctor_says_how_to_continue(
    run: Run, cdk: FakeCdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installation is read anew there."""
    read = arguments.installation

    def interrupt(given: Namespace) -> Installation:
        if cdk.commands:
            signal.raise_signal(signal.SIGINT)
        return read(given)

    monkeypatch.setattr(deploy, "installation", interrupt)
    ended = run("deploy", "--yes")

    assert (ended.code, ended.err, ended_early(ended.out)) == (130, "", "doctor")


def test_ctrl_c_at_the_question_about_the_bootstrap_says_how_to_continue_in_a_line_of_its_own(
    run: Run, cdk: FakeCdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(question: str) -> str:
        sys.stdout.write(question)
        signal.raise_signal(signal.SIGINT)
        return ""

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    with monkeypatch.context() as patched:
        patched.setattr("builtins.input", interrupt)
        ended = run("deploy")

    assert (ended.code, ended.err, cdk.calls) == (130, "", [])
    assert ended_early(ended.out) == "bootstrap"
    assert run("deploy", "--yes").code == 0


@pytest.mark.usefixtures("cdk")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "your AWS credentials have expired (ExpiredToken): log in again, then try again"),
        ("InvalidClientTokenId", "AWS does not know your credentials (InvalidClientTokenId)"),
        ("AccessDenied", "your credentials may not do GetCallerIdentity (AccessDenied)"),
    ],
)
def test_refused_credentials_are_one_sentence(run: Run, code: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_server() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        server.status, server.headers = 403, {"Content-Type": "text/xml"}
        server.body = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
        done = run("deploy", "--yes")

    assert done.code == 2
    assert done.err.startswith(f"braket-notifier: {said}")
    assert done.err.count("\n") == 1


@pytest.mark.usefixtures("cdk")
def test_a_lost_network_is_one_sentence_and_a_repeat_continues(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as offline:
        offline.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")
        lost = run("deploy", "--yes")

    assert lost.code == 2
    assert lost.err.startswith("braket-notifier: AWS cannot be reached")
    assert ended_early(lost.out) == "preflight"
    assert run("deploy", "--yes").code == 0


@pytest.mark.usefixtures("cdk")
def test_a_deployment_waits_for_one_that_was_interrupted(
    run: Run, stack: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("deploy", "--yes")
    stack.failed[HOME, NAME] = ("UPDATE_IN_PROGRESS", "", "")
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            stack.failed.clear()

    monkeypatch.setattr("braket_notifier.cli.deploying.stacks.sleep", sleep)

    done = run("deploy", "--yes")

    assert (done.code, len(waited)) == (0, 3)
    assert done.out.count("• braket-notifier in eu-north-1 still changes (UPDATE_IN_PROGRESS): waiting") == 1


def test_an_installed_command_without_a_clone_names_what_it_needs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "IN_CLONE", False)

    assert run("deploy").err.startswith("braket-notifier: `deploy` makes the templates, which needs a clone")
