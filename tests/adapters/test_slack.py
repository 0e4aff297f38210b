"""Slack's acceptances, refusals and doubts, over real connections."""

import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from braket_notifier.adapters.https import call as https
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import GoneError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.sending.ports import Channel as ChannelPort
from braket_notifier.sending.ports import Probed
from local.inbox.inbox import LONGEST_HANG, Channel, Fault, Inbox, Workspace
from tests import canary
from tests.broken_network import break_network

ANotification = Callable[..., Notification]
TOKEN = canary.TOKEN
HOOK = canary.HOOK
CHANNEL, FORMER = "C0123456789", "C3"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    channels = (Channel(CHANNEL, "team-slack"), Channel("C2", "private", has_app=False), Channel(FORMER, "former"))
    with Inbox(Workspace(channels=channels)) as opened:
        yield opened


@pytest.fixture(params=["token", "webhook"])
def unexpected(request: pytest.FixtureRequest, server: Any, compose: Compose) -> ChannelPort:
    """A channel whose server is not Slack's."""
    if request.param == "token":
        return SlackBot(canary.Secret(), CHANNEL, compose, server.url)
    return SlackWebhook(canary.Secret(f"{server.url}/services/{HOOK}"), compose, server.url)


@pytest.fixture(params=["token", "webhook"])
def channel(request: pytest.FixtureRequest, inbox: Inbox, compose: Compose) -> ChannelPort:
    if request.param == "token":
        return SlackBot(canary.Secret(), CHANNEL, compose, inbox.url)
    return SlackWebhook(canary.Secret(inbox.webhook_url), compose, inbox.url)


def test_a_post_arrives_as_it_was_rendered(channel: ChannelPort, inbox: Inbox, a_notification: ANotification) -> None:
    channel.send(a_notification(), may_repeat=False)

    (post,) = inbox.posts
    assert post.text == "✅ ghz-12 done · IQM Garnet · took 3 h 41 min"
    assert "id 834b21ed" in post.plain()
    assert "may repeat" not in post.plain()


def test_a_name_is_literal_in_the_push_line_too(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification
) -> None:
    called = a_notification()
    named = replace(called.transition.snapshot, tags={"Name": "<!channel> a&b *c* :tada:"})

    channel.send(replace(called, transition=replace(called.transition, snapshot=named)), may_repeat=False)

    (post,) = inbox.posts
    assert post.text.startswith("✅ &lt;!channel&gt; a&amp;b *c* :tada: done")
    assert post.plain().startswith("✅ <!channel> a&b *c* :tada: done")


def test_a_bot_s_post_can_be_found_again_by_its_notification(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    SlackBot(canary.Secret(), CHANNEL, compose, inbox.url).send(a_notification(), may_repeat=True)

    (post,) = inbox.posts
    assert post.metadata is not None
    assert post.metadata["event_payload"]["id"] == a_notification().id
    assert "may repeat" in post.plain()


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault("rate_limited", retry_after=30), TryLaterError),
        (Fault("rate_limited", retry_after=None), TryLaterError),
        (Fault("status", status=500), UnacknowledgedError),
        (Fault("status", status=503), UnacknowledgedError),
        (Fault("status", status=502, accepts=True), UnacknowledgedError),
        (Fault("close"), UnacknowledgedError),
        (Fault("close", accepts=True), UnacknowledgedError),
        (Fault("redirect", location="/messages"), MendableError),
    ],
)
def test_each_failure_of_slack_is_classified(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, fault: Fault, raised: type[Exception]
) -> None:
    inbox.fault(fault)

    with pytest.raises(raised):
        channel.send(a_notification(), may_repeat=False)

    assert len(inbox.posts) == int(fault.accepts)  # one request for one send, even after a lost answer
    channel.send(a_notification(), may_repeat=False)  # the fault lasted one call, so no request was repeated


