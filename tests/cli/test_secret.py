"""`secret set` checks a secret, stores it encrypted and never shows it."""

import io
import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.domain.notification import Wake
from braket_notifier.sending.wire import decode_record
from local.inbox.inbox import Fault, Inbox
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME, TOKEN, Run
from tests.odd_server import odd_server
from tests.prove.channel_faults.faults import ECHO

pytestmark = pytest.mark.usefixtures("stacks", "slack")


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


def stored() -> dict[str, Any]:
    found = boto3.client("ssm", HOME).get_parameters(Names=[TOKEN], WithDecryption=True)["Parameters"]
    return dict(found[0]) if found else {}


def test_a_valid_token_is_stored_encrypted(run: Any, typed: Any) -> None:
    typed(f"{canary.TOKEN}\n")

    done = run("secret", "set", "team-slack")

    assert done.code == 0
    assert "Slack knows Braket notifier in local" in done.out
    assert (stored()["Value"], stored()["Type"]) == (canary.TOKEN, "SecureString")


def test_a_deployed_channel_is_woken_to_try_the_new_token(
    run: Any, typed: Any, stack: CloudFormation, waiting: Callable[[str], list[str]]
) -> None:
    typed(canary.TOKEN)

    run("secret", "set", "team-slack")

    [body] = waiting("deliver-team-slack")
    woken = decode_record(body)
    assert isinstance(woken, Wake)
    assert (woken.channel, woken.mended) == ("team-slack", True)
    assert stack.stacks


def test_a_second_token_replaces_the_first(run: Any, typed: Any) -> None:
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=f"{canary.TOKEN}-old", Type="SecureString")
    typed(canary.TOKEN)

    run("secret", "set", "team-slack")

    assert stored()["Value"] == canary.TOKEN


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (f"{canary.TOKEN}-old", "Slack answers invalid_auth"),  # a token that Slack does not know
        (canary.CANARY, "begins with xoxb-"),  # no token at all
        ("", "not a token or a URL"),
        (f"{canary.TOKEN} {canary.TOKEN}", "not a token or a URL"),  # not possible in a header
    ],
)
def test_a_wrong_token_is_refused_and_not_stored(run: Any, typed: Any, given: str, printed: str) -> None:
    typed(given)

    done = run("secret", "set", "team-slack")

    assert (done.code, stored()) == (2, {})
    assert printed in done.err
    assert not given or given not in done.out + done.err


def test_the_error_about_an_unreachable_slack_has_no_token(run: Any, typed: Any, slack: Inbox) -> None:
    slack.fault(Fault("close", method="auth.test"))
    typed(canary.TOKEN)

    done = run("secret", "set", "team-slack")

    assert (done.code, stored()) == (2, {})
    assert "Slack cannot be reached" in done.err
    assert canary.TOKEN not in done.err


def test_a_redirect_of_slack_does_not_get_the_token(run: Run, typed: Any, slack: Inbox) -> None:
    with odd_server() as elsewhere:
        slack.fault(Fault("redirect", method="auth.test", location=elsewhere.url))
        typed(canary.TOKEN)

        done = run("secret", "set", "team-slack")

    assert elsewhere.taken == []
    assert (done.code, stored()) == (2, {})
    assert "Slack answers 302" in done.err


