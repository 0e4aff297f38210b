"""`init` asks a terminal for the bot's token after the link, stores it and shows it nowhere."""

import os
import sys
from collections.abc import Callable
from getpass import GetPassWarning
from pathlib import Path
from warnings import warn

import boto3
import pytest

from tests import canary
from tests.cli.conftest import HOME, TOKEN, Run
from tests.odd_server import odd_server
from tests.terminal import at_a_terminal

ROOT = Path(__file__).parents[2]
WORDS = ["init", "--no-page", "--home", HOME, "--watch", HOME, "--time-zone", "UTC", "--slack", "C0123456789"]
WORDS += ["--email", "anna@example.org", "--alarms", "--who-submitted", "no"]
LATER = "! team-slack has no token yet: `braket-notifier secret set team-slack` stores it, also after deploying"
Types = Callable[..., list[str]]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Type these answers, in this order; return the questions."""

    def types(*answers: str) -> list[str]:
        left, questions = [*answers], list[str]()

        def getpass(question: str) -> str:
            questions.append(question)
            return left.pop(0)

        monkeypatch.setattr("braket_notifier.cli.commands.secret.getpass", getpass)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        return questions

    return types


def stored() -> list[str]:
    found = boto3.client("ssm", HOME).get_parameters(Names=[TOKEN], WithDecryption=True)["Parameters"]
    return [each["Value"] for each in found]


@pytest.mark.usefixtures("stacks", "slack")
def test_the_token_is_asked_for_after_the_link_and_stored(run: Run, types: Types) -> None:
    questions = types(canary.TOKEN)

    done = run(*WORDS)

    assert (done.code, stored(), len(questions)) == (0, [canary.TOKEN], 1)
    lines = done.out.splitlines()
    [link] = [number for number, line in enumerate(lines) if "https://api.slack.com/apps?new_app=1" in line]
    assert lines[link + 1].startswith("✓ Slack knows Braket notifier in local; stored as a SecureString")
    assert canary.TOKEN not in done.out + done.err


@pytest.mark.usefixtures("stacks", "slack")
def test_a_wrong_token_is_explained_and_asked_for_again(run: Run, types: Types) -> None:
    questions = types(f"{canary.TOKEN}-old", "xapp-1", canary.TOKEN)

    done = run(*WORDS)

    assert (done.code, stored(), len(questions)) == (0, [canary.TOKEN], 3)
    assert "✗ Slack answers invalid_auth" in done.out
    assert "✗ a bot's token begins with xoxb-" in done.out


@pytest.mark.usefixtures("stacks", "slack")
def test_enter_stores_nothing_and_names_the_command_for_later(run: Run, types: Types) -> None:
    types("")

    done = run(*WORDS)

    assert (done.code, stored()) == (0, [])
    assert LATER in done.out


@pytest.mark.usefixtures("slack", "no_credentials")
def test_without_credentials_the_settings_are_written_and_the_token_comes_later(
    run: Run, types: Types, settings: Path
) -> None:
    types(canary.TOKEN, "")

    done = run(*WORDS)

    assert (done.code, done.err, settings.exists()) == (0, "", True)
    assert "✗ there are no AWS credentials" in done.out
    assert LATER in done.out


@pytest.mark.usefixtures("stacks")
@pytest.mark.parametrize("slack", ["none", "webhook"])
def test_without_a_bot_no_token_is_asked_for(run: Run, types: Types, slack: str) -> None:
    questions = types()

    assert run(*WORDS, "--slack", slack).code == 0
    assert questions == []


def test_a_script_is_asked_for_no_token(run: Run) -> None:
    assert run(*WORDS).code == 0


@pytest.mark.usefixtures("stacks", "slack")
def test_a_terminal_that_would_show_the_token_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def getpass(_: str) -> str:
        warn("Can not control echo on the terminal.", GetPassWarning, stacklevel=2)
        raise AssertionError("the token was read although it is shown")

    monkeypatch.setattr("braket_notifier.cli.commands.secret.getpass", getpass)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    done = run("secret", "set", "team-slack")

    assert (done.code, stored()) == (2, [])
    assert done.err == "braket-notifier: this terminal would show the secret: give it to `secret set` by a pipe\n"


@pytest.mark.usefixtures("stacks", "slack")
def test_a_real_terminal_shows_no_token(settings: Path) -> None:
    with odd_server() as ssm:
        ssm.body = b'{"Version": 1}'
        command = [sys.executable, "-m", "braket_notifier.cli", "--settings", str(settings), *WORDS]
        there = {**os.environ, "AWS_ENDPOINT_URL_SSM": ssm.url, "PYTHONPATH": str(ROOT)}
        code, shown = at_a_terminal(command, ROOT, there, {"Enter: later\\): ": canary.TOKEN})

    assert code == 0, shown
    assert "stored as a SecureString" in shown
    assert canary.TOKEN not in shown