@pytest.mark.parametrize(
    ("status", "headers", "body", "raised"),
    [
        # such a 200 may or may not have posted a message
        (200, {}, b"", UnacknowledgedError),
        (200, {}, b"<html>Sign in to the hotel's network</html>", UnacknowledgedError),
        (200, {}, b"{}", UnacknowledgedError),
        (200, {}, b'["ok"]', UnacknowledgedError),
        (200, {}, b"\xff\xfe", UnacknowledgedError),
        (200, {"Content-Type": "text/plain; charset=klingon"}, b"ok", UnacknowledgedError),
        (200, {"Content-Length": "1000"}, b"ok", UnacknowledgedError),
        (200, {"Transfer-Encoding": "chunked"}, b"zz\r\nok\r\n", UnacknowledgedError),
        (200, {}, b"[" * 100_000, UnacknowledgedError),
        (202, {}, b"", UnacknowledgedError),
        # a request that came too slowly or too soon was not accepted
        (408, {}, b"", TryLaterError),
        (425, {}, b"", TryLaterError),
        (429, {}, b"<html>Too many requests</html>", TryLaterError),
        # a page without a word of Slack's
        (403, {}, b"<html>Blocked by the proxy</html>", MendableError),
        (404, {}, b"", MendableError),
        (409, {}, b"", MendableError),
    ],
)
def test_an_unexpected_answer_is_neither_an_acceptance_nor_a_refusal(
    unexpected: ChannelPort,
    server: Any,
    a_notification: ANotification,
    status: int,
    headers: dict[str, str],
    body: bytes,
    raised: type[Exception],
) -> None:
    server.status, server.headers, server.body = status, headers, body

    with pytest.raises(raised):
        unexpected.send(a_notification(), may_repeat=False)

    assert len(server.taken) == 1


def test_a_redirect_is_not_followed(unexpected: ChannelPort, server: Any, a_notification: ANotification) -> None:
    """A redirect would send the token to another host."""
    server.status, server.headers = 302, {"Location": "/elsewhere"}

    with pytest.raises(MendableError):
        unexpected.send(a_notification(), may_repeat=False)

    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ({"retry-after": "30"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:00 GMT"}, None),  # a date, for which our own back-off is used
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "9" * 400}, 12 * 3600),
        ({}, None),
    ],
)
def test_each_retry_after_is_a_wait_or_none(
    unexpected: ChannelPort, server: Any, a_notification: ANotification, header: dict[str, str], waits: float | None
) -> None:
    server.status, server.headers = 429, header

    with pytest.raises(TryLaterError) as later:
        unexpected.send(a_notification(), may_repeat=False)

    assert later.value.after_s == waits


def test_a_wait_that_slack_asks_for_is_kept(channel: ChannelPort, inbox: Inbox, a_notification: ANotification) -> None:
    inbox.fault(Fault("rate_limited", retry_after=30))

    with pytest.raises(TryLaterError) as later:
        channel.send(a_notification(), may_repeat=False)

    assert later.value.after_s == 30


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("ratelimited", TryLaterError),
        ("message_limit_exceeded", TryLaterError),
        ("team_added_to_org", TryLaterError),  # the workspace is being moved into an organisation
        ("external_channel_migrating", TryLaterError),
        ("fatal_error", UnacknowledgedError),
        ("internal_error", UnacknowledgedError),
        ("service_unavailable", UnacknowledgedError),
        ("request_timeout", UnacknowledgedError),
        ("update_failed", UnacknowledgedError),
        ("channel_not_found", MendableError),
        ("not_in_channel", MendableError),
        ("is_archived", MendableError),
        ("token_revoked", MendableError),
        ("account_inactive", MendableError),
        ("missing_scope", MendableError),
        ("a_new_error", MendableError),
    ],
)
def test_a_refusal_in_a_200_is_still_a_refusal(
    inbox: Inbox, compose: Compose, a_notification: ANotification, error: str, raised: type[Exception]
) -> None:
    inbox.fault(Fault("error", error=error))

    with pytest.raises(raised, match=error):
        SlackBot(canary.Secret(), CHANNEL, compose, inbox.url).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "error",
    [
        *("invalid_blocks", "msg_blocks_too_long", "metadata_too_large", "invalid_payload", "invalid_arguments"),
        "no_text",
    ],
)
def test_an_ill_formed_message_is_sent_once_more_as_plain_text(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, error: str
) -> None:
    """The message was certainly not accepted, and plain text is better than no message."""
    inbox.fault(Fault("error", error=error))

    channel.send(a_notification(), may_repeat=True)

    (post,) = inbox.posts
    assert post.text.startswith("✅ ghz-12 done · IQM Garnet · took 3 h 41 min · may repeat\n\n")
    assert "id 834b21ed" in post.text
    assert post.blocks == ()


