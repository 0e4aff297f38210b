"""Every fault of the inbox's Slack, with slack_sdk's clients."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from local.inbox.inbox import LONGEST_HANG, Fault, Inbox
from tests import canary

TEAM = "C0123456789"


@pytest.fixture(scope="module")
def opened() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


@pytest.fixture
def inbox(opened: Inbox) -> Inbox:
    opened.clear_faults()
    return opened


@pytest.fixture
def slack(inbox: Inbox) -> WebClient:
    return WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/", retry_handlers=[], timeout=60)


def failure(slack: WebClient) -> SlackApiError:
    with pytest.raises(SlackApiError) as failed:
        slack.chat_postMessage(channel=TEAM, text="x")
    return failed.value


@pytest.mark.parametrize(("wait", "header"), [(7, "7"), (None, None)])
def test_a_rate_limit_comes_with_or_without_a_wait(
    inbox: Inbox, slack: WebClient, wait: int | None, header: str | None
) -> None:
    before = len(inbox.posts)
    inbox.fault(Fault("rate_limited", retry_after=wait, calls=2))

    response = failure(slack).response
    answer = WebhookClient(inbox.webhook_url, retry_handlers=[]).send(text="x")

    assert (response.status_code, response.headers.get("Retry-After")) == (429, header)
    assert response["error"] == "ratelimited"
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, header)
    assert len(inbox.posts) == before


@pytest.mark.parametrize("status", [500, 502, 503])
def test_slack_can_be_down(inbox: Inbox, slack: WebClient, status: int) -> None:
    inbox.fault(Fault("status", status=status))

    assert failure(slack).response.status_code == status
    assert slack.chat_postMessage(channel=TEAM, text="up again")["ok"]


@pytest.mark.parametrize("error", ["fatal_error", "token_revoked", "message_limit_exceeded"])
def test_slack_can_refuse_with_any_error(inbox: Inbox, slack: WebClient, error: str) -> None:
    inbox.fault(Fault("error", error=error))

    response = failure(slack).response
    assert (response.status_code, response["error"]) == (200, error)


@pytest.mark.parametrize(
    ("error", "status"), [("no_active_hooks", 404), ("channel_is_archived", 410), ("no_text", 400)]
)
def test_a_webhooks_error_has_its_own_status(inbox: Inbox, error: str, status: int) -> None:
    inbox.fault(Fault("error", error=error))

    answer = WebhookClient(inbox.webhook_url).send(text="x")

    assert (answer.status_code, answer.body) == (status, error)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=502),
        Fault("rate_limited"),  # observed in practice: refused, but posted
        Fault("close"),
        Fault("hang", seconds=0.05),
    ],
)
@pytest.mark.parametrize("accepts", [False, True])
def test_a_failed_call_may_have_posted_its_message(
    inbox: Inbox,
    slack: WebClient,
    fault: Fault,
    accepts: bool,
) -> None:
    before = len(inbox.posts)
    inbox.fault(Fault(fault.kind, status=fault.status, seconds=fault.seconds, accepts=accepts))

    with pytest.raises((SlackClientError, http.client.RemoteDisconnected, URLError)):
        slack.chat_postMessage(channel=TEAM, text="x")

    assert len(inbox.posts) == before + accepts


def test_a_hang_lasts_longer_than_an_impatient_client(inbox: Inbox) -> None:
    inbox.fault(Fault("hang", seconds=LONGEST_HANG))
    impatient = WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/", retry_handlers=[], timeout=0.1)  # type: ignore[arg-type]  # slack_sdk hands it on to urllib

    with pytest.raises(TimeoutError):
        impatient.chat_postMessage(channel=TEAM, text="x")


def test_an_inbox_that_hangs_still_ends_before_its_hang_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.inbox.inbox.LONGEST_HANG", 600)
    with ThreadPoolExecutor(1) as beside, Inbox() as inbox:
        inbox.fault(Fault("hang", seconds=600))
        connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
        connection.request("POST", f"/services/{canary.HOOK}", b'{"text": "x"}')
        until_taken(inbox)

        beside.submit(inbox.__exit__, None, None, None).result(timeout=120)

    connection.close()


def test_a_redirect_leads_to_a_page_that_answers_200(inbox: Inbox) -> None:
    """A sign-in page does the same: a client that trusts a 200 believes it has posted."""
    before = len(inbox.posts)
    inbox.fault(Fault("redirect"))

    answer = WebhookClient(inbox.webhook_url).send(text="x")

    assert answer.status_code == 200
    assert "<html" in answer.body
    assert len(inbox.posts) == before


def until_taken(inbox: Inbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
    waiting = b""
    while waiting != b"[]":
        connection.request("GET", "/faults")
        waiting = connection.getresponse().read()
    connection.close()
