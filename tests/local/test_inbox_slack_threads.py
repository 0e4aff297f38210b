"""Timestamps, threads and edits of the inbox's Slack."""

from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.inbox.inbox import Channel, Inbox, Mail, Post
from local.inbox.shelf import Shelf
from local.inbox.slack_api import put
from tests import canary

TEAM = "C0123456789"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*ghz-12* done"}}


@pytest.fixture
def slack(inbox: Inbox) -> WebClient:
    return WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/", retry_handlers=[])


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def test_every_post_has_its_own_ts() -> None:
    """Slack identifies a post by channel and ts, so even a standing clock gives new ones."""
    shelf = Shelf(clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    for _ in range(3):
        put(shelf, Channel(TEAM, "team-slack"), {"text": "x"}, "token")

    assert [post.ts for post in shelf.posts] == ["1795219200.000000", "1795219200.000001", "1795219200.000002"]


def test_a_reply_stands_under_its_parent(inbox: Inbox, slack: WebClient) -> None:
    parent = slack.chat_postMessage(channel=TEAM, text="job")["ts"]
    reply = slack.chat_postMessage(channel=TEAM, text="task", thread_ts=parent)["ts"]
    slack.chat_postMessage(channel=TEAM, text="ended", thread_ts=parent, reply_broadcast=True)

    assert [(post.thread_ts, post.reply_broadcast) for post in inbox.posts[1:]] == [(parent, False), (parent, True)]
    assert refusal(slack.chat_postMessage, channel=TEAM, text="x", thread_ts=reply) == "thread_not_found"


@pytest.mark.parametrize("broadcast", [True, False])
def test_a_reply_to_a_deleted_post_stands_in_the_channel(inbox: Inbox, slack: WebClient, *, broadcast: bool) -> None:
    """Slack answers ok; only `message.thread_ts` is missing (https://github.com/slack-go/slack/issues/1571)."""
    parent = slack.chat_postMessage(channel=TEAM, text="job")["ts"]
    inbox.delete(inbox.posts[0])

    answer = slack.chat_postMessage(channel=TEAM, text="task", thread_ts=parent, reply_broadcast=broadcast)

    [post] = inbox.posts
    assert (post.text, post.thread_ts, post.reply_broadcast) == ("task", None, False)
    assert answer["ok"]
    assert "thread_ts" not in answer["message"]
    assert refusal(slack.chat_update, channel=TEAM, ts=parent, text="y") == "message_not_found"


def test_an_edit_keeps_the_post_and_its_earlier_text(
    inbox: Inbox, slack: WebClient, arrived: list[Post | Mail]
) -> None:
    """An edit is no arrival, because Slack notifies nobody of it."""
    ts = slack.chat_postMessage(channel=TEAM, text="running", blocks=[SECTION])["ts"]
    [first] = inbox.posts

    answer = slack.chat_update(channel=TEAM, ts=ts, text="done")

    [post] = inbox.posts
    assert (answer["ok"], answer["ts"], answer["text"]) == (True, ts, "done")
    assert (post.ts, post.accepted_at, post.text, post.blocks) == (ts, first.accepted_at, "done", ())
    assert post.edited_at is not None
    assert post.edited_at > post.accepted_at
    assert post.edits == (first.words,)
    assert arrived == [first]


def test_an_edit_without_metadata_keeps_it(inbox: Inbox, slack: WebClient) -> None:
    metadata = {"event_type": "transition", "event_payload": {}}
    ts = slack.chat_postMessage(channel=TEAM, text="x", metadata=metadata)["ts"]

    slack.chat_update(channel=TEAM, ts=ts, text="y")
    assert inbox.posts[0].metadata == metadata

    slack.chat_update(channel=TEAM, ts=ts, text="z", metadata={})
    assert inbox.posts[0].metadata is None


def test_only_an_existing_post_can_be_edited(slack: WebClient) -> None:
    ts = slack.chat_postMessage(channel=TEAM, text="x")["ts"]

    assert refusal(slack.chat_update, channel=TEAM, ts="1.000001", text="y") == "message_not_found"
    assert refusal(slack.api_call, api_method="chat.update", json={"channel": TEAM, "ts": ts}) == "no_text"