def test_a_refused_digest_is_sent_with_every_line(
    channel: ChannelPort, inbox: Inbox, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    failed = (a_task("FAILED", n, tags={"Name": f"<ghz-{n}>"}, failure_reason=f"reason & {n}") for n in range(1, 4))
    digest = Digest("ghz-scan", tuple(map(a_transition, failed)), batch="ghz-scan")
    inbox.fault(Fault("error", error="msg_blocks_too_long", calls=2))

    channel.send(digest, may_repeat=False)  # type: ignore[arg-type]  # channels of people take digests too

    (post,) = inbox.posts
    assert all(f"&lt;ghz-{n}&gt;" in post.text and f"reason &amp; {n}" in post.text for n in range(1, 4))
    assert "braket-notifier list --batch ghz-scan" in post.text
    assert post.blocks == ()


def test_a_digest_whose_table_is_refused_is_sent_with_the_table_as_a_text(
    channel: ChannelPort, inbox: Inbox, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    digest = Digest("ghz-scan", tuple(a_transition(a_task(number=n)) for n in range(1, 4)), batch="ghz-scan")
    channel.send(digest, may_repeat=False)  # type: ignore[arg-type]  # channels of people take digests too
    inbox.fault(Fault("error", error="invalid_blocks"))

    channel.send(digest, may_repeat=False)  # type: ignore[arg-type]  # as above

    with_table, with_text = inbox.posts
    assert [each["type"] for each in with_table.blocks].count("table") == 1
    assert "table" not in [each["type"] for each in with_text.blocks]
    assert "device  ended  ok\nGarnet      3   3" in with_text.plain()
    assert with_text.plain().split() == with_table.plain().split()


def test_plain_text_that_is_refused_too_is_refused_for_good(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification
) -> None:
    inbox.fault(Fault("error", error="invalid_blocks", calls=2))

    with pytest.raises(RefusedError, match="invalid_blocks"):
        channel.send(a_notification(), may_repeat=False)


def test_a_message_that_is_too_large_is_sent_once_more_as_plain_text(
    unexpected: ChannelPort, server: Any, a_notification: ANotification
) -> None:
    server.status = 413

    with pytest.raises(RefusedError, match="413"):
        unexpected.send(a_notification(), may_repeat=False)

    assert len(server.taken) == 2


@pytest.mark.parametrize(
    ("fault", "perhaps_sent"),
    [(Fault("rate_limited"), True), (Fault("error", error="message_limit_exceeded"), False)],
)
def test_only_a_refusal_for_the_rate_may_have_been_posted(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification, fault: Fault, perhaps_sent: bool
) -> None:
    """Slack is known to show some messages that it answered with 429."""
    inbox.fault(fault)

    with pytest.raises(TryLaterError) as later:
        bot.send(a_notification(), may_repeat=False)

    assert later.value.perhaps_sent is perhaps_sent


# --- probes --------------------------------------------------------------------------------------------------------


def probed(channel: ChannelPort) -> Probed:
    assert isinstance(channel, Probed)
    return channel


def test_a_probe_of_a_healthy_channel_posts_nothing(channel: ChannelPort, inbox: Inbox) -> None:
    probed(channel).probe()

    assert not inbox.posts


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault("status", status=503), UnacknowledgedError),
        (Fault("close"), UnacknowledgedError),
        (Fault("rate_limited", retry_after=30), TryLaterError),
        (Fault("redirect", location="/elsewhere"), MendableError),
        (Fault("error", error="token_revoked"), MendableError),
    ],
)
def test_a_probe_fails_as_a_message_would(
    channel: ChannelPort, inbox: Inbox, fault: Fault, raised: type[Exception]
) -> None:
    inbox.fault(fault)

    with pytest.raises(raised):
        probed(channel).probe()

    assert not inbox.posts


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found", "invalid_arguments"])
def test_a_probe_that_may_not_read_the_channel_leaves_it_to_the_message(
    bot: SlackBot, inbox: Inbox, error: str
) -> None:
    inbox.fault(Fault("error", error=error, method="conversations.info"))

    bot.probe()


