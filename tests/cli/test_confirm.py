"""`confirm` confirms a subscription that no reader can end, by the link of AWS's mail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from local.braket.serving import Request, Response, serving
from tests.cli.conftest import HOME, NAME

ALARMS = f"arn:aws:sns:{HOME}:123456789012:{NAME}-alarms"
pytestmark = pytest.mark.usefixtures("stack")


@dataclass
class Sns:
    """An SNS that knows one token, and keeps how it was confirmed first."""

    token: str = "2336412f37fb687f"
    calls: list[dict[str, str]] = field(default_factory=list)
    authenticated: str = ""

    def answer(self, request: Request) -> Response:
        given = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        self.calls.append(given)
        if given["Action"] == "GetSubscriptionAttributes":
            entry = f"<key>ConfirmationWasAuthenticated</key><value>{self.authenticated}</value>"
            return _answer(given["Action"], f"<Attributes><entry>{entry}</entry></Attributes>")
        if given["Token"] != self.token:
            error = "<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid token</Message></Error>"
            return Response(f"<ErrorResponse>{error}</ErrorResponse>".encode(), 400)
        self.authenticated = self.authenticated or given.get("AuthenticateOnUnsubscribe", "false")
        return _answer(given["Action"], f"<SubscriptionArn>{given['TopicArn']}:1</SubscriptionArn>")


def _answer(action: str, result: str) -> Response:
    return Response(f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>".encode())


@pytest.fixture
def sns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sns]:
    it = Sns()
    with serving(it.answer) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", url)
        yield it


def link(topic: str = ALARMS, token: str = Sns.token, host: str = f"sns.{HOME}.amazonaws.com") -> str:
    return f"https://{host}/confirmation.html?TopicArn={quote(topic)}&Token={token}&Endpoint=ops@example.org"


def test_a_confirmed_address_cannot_be_unsubscribed_by_a_reader(run: Any, sns: Sns) -> None:
    done = run("confirm", link())

    assert (done.code, done.out) == (
        0,
        "✓ [alarms]: confirmed; its mails cannot be unsubscribed without your AWS credentials\n",
    )
    assert sns.calls[0].items() >= {"TopicArn": ALARMS, "Token": sns.token, "AuthenticateOnUnsubscribe": "true"}.items()


def test_an_address_whose_link_was_followed_before_is_left_to_do(run: Any, sns: Sns) -> None:
    sns.authenticated = "false"

    done = run("confirm", link())

    assert (done.code, done.out.partition(",")[0]) == (1, "! [alarms]: the link was followed before")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (link(token="an-old-one"), "SNS does not know the link (InvalidParameter); links expire: `braket-notifier res"),
        (link(topic=f"{ALARMS}-of-others"), f"the link is for {ALARMS}-of-others, which is no e-mail topic of"),
        (link(host="sns.example.org"), "the URL is not a confirmation link like https://sns.REGION.amazonaws.com/"),
        (link().replace("https", "http"), "the URL is not a confirmation link"),
        (link().partition("?")[0], "the URL is not a confirmation link"),
        ("confirm", "the URL is not a confirmation link"),
    ],
)
def test_a_link_that_confirms_nothing_is_one_sentence(run: Any, sns: Sns, url: str, said: str) -> None:
    done = run("confirm", url)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"braket-notifier: {said}")
    assert sns.authenticated == ""
