"""Slack by bot token or by incoming webhook, through slack-sdk; one send is one request."""

import logging
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from notifier.adapters.slack import opener
from notifier.model import Notification
from notifier.policy import Policy
from notifier.ports import RefusedError, TryLaterError, UnacknowledgedError
from notifier.render import render
from notifier.render_slack import blocks, escape, metadata

WEBHOOK_HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
#: Errors of the Web API after which the same message may be taken later.
_LATER = {"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org", "org_login_required"}
#: Errors in which, as Slack says, some part of the operation may have succeeded.
_UNKNOWN = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
_WORD = re.compile("[a-z_]{1,80}")
#: HTTP's own words for "later": the request was not taken, because it came too slowly or too soon.
_LATER_STATUS = {408, 425, 429}
#: Longer than this nobody waits in one go.
_LONGEST_WAIT_S = 12 * 3600.0
_SECRET = re.compile("[!-~]+")
#: slack-sdk logs requests, and a webhook's URL is a secret: it says nothing here, errors say what matters.
_SILENT = logging.getLogger("notifier.slack_sdk")
_SILENT.setLevel(logging.CRITICAL)
_SILENT.disabled = True


class SlackBot:
    """The port `Channel` over chat.postMessage."""

    def __init__(self, token: Callable[[], str], channel: str, policy: Policy, endpoint: str) -> None:
        opener.install()
        self._token = token
        self._channel = channel
        self._policy = policy
        self._api = f"{endpoint}/api/"

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        message = render(notification.transition, self._policy)
        shown, found_by = blocks(message, may_repeat=may_repeat), metadata(notification)
        token = _sendable(self._token())
        client = WebClient(token, base_url=self._api, retry_handlers=[], logger=_SILENT)
        try:
            client.chat_postMessage(
                channel=self._channel,
                text=escape(message.push),
                blocks=shown,
                metadata=found_by,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            answer = error.response
            said = answer.data.get("error", "") if isinstance(answer.data, dict) else ""
            raise _refusal(answer.status_code, str(said), answer.headers) from None
        except Exception as error:  # noqa: BLE001 - whatever the network did is named; its text may hold the request
            raise _network_failure(error) from None


class SlackWebhook:
    """The port `Channel` over an incoming webhook: posts only, into the channel the webhook belongs to."""

    def __init__(self, url: Callable[[], str], policy: Policy, endpoint: str) -> None:
        opener.install()
        self._url = url
        self._policy = policy
        self._hosts = WEBHOOK_HOSTS | {urlsplit(endpoint).netloc}
        self._scheme = urlsplit(endpoint).scheme

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        url = _sendable(self._url())
        if urlsplit(url).netloc not in self._hosts or urlsplit(url).scheme != self._scheme:
            raise RefusedError("the webhook's URL is not one of hooks.slack.com")
        message = render(notification.transition, self._policy)
        shown = blocks(message, may_repeat=may_repeat)
        client = WebhookClient(url, retry_handlers=[], logger=_SILENT)
        try:
            answer = client.send(text=escape(message.push), blocks=shown, unfurl_links=False, unfurl_media=False)
        except Exception as error:  # noqa: BLE001 - as above
            raise _network_failure(error) from None
        if answer.status_code != 200 or answer.body != "ok":  # noqa: PLR2004 - HTTP
            raise _refusal(answer.status_code, answer.body, answer.headers)


def _sendable(secret: str) -> str:
    """A header or a URL with anything else in it is refused by an error that shows all of it."""
    if not _SECRET.fullmatch(secret):
        raise RefusedError("the secret holds characters that neither a token nor a URL has")
    return secret


def _network_failure(error: Exception) -> Exception:
    """What failed in connecting never reached Slack; after that nobody knows, whatever went wrong."""
    return error if isinstance(error, TryLaterError) else UnacknowledgedError(type(error).__name__)


def _refusal(status: int, said: str, headers: Mapping[str, str]) -> Exception:
    """Slack's answer as what to do next; a 200 may still say no, but only in a word of Slack's.

    Anything else is somebody's page, which may show the URL or the token: it is not repeated.
    """
    word = said if _WORD.fullmatch(said) else ""
    if status in _LATER_STATUS or word in _LATER:
        return TryLaterError(f"{status} {word}", _retry_after_s(headers))
    if status >= 500 or word in _UNKNOWN or (status < 300 and not word):  # noqa: PLR2004 - HTTP
        return UnacknowledgedError(f"{status} {word}")
    return RefusedError(f"{status} {word}")


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    asked = {key.lower(): value for key, value in headers.items()}.get("retry-after", "")
    return min(float(asked), _LONGEST_WAIT_S) or None if asked.isdecimal() else None  # 0 is no pace: our own back-off