@pytest.mark.parametrize(("archived", "raised"), [(True, MendableError), (False, None)])
def test_a_probe_finds_an_archived_channel(compose: Compose, archived: bool, raised: type[Exception] | None) -> None:
    with Inbox(Workspace(channels=(Channel(CHANNEL, "team-slack", archived=archived),))) as inbox:
        for channel in (
            SlackBot(canary.Secret(), CHANNEL, compose, inbox.url),
            SlackWebhook(canary.Secret(inbox.webhook_url), compose, inbox.url),
        ):
            with pytest.raises(raised, match="is_archived") if raised else nullcontext():
                channel.probe()


@pytest.fixture
def bot(inbox: Inbox, compose: Compose) -> SlackBot:
    return SlackBot(canary.Secret(), CHANNEL, compose, inbox.url)


def test_a_card_is_edited_in_place(bot: SlackBot, inbox: Inbox, a_notification: ANotification) -> None:
    place = bot.send(a_notification("RUNNING"), may_repeat=False)

    bot.edit(place, a_notification("COMPLETED"))

    (post,) = inbox.posts
    assert post.text.startswith("✅ ghz-12 done")
    assert post.metadata is not None
    assert post.metadata["event_payload"]["status"] == "COMPLETED"


@pytest.mark.parametrize("refused", [True, False])
def test_an_edit_always_replaces_the_blocks(
    server: Any, compose: Compose, a_notification: ANotification, *, refused: bool
) -> None:
    """Slack's documentation contradicts itself on whether blocks stay where an edit has none."""
    server.body = json.dumps({"ok": False, "error": "invalid_blocks"} if refused else {"ok": True}).encode()
    bot = SlackBot(canary.Secret(), CHANNEL, compose, server.url)

    with pytest.raises(GoneError) if refused else nullcontext():
        bot.edit(f"{CHANNEL}/1.2", a_notification())

    edits = [json.loads(body) for body in server.bodies]
    assert edits[0]["blocks"]
    assert [each["blocks"] for each in edits[1:]] == ([[]] if refused else [])


@pytest.mark.parametrize("loud", [True, False])
def test_a_reply_to_a_deleted_card_is_sent_once_and_says_that_the_card_is_gone(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification, *, loud: bool
) -> None:
    place = bot.send(a_notification("RUNNING"), may_repeat=False)
    inbox.delete(inbox.posts[0])

    assert bot.reply(place, a_notification("COMPLETED"), may_repeat=False, loud=loud) is False

    (orphan,) = inbox.posts
    assert (orphan.thread_ts, orphan.reply_broadcast) == (None, False)
    with pytest.raises(GoneError):
        bot.edit(place, a_notification("COMPLETED"))


