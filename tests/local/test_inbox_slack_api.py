"""The inbox's Web API as slack_sdk's WebClient sees it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.inbox.inbox import Channel, Inbox, Mail, Post, Workspace
from tests import canary

TEAM, ELSEWHERE, OLD = "C0123456789", "C0000000002", "C0000000003"
CHANNELS = (
    Channel(TEAM, "team-slack"),
    Channel(ELSEWHERE, "elsewhere", has_app=False),
    Channel(OLD, "old", archived=True),
)
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*ghz-12* done"}}


@pytest.fixture
def inbox(arrived: list[Post | Mail]) -> Iterator[Inbox]:
    with Inbox(Workspace(channels=CHANNELS), on_arrival=arrived.append) as inbox:
        yield inbox


@pytest.fixture
def slack(inbox: Inbox) -> WebClient:
    return client(inbox, canary.TOKEN)


def client(inbox: Inbox, token: str | None) -> WebClient:
    return WebClient(token=token, base_url=f"{inbox.url}/api/", retry_handlers=[])


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def test_a_post_is_kept_as_it_was_sent(inbox: Inbox, slack: WebClient, arrived: list[Post | Mail]) -> None:
    before = datetime.now(UTC)
    metadata = {"event_type": "transition", "event_payload": {"arn": "arn:aws:braket:…"}}

    answer = slack.chat_postMessage(channel=TEAM, text="ghz-12 done", blocks=[SECTION], metadata=metadata)

    [post] = inbox.posts
    assert (answer["ok"], answer["channel"], answer["ts"]) == (True, TEAM, post.ts)
    assert answer["message"]["blocks"] == [SECTION]
    assert (post.text, post.blocks, post.metadata, post.via) == ("ghz-12 done", (SECTION,), metadata, "token")
    assert before <= post.accepted_at <= datetime.now(UTC)
    assert arrived == [post]


@pytest.mark.parametrize("channel", [TEAM, "team-slack", "#team-slack"])
def test_a_channel_is_found_by_its_id_or_its_name(inbox: Inbox, slack: WebClient, channel: str) -> None:
    slack.chat_postMessage(channel=channel, text="x")

    assert inbox.posts[0].channel == TEAM


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C9", "text": "x"}, "channel_not_found"),  # no such channel
        ({"text": "x"}, "channel_not_found"),  # no channel
        ({"channel": ELSEWHERE, "text": "x"}, "not_in_channel"),  # the app was not invited
        ({"channel": OLD, "text": "x"}, "is_archived"),
        ({"channel": TEAM}, "no_text"),
        ({"channel": TEAM, "text": ""}, "no_text"),
        ({"channel": TEAM, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),  # not JSON
        ({"channel": TEAM, "text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),  # not a list
        ({"channel": TEAM, "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),  # half of it
    ],
)
def test_a_post_that_slack_would_not_take_is_refused(
    inbox: Inbox, slack: WebClient, arguments: dict[str, Any], error: str
) -> None:
    assert refusal(slack.api_call, api_method="chat.postMessage", json=arguments) == error
    assert inbox.posts == []


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), (f"{canary.TOKEN}-revoked", "invalid_auth")])
def test_a_call_needs_the_token(inbox: Inbox, token: str | None, error: str) -> None:
    assert refusal(client(inbox, token).auth_test) == error
    assert refusal(client(inbox, token).chat_postMessage, channel=TEAM, text="x") == error
    assert inbox.posts == []


def test_the_reason_for_refused_blocks_is_answered(slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=TEAM, text="x", blocks=[SECTION, {"type": "header"}])

    assert "/blocks/1" in refused.value.response["response_metadata"]["messages"][0]


def test_a_form_is_read_like_json(inbox: Inbox, slack: WebClient) -> None:
    form = {"channel": TEAM, "text": "a & b = ü", "blocks": json.dumps([SECTION])}

    slack.api_call("chat.postMessage", data=form)

    assert (inbox.posts[0].text, inbox.posts[0].blocks) == ("a & b = ü", (SECTION,))


def test_a_text_without_mrkdwn_is_shown_as_it_is(inbox: Inbox, slack: WebClient) -> None:
    slack.chat_postMessage(channel=TEAM, text="*a* _b_ :tada: &lt;c&gt;", mrkdwn=False)

    assert inbox.posts[0].plain() == "*a* _b_ :tada: <c>"


def test_a_body_that_is_no_json_object_is_refused(slack: WebClient) -> None:
    assert refusal(slack.api_call, api_method="chat.postMessage", json=["x"]) == "invalid_json"


def test_an_unknown_method_is_refused(slack: WebClient) -> None:
    assert refusal(slack.api_call, api_method="chat.shout") == "unknown_method"


def test_the_app_can_ask_who_it_is_and_where(slack: WebClient) -> None:
    channels = slack.conversations_list()["channels"]

    assert slack.auth_test()["ok"] is True
    assert [c["name"] for c in slack.users_conversations()["channels"]] == ["team-slack", "old"]
    assert [(c["name"], c["is_member"], c["is_archived"]) for c in channels] == [
        ("team-slack", True, False),
        ("elsewhere", False, False),
        ("old", True, True),
    ]


MEMBERS = Workspace(people={"U01ABCDEF": "Anna", "U02BCDEFG": "Ben"}, deactivated=frozenset({"U02BCDEFG"}), direct=True)


def test_a_direct_message_is_answered_with_its_conversation_where_it_can_be_edited(
    inbox: Inbox, slack: WebClient
) -> None:
    inbox.workspace = MEMBERS

    answer = slack.chat_postMessage(channel="U01ABCDEF", text="ghz-12 done")
    slack.chat_update(channel=answer["channel"], ts=answer["ts"], text="ghz-12 failed")
    reply = slack.chat_postMessage(channel=answer["channel"], thread_ts=answer["ts"], text="more")

    assert answer["channel"] == "D01ABCDEF"
    assert [each.text for each in inbox.posts] == ["ghz-12 failed", "more"]
    assert reply["message"]["thread_ts"] == answer["ts"]
    assert refusal(slack.chat_update, channel="U02BCDEFG", ts=answer["ts"], text="x") == "message_not_found"


def test_a_deactivated_member_s_messages_are_taken_and_only_users_info_shows_it(inbox: Inbox, slack: WebClient) -> None:
    inbox.workspace = MEMBERS

    assert slack.chat_postMessage(channel="U02BCDEFG", text="x")["ok"]
    assert [slack.users_info(user=each)["user"]["deleted"] for each in MEMBERS.people] == [False, True]
    assert refusal(slack.users_info, user="U09") == "user_not_found"
    assert refusal(slack.chat_postMessage, channel="U09", text="x") == "channel_not_found"


def test_a_closed_messages_tab_refuses_every_direct_message(inbox: Inbox, slack: WebClient) -> None:
    inbox.workspace = replace(MEMBERS, messages_tab=False)

    assert refusal(slack.chat_postMessage, channel="U01ABCDEF", text="x") == "messages_tab_disabled"
    assert slack.chat_postMessage(channel=TEAM, text="x")["ok"]


def test_the_page_has_a_tab_for_each_member_where_the_app_writes_to_members(inbox: Inbox) -> None:
    def tabs() -> dict[str, str]:
        with urlopen(f"{inbox.url}/messages") as answer:  # noqa: S310 - our own address
            return dict(json.load(answer)["channels"])

    before = tabs()
    inbox.workspace = MEMBERS

    assert before == {each.id: each.name for each in CHANNELS}
    assert {"D01ABCDEF": "@Anna", "D02BCDEFG": "@Ben"}.items() <= tabs().items()
