"""Slack by bot token or by incoming webhook, through slack-sdk; one send is one request."""

import logging
from typing import Protocol
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from braket_notifier.adapters.slack import opener
from braket_notifier.adapters.slack.answers import InvalidError, after_all, network_failure, refusal, sendable
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError, RefusedError
from braket_notifier.rendering.compose import Compose, metadata_of
from braket_notifier.rendering.formats.slack import Block, blocks, escape

WEBHOOK_HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
#: slack-sdk logs requests, and a webhook's URL is a secret: it says nothing here, errors say what matters.
_SILENT = logging.getLogger("notifier.slack_sdk")
_SILENT.setLevel(logging.CRITICAL)
_SILENT.disabled = True
#: A link in a message is to be read, not to be fetched by Slack.
UNFURLED = {"unfurl_links": False, "unfurl_media": False}


class Secret(Protocol):
    """A bot's token or a webhook's URL, read for every request."""

    def read(self) -> str: ...

    def replaced(self) -> bool:
        """Whether a refused secret may have been replaced, and the next `read` reads it anew."""
        ...


class SlackBot:
    """The port `Board` over chat.postMessage and chat.update; a place is a channel's id and a message's `ts`."""

    def __init__(self, token: Secret, channel: str, compose: Compose, endpoint: str) -> None:
        opener.install()
        self._token = token
        self._channel = channel
        self._compose = compose
        self._api = f"{endpoint}/api/"

    def send(self, told: Notification | Digest, *, may_repeat: bool) -> str:
        try:
            return self._call("chat.postMessage", told, may_repeat=may_repeat, channel=self._channel, **UNFURLED)
        except GoneError as error:  # there is no card yet that could be gone
            raise RefusedError(str(error)) from None

    def reply(self, place: str, told: Notification | Digest, *, may_repeat: bool, loud: bool) -> str:
        channel, ts = self._found(place)
        thread = {"thread_ts": ts, "reply_broadcast": loud}
        return self._call("chat.postMessage", told, may_repeat=may_repeat, channel=channel, **thread, **UNFURLED)

    def edit(self, place: str, told: Notification | Digest) -> None:
        channel, ts = self._found(place)
        self._call("chat.update", told, may_repeat=False, channel=channel, ts=ts)

    def _found(self, place: str) -> tuple[str, str]:
        """A card in a channel that the settings named once is out of sight."""
        channel, _, ts = place.partition("/")
        if channel != self._channel:
            raise GoneError("the settings name another channel")
        return channel, ts

    def _call(self, method: str, told: Notification | Digest, *, may_repeat: bool, **where: object) -> str:
        """What Slack finds ill-formed it did not take: plain text is sent instead, once."""
        message = self._compose(told)
        text, shown = escape(message.push), blocks(message, may_repeat=may_repeat)
        try:
            return self._request(method, text=text, blocks=shown, metadata=metadata_of(told), **where)
        except InvalidError:
            return self._request(method, text=_plain(text, may_repeat=may_repeat), **where)

    def _request(self, method: str, **content: object) -> str:
        client = WebClient(sendable(self._token.read()), base_url=self._api, retry_handlers=[], logger=_SILENT)
        try:
            answer = client.api_call(method, json=content)
        except SlackApiError as error:
            said = error.response.data.get("error", "") if isinstance(error.response.data, dict) else ""
            refused = refusal(error.response.status_code, str(said), error.response.headers)
            raise after_all(refused, self._token.replaced) from None
        except Exception as error:  # noqa: BLE001 - whatever the network did is named; its text may hold the request
            raise network_failure(error) from None
        ts = answer.get("ts")
        return f"{self._channel}/{ts}" if ts else ""


class SlackWebhook:
    """The port `HumanChannel` over an incoming webhook: posts only, into the channel the webhook belongs to."""

    def __init__(self, url: Secret, compose: Compose, endpoint: str) -> None:
        opener.install()
        self._url = url
        self._compose = compose
        scheme, host = urlsplit(endpoint)[:2]
        self._allowed = tuple(f"{scheme}://{each}/" for each in {*WEBHOOK_HOSTS, host})

    def send(self, told: Notification | Digest, *, may_repeat: bool) -> str:
        """Slack does not say where it stands."""
        message = self._compose(told)
        text = escape(message.push)
        try:
            self._request(text, blocks(message, may_repeat=may_repeat))
        except InvalidError:
            self._request(_plain(text, may_repeat=may_repeat), None)
        return ""

    def _request(self, text: str, shown: list[Block] | None) -> None:
        url = sendable(self._url.read())
        if not url.startswith(self._allowed):  # to take it apart would show it, if it is no URL
            raise RefusedError("the webhook's URL is not one of hooks.slack.com")
        client = WebhookClient(url, retry_handlers=[], logger=_SILENT)
        try:
            answer = client.send(text=text, blocks=shown, unfurl_links=False, unfurl_media=False)
        except Exception as error:  # noqa: BLE001 - as above
            raise network_failure(error) from None
        if answer.status_code != 200 or answer.body != "ok":  # noqa: PLR2004 - HTTP
            raise after_all(refusal(answer.status_code, answer.body, answer.headers), self._url.replaced)


def _plain(text: str, *, may_repeat: bool) -> str:
    return f"{text} (may repeat an earlier message)" if may_repeat else text