@pytest.mark.parametrize("loud", [True, False])
def test_a_loud_reply_to_a_card_is_shown_in_thread_and_channel(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification, *, loud: bool
) -> None:
    place = bot.send(a_notification("RUNNING"), may_repeat=False)

    assert bot.reply(place, a_notification("COMPLETED"), may_repeat=True, loud=loud)

    card, answer = inbox.posts
    assert (answer.thread_ts, answer.reply_broadcast) == (card.ts, loud)
    assert "may repeat" in answer.plain()


def test_a_loud_reply_is_no_copy_of_its_card(bot: SlackBot, inbox: Inbox, a_notification: ANotification) -> None:
    """The line has name, end, reason and links; device, times, hint and code stand on the card."""
    ended = a_notification("FAILED")
    snapshot = replace(ended.transition.snapshot, failure_reason="Device is offline")
    failed = replace(ended, transition=replace(ended.transition, snapshot=snapshot))
    place = bot.send(a_notification("RUNNING"), may_repeat=False)

    bot.reply(place, failed, may_repeat=False, loud=True)
    bot.reply(place, failed, may_repeat=False, loud=False)

    _, line, in_thread = (each.plain() for each in inbox.posts)
    for shown in ("ghz-12 — FAILED", "Device is offline", "Console", "id 834b21ed"):
        assert shown in line
    for omitted in ("IQM Garnet (QPU)", "Submitted"):
        assert omitted not in line
        assert omitted in in_thread
    assert len(line.splitlines()) < len(in_thread.splitlines())


@pytest.mark.parametrize(
    "error",
    [
        *("message_not_found", "edit_window_closed", "cant_update_message", "is_inactive", "thread_not_found"),
        # the message exists, but replies are not allowed
        *("restricted_action_thread_locked", "restricted_action_non_threadable_channel"),
    ],
)
def test_a_card_that_cannot_be_edited_is_gone(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification, error: str
) -> None:
    place = bot.send(a_notification("RUNNING"), may_repeat=False)

    for call in (
        lambda: bot.edit(place, a_notification()),
        lambda: bot.reply(place, a_notification(), may_repeat=False, loud=True),
    ):
        inbox.fault(Fault("error", error=error))
        with pytest.raises(GoneError):
            call()


@pytest.mark.parametrize("call", ["edit", "reply"])
@pytest.mark.parametrize("subject", ["notification", "digest"])
def test_a_card_of_a_re_pointed_channel_says_that_its_story_goes_on_elsewhere(
    inbox: Inbox, compose: Compose, bot: SlackBot, a_notification: ANotification, call: str, subject: str
) -> None:
    """The card shows nothing new, because other people may read the former channel."""
    place = SlackBot(canary.Secret(), FORMER, compose, inbox.url).send(a_notification("RUNNING"), may_repeat=False)
    failed = a_notification("FAILED")
    content = failed if subject == "notification" else Digest("ghz-12", (failed.transition,))

    reply = partial(bot.reply, may_repeat=False, loud=True)
    calls: dict[str, Callable[..., object]] = {"edit": bot.edit, "reply": reply}
    for _ in range(2):  # once more after a failed post, which changes nothing
        with pytest.raises(GoneError):
            calls[call](place, content)

    (card,) = inbox.posts
    assert card.text == "➡ ghz-12 goes on in another channel"
    assert "FAILED" not in card.plain()
    assert f"#{CHANNEL}" in card.plain()


@pytest.mark.parametrize("error", ["not_in_channel", "message_not_found", "token_revoked", "ratelimited"])
def test_a_card_in_a_former_channel_is_gone_although_it_cannot_say_so(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification, error: str
) -> None:
    inbox.fault(Fault("error", error=error))

    with pytest.raises(GoneError):
        bot.edit("C2/1700000000.000100", a_notification())


def test_a_new_post_with_a_card_s_error_can_be_mended(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification
) -> None:
    inbox.fault(Fault("error", error="message_not_found"))

    with pytest.raises(MendableError, match="message_not_found"):
        bot.send(a_notification(), may_repeat=False)