@pytest.mark.parametrize(
    ("status", "body", "printed"),
    [
        (500, ECHO, "Slack answers 500"),
        (200, ECHO, "Slack answers 200"),
        (200, json.dumps({"ok": False, "error": ECHO}), "Slack answers 200"),
        (200, json.dumps({"ok": False, "error": "invalid_auth", "token": canary.TOKEN}), "Slack answers invalid_auth"),
    ],
)
def test_the_error_does_not_repeat_an_answer_with_the_token(
    run: Run, typed: Any, monkeypatch: pytest.MonkeyPatch, status: int, body: str, printed: str
) -> None:
    """A fixture of every test looks for the token in the output."""
    with odd_server() as slack:
        slack.status, slack.body = status, body.encode()
        monkeypatch.setenv("SLACK_ENDPOINT_URL", slack.url)
        typed(canary.TOKEN)

        done = run("secret", "set", "team-slack")

    assert (done.code, stored()) == (2, {})
    assert printed in done.err


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (canary.WEBHOOK, ""),
        (canary.WEBHOOK.replace("slack.com", "slack-gov.com"), ""),  # Slack for governments
        (canary.WEBHOOK.replace("services", "triggers"), "a workflow's (/triggers/…)"),
        (canary.WEBHOOK.replace("services", "workflows"), "a workflow's (/workflows/…)"),
        (canary.WEBHOOK.replace("https", "http"), "not a webhook's"),
        (canary.WEBHOOK.replace(".com", ".com.evil.example"), "not a webhook's"),
        (canary.TOKEN, "not a webhook's"),
    ],
)
def test_a_webhook_is_recognised_by_its_form(run: Any, typed: Any, settings: Path, given: str, printed: str) -> None:
    text = settings.read_text().replace('channel = "C0123456789"\ntoken =', "webhook =")
    settings.write_text(text)
    typed(given)

    done = run("secret", "set", "team-slack")

    assert done.code == (2 if printed else 0)
    assert printed in done.err
    assert bool(stored()) is not bool(printed)
    assert given not in done.out + done.err


HOOK = f"https://hooks.example.org/{canary.CANARY}"
SIGNING = f"whsec_{b64encode(canary.CANARY.encode()).decode()}"


@pytest.fixture
def hook(settings: Path) -> None:
    """A signed webhook in the place of the bot, with its two secrets."""
    text = settings.read_text()
    bot = re.search(r'type\s*= "slack"\nchannel.*\ntoken.*\n', text)
    assert bot
    signed = f'type = "webhook"\nhost = "hooks.example.org"\nurl = "ssm:{TOKEN}"\nkey = "ssm:{TOKEN}-key"\n'
    settings.write_text(text.replace(bot[0], signed))


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (HOOK, ""),
        (HOOK.replace("https", "http"), "the URL does not begin with https://hooks.example.org/"),
        (HOOK.replace("hooks.example.org", "192.0.2.7"), "the URL does not begin with https://hooks.example.org/"),
        (HOOK.replace("example.org", "example.org.evil.example"), "the URL does not begin with"),
        (SIGNING, "the URL does not begin with"),
    ],
)
@pytest.mark.usefixtures("hook")
def test_the_url_of_a_service_has_the_host_of_the_settings(run: Run, typed: Any, given: str, printed: str) -> None:
    typed(given)

    done = run("secret", "set", "team-slack")

    assert done.code == (2 if printed else 0)
    assert printed in done.err
    assert stored().get("Value") == (None if printed else given)


@pytest.mark.parametrize(("given", "printed"), [(SIGNING, ""), (HOOK, "a key begins with whsec_"), ("whsec_", "a key")])
@pytest.mark.usefixtures("hook")
def test_the_key_of_a_webhook_is_a_second_secret(run: Run, typed: Any, given: str, printed: str) -> None:
    typed(given)

    done = run("secret", "set", "team-slack", "--key")

    found = boto3.client("ssm", HOME).get_parameters(Names=[f"{TOKEN}-key"], WithDecryption=True)["Parameters"]
    assert done.code == (2 if printed else 0)
    assert printed in done.err
    assert [each["Value"] for each in found] == ([] if printed else [given])
    assert SIGNING not in done.out + done.err


def test_a_channel_without_a_key_is_named(run: Run, typed: Any) -> None:
    typed(SIGNING)

    done = run("secret", "set", "team-slack", "--key")

    assert (done.code, done.err.strip()) == (2, "braket-notifier: team-slack is a channel of type slack and has no key")
