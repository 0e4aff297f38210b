"""What Slack takes, refuses and leaves in doubt, over real connections."""

import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.inbox import Channel, Fault, Inbox, Workspace
from notifier.adapters import slack
from notifier.adapters.slack import SlackBot, SlackWebhook
from notifier.model import Notification
from notifier.policy import Policy
from notifier.ports import Channel as ChannelPort
from notifier.ports import RefusedError, TryLaterError, UnacknowledgedError

ANotification = Callable[..., Notification]
TOKEN = "xoxb-local"
CHANNEL = "C0123456789"


@pytest.fixture(autouse=True)
def own_opener(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Slack function's whole process refuses redirects; the tests' does so in here only."""
    monkeypatch.setattr("urllib.request._opener", None)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    channels = (Channel(CHANNEL, "team-slack"), Channel("C2", "private", has_app=False))
    with Inbox(Workspace(channels=channels)) as opened:
        yield opened


@pytest.fixture(params=["token", "webhook"])
def channel(request: pytest.FixtureRequest, inbox: Inbox, policy: Policy) -> ChannelPort:
    if request.param == "token":
        return SlackBot(lambda: TOKEN, CHANNEL, policy, inbox.url)
    return SlackWebhook(lambda: inbox.webhook_url, policy, inbox.url)


def test_a_post_arrives_as_it_was_rendered(channel: ChannelPort, inbox: Inbox, a_notification: ANotification) -> None:
    channel.send(a_notification(), may_repeat=False)

    (post,) = inbox.posts
    assert post.text == "✅ ghz-12 done · IQM Garnet · 3 h 41 min"
    assert "id 834b21ed" in post.plain()
    assert "may repeat" not in post.plain()


def test_a_bot_s_post_can_be_found_again_by_its_notification(
    inbox: Inbox, policy: Policy, a_notification: ANotification
) -> None:
    SlackBot(lambda: TOKEN, CHANNEL, policy, inbox.url).send(a_notification(), may_repeat=True)

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
        (Fault("redirect", location="/messages"), RefusedError),
    ],
)
def test_each_failure_says_what_to_do_next(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, fault: Fault, raised: type[Exception]
) -> None:
    inbox.fault(fault)

    with pytest.raises(raised):
        channel.send(a_notification(), may_repeat=False)

    assert len(inbox.posts) == int(fault.accepts)  # one send is one request, even if its answer is lost
    channel.send(a_notification(), may_repeat=False)  # the fault was one call long: nothing had been repeated


def test_slack_says_how_long_to_wait(channel: ChannelPort, inbox: Inbox, a_notification: ANotification) -> None:
    inbox.fault(Fault("rate_limited", retry_after=30))

    with pytest.raises(TryLaterError) as later:
        channel.send(a_notification(), may_repeat=False)

    assert later.value.after_s == 30


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("ratelimited", TryLaterError),
        ("fatal_error", UnacknowledgedError),
        ("internal_error", UnacknowledgedError),
        ("service_unavailable", UnacknowledgedError),
        ("request_timeout", UnacknowledgedError),
        ("channel_not_found", RefusedError),
        ("not_in_channel", RefusedError),
        ("is_archived", RefusedError),
        ("token_revoked", RefusedError),
        ("account_inactive", RefusedError),
        ("missing_scope", RefusedError),
        ("invalid_blocks", RefusedError),
        ("msg_blocks_too_long", RefusedError),
        ("a_new_error", RefusedError),
    ],
)
def test_a_refusal_in_a_200_is_still_a_refusal(
    inbox: Inbox, policy: Policy, a_notification: ANotification, error: str, raised: type[Exception]
) -> None:
    inbox.fault(Fault("error", error=error))

    with pytest.raises(raised, match=error):
        SlackBot(lambda: TOKEN, CHANNEL, policy, inbox.url).send(a_notification(), may_repeat=False)


def test_a_channel_that_the_bot_is_not_in_refuses(inbox: Inbox, policy: Policy, a_notification: ANotification) -> None:
    with pytest.raises(RefusedError, match="not_in_channel"):
        SlackBot(lambda: TOKEN, "C2", policy, inbox.url).send(a_notification(), may_repeat=False)


def test_what_never_reached_slack_may_be_tried_again(policy: Policy, a_notification: ANotification) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(TryLaterError, match="ConnectionRefusedError"):
            SlackBot(lambda: TOKEN, CHANNEL, policy, endpoint).send(a_notification(), may_repeat=False)


def test_a_slack_that_never_answers_is_given_up_in_doubt(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack, "TIMEOUT_S", 0.2)
    inbox.fault(Fault("hang", seconds=2))

    with pytest.raises(UnacknowledgedError, match="TimeoutError"):
        channel.send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/services/T000/B000/SECRET",
        "http://hooks.slack.com/services/T000/B000/SECRET",
        "https://hooks.slack.com.example.org/services/T000/B000/SECRET",
        "https://user@hooks.slack.com/services/T000/B000/SECRET",
        "https://hooks.slack.com:8443/services/T000/B000/SECRET",
        "file:///etc/passwd",
        "SECRET",
    ],
)
def test_a_webhook_leads_to_slack_and_nowhere_else(policy: Policy, a_notification: ANotification, url: str) -> None:
    with pytest.raises(RefusedError) as refused:
        SlackWebhook(lambda: url, policy, "https://slack.com").send(a_notification(), may_repeat=False)

    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    "fault",
    [Fault("rate_limited"), Fault("status"), Fault("close"), Fault("error", error="token_revoked"), Fault("redirect")],
)
def test_no_error_and_no_log_line_holds_a_secret(
    channel: ChannelPort, inbox: Inbox, a_notification: ANotification, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox.fault(fault)

    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        channel.send(a_notification(), may_repeat=False)

    shown = [*caplog.messages, *_chain(raised.value)]
    assert not [line for line in shown if TOKEN in line or "SECRET" in line]


def _chain(error: BaseException | None) -> list[str]:
    """What a stack trace would print of an error and of those behind it."""
    if error is None:
        return []
    behind: Any = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [f"{type(error).__name__}: {error}", *_chain(behind)]