def test_an_edit_that_is_refused_in_every_form_leaves_the_message_to_a_new_post(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification
) -> None:
    place = bot.send(a_notification("RUNNING"), may_repeat=False)
    inbox.fault(Fault("error", error="msg_too_long", calls=2))

    with pytest.raises(GoneError, match="msg_too_long"):
        bot.edit(place, a_notification())


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "is_inactive"])
def test_a_card_s_error_from_a_webhook_can_be_mended(
    server: Any, compose: Compose, a_notification: ANotification, word: str
) -> None:
    server.status, server.body = 404, word.encode()
    webhook = SlackWebhook(canary.Secret(f"{server.url}/services/{HOOK}"), compose, server.url)

    with pytest.raises(MendableError, match=word):
        webhook.send(a_notification(), may_repeat=False)


def test_a_digest_s_metadata_lists_its_new_notifications(
    bot: SlackBot, inbox: Inbox, a_notification: ANotification
) -> None:
    notifications = [a_notification(number=number) for number in (1, 2)]
    transitions = tuple(each.transition for each in notifications)
    digest = Digest("ghz-scan", transitions, batch="ghz-scan", news=(notifications[1].id,))

    bot.send(digest, may_repeat=False)

    (post,) = inbox.posts
    assert "ghz-scan: 2 ended" in post.text
    assert post.metadata == {"event_type": "braket_digest", "event_payload": {"ids": [notifications[1].id], "count": 1}}


def test_a_channel_that_the_bot_is_not_in_refuses(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    with pytest.raises(MendableError, match="not_in_channel"):
        SlackBot(canary.Secret(), "C2", compose, inbox.url).send(a_notification(), may_repeat=False)


def test_a_message_that_never_reached_slack_may_be_sent_again(compose: Compose, a_notification: ANotification) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(TryLaterError, match=r"^a refused connection$"):
            SlackBot(canary.Secret(), CHANNEL, compose, endpoint).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    ("reached", "failure", "raised"),
    [
        (False, socket.gaierror("no such host"), TryLaterError),
        (False, ssl.SSLError("handshake"), TryLaterError),
        (False, TimeoutError(), TryLaterError),
        (True, TimeoutError(), UnacknowledgedError),
        (True, ssl.SSLError("decryption failed"), UnacknowledgedError),
        (True, ConnectionResetError(), UnacknowledgedError),
    ],
)
def test_a_broken_connection_is_certain_only_before_the_request(
    channel: ChannelPort,
    a_notification: ANotification,
    monkeypatch: pytest.MonkeyPatch,
    reached: bool,
    failure: Exception,
    raised: type[Exception],
) -> None:
    break_network(monkeypatch, "getresponse" if reached else "connect", failure)

    with pytest.raises(raised):
        channel.send(a_notification(), may_repeat=False)


def test_the_token_is_read_for_every_post(inbox: Inbox, compose: Compose, a_notification: ANotification) -> None:
    token = canary.Secret(f"{TOKEN}-old")
    bot = SlackBot(token, CHANNEL, compose, inbox.url)

    with pytest.raises(MendableError, match="invalid_auth"):
        bot.send(a_notification(), may_repeat=False)
    token.value = TOKEN
    bot.send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(("replaced", "raised"), [(True, TryLaterError), (False, MendableError)])
@pytest.mark.parametrize("kind", ["token", "webhook"])
def test_a_message_refused_over_a_replaced_secret_is_sent_with_the_new_one(
    server: Any, compose: Compose, a_notification: ANotification, kind: str, replaced: bool, raised: type[Exception]
) -> None:
    channel: ChannelPort
    if kind == "token":
        server.body = b'{"ok":false,"error":"token_revoked"}'
        channel = SlackBot(canary.Secret(is_replaced=replaced), CHANNEL, compose, server.url)
    else:
        server.status, server.body = 403, b"invalid_token"
        url = f"{server.url}/services/{HOOK}"
        channel = SlackWebhook(canary.Secret(url, is_replaced=replaced), compose, server.url)

    with pytest.raises(raised, match=r"token_revoked|invalid_token"):
        channel.send(a_notification(), may_repeat=False)

    assert len(server.taken) == 1


