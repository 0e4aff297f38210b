"""The inbox's incoming webhooks as slack_sdk's WebhookClient sees them."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from local.inbox.inbox import Channel, Inbox, Workspace
from tests import canary

TEAM = "C0123456789"
OTHER_HOOK = f"T000/B001/{canary.CANARY}"
WORKSPACE = Workspace(
    channels=(Channel(TEAM, "team-slack"), Channel("C2", "old", archived=True)),
    webhooks={canary.HOOK: TEAM, OTHER_HOOK: "C2"},
)


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    with Inbox(WORKSPACE) as inbox:
        yield inbox


def test_a_webhook_posts_to_its_own_channel_and_learns_no_ts(inbox: Inbox) -> None:
    answer = WebhookClient(inbox.webhook_url).send(text="ghz-12 done", blocks=[{"type": "divider"}])

    post = inbox.posts[-1]
    assert (answer.status_code, answer.body) == (200, "ok")
    assert (post.channel, post.text, post.blocks, post.via) == (TEAM, "ghz-12 done", ({"type": "divider"},), "webhook")


def test_a_webhooks_post_cannot_be_edited(inbox: Inbox) -> None:
    WebhookClient(inbox.webhook_url).send(text="x")
    slack = WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/")

    with pytest.raises(SlackApiError, match="cant_update_message"):
        slack.chat_update(channel=TEAM, ts=inbox.posts[-1].ts, text="y")


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        (canary.HOOK, {"username": "x"}, 400, "no_text"),
        (canary.HOOK, {"text": "x", "blocks": [{"type": "header"}]}, 400, "invalid_blocks"),
        ("T000/B000/OTHER", {"text": "x"}, 403, "invalid_token"),  # the webhook was renewed
        (f"T000/B999/{canary.CANARY}", {"text": "x"}, 404, "no_active_hooks"),  # the webhook was removed
        (OTHER_HOOK, {"text": "x"}, 410, "channel_is_archived"),
    ],
)
def test_a_webhook_refuses_with_a_status_and_one_word(
    inbox: Inbox, path: str, body: dict[str, object], status: int, error: str
) -> None:
    before = len(inbox.posts)

    answer = WebhookClient(f"{inbox.url}/services/{path}").send_dict(body)

    assert (answer.status_code, answer.body) == (status, error)
    assert len(inbox.posts) == before


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (b'["x"]', "application/json", (400, b"invalid_payload")),  # not an object
        (b"{", "application/json", (400, b"invalid_payload")),  # not JSON
        (b"\xff", "application/json", (400, b"invalid_payload")),  # not UTF-8
        (urlencode({"payload": '{"text": "x"}'}).encode(), "application/x-www-form-urlencoded", (200, b"ok")),
        (b"text=x", "application/x-www-form-urlencoded", (400, b"invalid_payload")),  # a form without its payload
    ],
)
def test_a_webhook_takes_json_in_the_body_or_in_a_form(
    inbox: Inbox, body: bytes, kind: str, answer: tuple[int, bytes]
) -> None:
    connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
    connection.request("POST", f"/services/{canary.HOOK}", body, {"Content-Type": kind})
    response = connection.getresponse()

    assert (response.status, response.read()) == answer
    connection.close()


@pytest.mark.parametrize("path", ["/triggers/", "/workflows/"])
@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"text": "x"}, {"ok": True}),
        ({"text": "x", "blocks": [{"type": "divider"}]}, {"ok": False, "error": "invalid_workflow_input"}),
    ],
)
def test_a_workflow_s_url_answers_json_and_shows_nothing_here(
    inbox: Inbox, path: str, body: dict[str, object], answer: dict[str, object]
) -> None:
    before = len(inbox.posts)

    response = WebhookClient(f"{inbox.url}{path}T000/1/{canary.CANARY}").send_dict(body)

    assert (response.status_code, json.loads(response.body)) == (200, answer)
    assert len(inbox.posts) == before
