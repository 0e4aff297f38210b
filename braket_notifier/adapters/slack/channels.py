"""Send to Slack by bot token or by incoming webhook."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from braket_notifier.adapters.https import Response, call
from braket_notifier.adapters.slack.answers import InvalidError, refusal, sendable
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError, RefusedError
from braket_notifier.rendering.compose import Compose, metadata_of
from braket_notifier.rendering.formats.slack import blocks, escape

WEBHOOK_HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
#: Settings that keep Slack from fetching the links of a message.
UNFURLED = {"unfurl_links": False, "unfurl_media": False}
#: Seconds for connecting, a request and its response.
GIVE_UP_S = 13.0
_OK = 200


class Secret(Protocol):
    """A bot's token or a webhook's URL."""

    def read(self) -> str: ...

    def replaced(self) -> bool:
        """Whether a refused secret may have been replaced; the next `read` then reads it again."""
        ...


class SlackBot:
    """The port `EditableChannel`; a place is a channel's id and a message's `ts`."""

    def __init__(self, token: Secret, channel: str, compose: Compose, endpoint: str) -> None:
        self._token = token
        self._channel = channel
        self._compose = compose
        self._api = f"{endpoint}/api/"

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        try:
            return self._call("chat.postMessage", content, may_repeat=may_repeat, channel=self._channel, **UNFURLED)
        except GoneError as error:  # a new post replaces no message
            raise RefusedError(str(error)) from None

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> str:
        channel, ts = self._message(place)
        thread = {"thread_ts": ts, "reply_broadcast": loud}
        return self._call("chat.postMessage", content, may_repeat=may_repeat, channel=channel, **thread, **UNFURLED)

    def edit(self, place: str, content: Notification | Digest) -> None:
        channel, ts = self._message(place)
        self._call("chat.update", content, may_repeat=False, channel=channel, ts=ts)

    def _message(self, place: str) -> tuple[str, str]:
        """Split a place; raises GoneError if the settings name another channel by now."""
        channel, _, ts = place.partition("/")
        if channel != self._channel:
            raise GoneError("the settings name another channel")
        return channel, ts

    def _call(self, method: str, content: Notification | Digest, *, may_repeat: bool, **where: object) -> str:
        """Send a message, or its plain text once if Slack refuses its form."""
        message = self._compose(content)
        text, shown = escape(message.push), blocks(message, may_repeat=may_repeat)
        try:
            return self._request(method, text=text, blocks=shown, metadata=metadata_of(content), **where)
        except InvalidError:
            return self._request(method, text=_plain(text, may_repeat=may_repeat), **where)

    def _request(self, method: str, **content: object) -> str:
        bearer = {"Authorization": f"Bearer {sendable(self._token.read())}"}
        response = _post(f"{self._api}{method}", content, bearer)
        answer = _object_in(response.text)
        if response.status != _OK or not answer.get("ok"):
            raise refusal(response, str(answer.get("error", "")), self._token.replaced)
        ts = answer.get("ts")
        return f"{self._channel}/{ts}" if ts else ""


class SlackWebhook:
    """The port `HumanChannel` over an incoming webhook, which only posts and only to its own channel."""

    def __init__(self, url: Secret, compose: Compose, endpoint: str) -> None:
        self._url = url
        self._compose = compose
        scheme, host = urlsplit(endpoint)[:2]
        self._allowed = tuple(f"{scheme}://{each}/" for each in {*WEBHOOK_HOSTS, host})

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place, because Slack does not return the message's `ts`."""
        message = self._compose(content)
        text = escape(message.push)
        try:
            self._request(text=text, blocks=blocks(message, may_repeat=may_repeat))
        except InvalidError:
            self._request(text=_plain(text, may_repeat=may_repeat))
        return ""

    def _request(self, **content: object) -> None:
        url = sendable(self._url.read())
        if not url.startswith(self._allowed):  # without parsing, because a parser's error would show it
            raise RefusedError("the webhook's URL is not one of hooks.slack.com")
        response = _post(url, content | UNFURLED, {})
        if response.status != _OK or response.text != "ok":
            raise refusal(response, response.text, self._url.replaced)


def _post(url: str, content: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    typed = {"Content-Type": "application/json;charset=utf-8", **headers}
    return call(url, typed, json.dumps(content).encode(), monotonic() + GIVE_UP_S)


def _object_in(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(text: str, *, may_repeat: bool) -> str:
    return f"{text} (may repeat an earlier message)" if may_repeat else text