@pytest.mark.parametrize("error", ["not_in_channel", "missing_scope", "channel_not_found"])
def test_a_refusal_for_another_reason_does_not_blame_a_replaced_secret(
    inbox: Inbox, compose: Compose, a_notification: ANotification, error: str
) -> None:
    inbox.fault(Fault("error", error=error))

    with pytest.raises(MendableError, match=error):
        SlackBot(canary.Secret(is_replaced=True), CHANNEL, compose, inbox.url).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "secret", [f"{TOKEN}\nxoxb-2", f"{TOKEN}…", f"{TOKEN}\x00", json.dumps({"token": TOKEN}), f"\n{TOKEN}", ""]
)
def test_a_secret_that_cannot_be_sent_is_refused_and_not_shown(
    compose: Compose, a_notification: ANotification, secret: str
) -> None:
    """http.client would refuse the secret too, but show it in the error."""
    endpoint = "https://hooks.slack.com"
    for channel in (
        SlackBot(canary.Secret(secret), CHANNEL, compose, endpoint),
        SlackWebhook(canary.Secret(f"{endpoint}/services/{secret}" if secret else ""), compose, endpoint),
    ):
        with pytest.raises(MendableError) as refused:
            channel.send(a_notification(), may_repeat=False)

        assert not canary.found_in(canary.shown(refused.value))


def test_a_slack_that_never_answers_is_given_up_in_doubt(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "GIVE_UP_S", 0.2)
    inbox.fault(Fault("hang", seconds=LONGEST_HANG))

    with pytest.raises(UnacknowledgedError, match=r"^no answer in time$"):
        channel.send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "url",
    [
        f"https://example.org/services/{HOOK}",
        f"http://hooks.slack.com/services/{HOOK}",
        f"https://hooks.slack.com.example.org/services/{HOOK}",
        f"https://user@hooks.slack.com/services/{HOOK}",
        f"https://hooks.slack.com:8443/services/{HOOK}",
        f"https://hooks.slack.com/{HOOK}",
        f"https://slack.com/services/{HOOK}",
        "https://hooks.slack.com/services/",
        "file:///etc/passwd",
        HOOK,
    ],
)
def test_a_webhook_leads_to_slack_and_nowhere_else(compose: Compose, a_notification: ANotification, url: str) -> None:
    with pytest.raises(MendableError) as refused:
        SlackWebhook(canary.Secret(url), compose, "https://slack.com").send(a_notification(), may_repeat=False)

    assert not canary.found_in(canary.shown(refused.value))


@pytest.mark.parametrize("path", ["/triggers/", "/workflows/"])
@pytest.mark.parametrize("host", ["hooks.slack.com", "hooks.slack-gov.com"])
def test_a_workflow_s_url_is_named_as_one(
    compose: Compose, a_notification: ANotification, host: str, path: str
) -> None:
    url = f"https://{host}{path}{HOOK}"

    with pytest.raises(MendableError, match=f"a workflow's .{path}…., which takes no blocks"):
        SlackWebhook(canary.Secret(url), compose, "https://slack.com").send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "fault",
    [Fault("rate_limited"), Fault("status"), Fault("close"), Fault("error", error="token_revoked"), Fault("redirect")],
)
def test_no_error_and_no_log_line_holds_a_secret(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox.fault(fault)

    with pytest.raises(Exception) as raised:  # noqa: PT011 - any error
        channel.send(a_notification(), may_repeat=False)

    assert not canary.found_in(*caplog.messages, canary.shown(raised.value))
