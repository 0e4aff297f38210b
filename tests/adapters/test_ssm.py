"""The time for which a secret of SSM is cached; test_aws.py tests its use."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.parsers import ResponseParserError

from braket_notifier.adapters.aws.ssm import CACHED_S, FRESH_S, SsmSecret
from braket_notifier.adapters.https.call import Response
from braket_notifier.adapters.slack import channels
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.adapters.slack.webhooks import SLACK, WEBHOOKS
from braket_notifier.errors import MendableError, TryLaterError
from braket_notifier.rendering.compose import Compose

if TYPE_CHECKING:
    from http.client import HTTPMessage

TOKEN = "/braket-notifier/slack-token"


def keep(value: str) -> None:
    boto3.client("ssm").put_parameter(Name=TOKEN, Value=value, Type="SecureString", Overwrite=True)


@dataclass
class Since:
    """A secret that was read at the start and replaced at once."""

    secret: SsmSecret
    clock: list[float]


@pytest.fixture
def since(aws: None) -> Since:  # noqa: ARG001 - inside the mock
    clock = [0.0]
    client: Any = boto3.client("ssm")
    secret = SsmSecret(lambda: client, f"ssm:{TOKEN}", lambda: clock[0])
    keep("old")
    assert secret.read() == "old"
    keep("new")
    return Since(secret, clock)


def test_a_secret_that_was_replaced_is_read_after_five_minutes(since: Since) -> None:
    found = []
    for since.clock[0] in (CACHED_S - 1, CACHED_S):
        found.append(since.secret.read())

    assert found == ["old", "new"]


def test_a_refused_secret_is_read_again_unless_it_was_just_read(since: Since) -> None:
    secret, found = since.secret, []
    for since.clock[0] in (FRESH_S - 1, FRESH_S):
        found.append((secret.replaced(), secret.read()))

    assert found == [(False, "old"), (True, "new")]
    assert not secret.replaced()  # a revoked token is not read again for each post


@pytest.mark.parametrize("answer", [{}, {"Parameter": {}}, ResponseParserError("a page"), ConnectionResetError(TOKEN)])
def test_an_answer_that_is_not_ssm_s_is_read_again_later(answer: Any) -> None:
    """Nothing was sent, so the notification is not in doubt."""

    class Odd:
        def get_parameter(self, **_: object) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

    with pytest.raises(TryLaterError, match="ssm:/name cannot be read"):
        SsmSecret(cast("Any", Odd), "ssm:/name", lambda: 0.0).read()


@pytest.mark.parametrize("kind", ["bot", "webhook"])
def test_a_probe_tries_the_secret_that_is_stored_now(
    since: Since, monkeypatch: pytest.MonkeyPatch, compose: Compose, kind: str
) -> None:
    """Seen: a warm function probed with the revoked secret in its cache, and waited a quarter of an hour for the next.

    `secret set` comes half a minute after the last refused probe at the earliest.
    """
    tried = list[str]()

    def call(url: str, headers: Mapping[str, str], _body: bytes, _deadline: float) -> Response:
        tried.append(headers.get("Authorization", url).rpartition(" ")[2].rpartition("/")[2])
        text = '{"ok":true}' if kind == "bot" else "no_text"
        return Response(200 if kind == "bot" else 400, cast("HTTPMessage", Message()), text)

    monkeypatch.setattr(channels, "call", call)
    if kind == "webhook":
        keep(f"{WEBHOOKS[0]}new")
    since.clock[0] = 30

    bot, webhook = SlackBot(since.secret, "C1", compose, SLACK), SlackWebhook(since.secret, compose, SLACK)
    (bot if kind == "bot" else webhook).probe()

    assert set(tried) == {"new"}


@pytest.mark.usefixtures("aws")
def test_a_failed_read_is_not_cached() -> None:
    client: Any = boto3.client("ssm")
    secret = SsmSecret(lambda: client, f"ssm:{TOKEN}", lambda: 0.0)

    with pytest.raises(MendableError, match=f"ssm:{TOKEN} cannot be read"):
        secret.read()
    keep("new")

    assert secret.read() == "new"
