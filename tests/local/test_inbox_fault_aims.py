"""The calls that a fault affects, and its duration."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.inbox.faults import Faults
from local.inbox.inbox import Channel, Fault, Inbox, Workspace
from tests import canary

TEAM, OTHER = "C0123456789", "C2"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(channels=(Channel(TEAM, "team-slack"), Channel(OTHER, "other")))) as inbox:
        yield inbox


@pytest.fixture
def slack(inbox: Inbox) -> WebClient:
    return WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/", retry_handlers=[], timeout=60)


def failure(slack: WebClient, channel: str = TEAM) -> SlackApiError:
    with pytest.raises(SlackApiError) as failed:
        slack.chat_postMessage(channel=channel, text="x")
    return failed.value


def test_a_fault_lasts_for_its_calls_and_no_longer(inbox: Inbox, slack: WebClient) -> None:
    inbox.fault(Fault("status", calls=2))

    assert [failure(slack).response.status_code for _ in range(2)] == [503, 503]
    assert slack.chat_postMessage(channel=TEAM, text="x")["ok"]


def test_a_fault_without_end_lasts_until_cleared(inbox: Inbox, slack: WebClient) -> None:
    inbox.fault(Fault("status", calls=None))
    assert [failure(slack).response.status_code for _ in range(3)] == [503] * 3

    inbox.clear_faults()
    assert slack.chat_postMessage(channel=TEAM, text="x")["ok"]


def test_a_fault_may_be_aimed_at_one_channel_or_one_method(inbox: Inbox, slack: WebClient) -> None:
    inbox.fault(Fault("error", error="fatal_error", channel=OTHER))
    inbox.fault(Fault("error", error="edit_window_closed", method="chat.update"))

    ts = slack.chat_postMessage(channel=TEAM, text="x")["ts"]
    assert failure(slack, OTHER).response["error"] == "fatal_error"
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        slack.chat_update(channel=TEAM, ts=ts, text="y")


def test_a_channel_takes_one_post_a_second() -> None:
    """Slack allows about one post per second and channel. Edits and other channels have a pace of their own."""
    now = 0.0
    faults = Faults(clock=lambda: now)
    faults.add(Fault("pace", seconds=1.0, calls=None))

    assert faults.take("chat.postMessage", TEAM) is None
    early = faults.take("webhook", TEAM)
    assert (early and early.kind, early and early.retry_after) == ("rate_limited", 1)
    assert faults.take("chat.postMessage", OTHER) is None
    assert faults.take("chat.update", TEAM) is None
    now = 1.0
    assert faults.take("chat.postMessage", TEAM) is None
    assert faults.take("chat.postMessage", TEAM) is not None


def test_faults_are_switched_over_http(inbox: Inbox, slack: WebClient) -> None:
    def ask(method: str, body: object = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
        connection.request(method, "/faults", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        said = answer.status, answer.read()
        connection.close()
        return said

    assert ask("POST", {"kind": "error", "error": "token_revoked", "calls": None})[0] == 200
    assert failure(slack).response["error"] == "token_revoked"
    assert json.loads(ask("GET")[1])[0]["error"] == "token_revoked"
    assert ask("POST", {"kindness": "x"})[0] == 400
    assert ask("POST", {"kind": "earthquake"})[0] == 400
    assert ask("DELETE") == (200, b"[]")
    assert slack.chat_postMessage(channel=TEAM, text="x")["ok"]
