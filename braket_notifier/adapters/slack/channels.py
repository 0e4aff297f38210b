"""Send to Slack by bot token or by incoming webhook."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from braket_notifier.adapters.https.call import Response, call, message_deadline
from braket_notifier.adapters.https.secret import Secret, sendable
from braket_notifier.adapters.slack.answers import Answer, InvalidError, refusal
from braket_notifier.adapters.slack.webhooks import wrong_webhook
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import ChannelError, GoneError, MendableError
from braket_notifier.rendering.compose import Compose, metadata_of, title_of
from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.formats.slack import escape, forms, moved_blocks
from braket_notifier.rendering.message import Message
from braket_notifier.text.json_fields import object_in, text
from braket_notifier.text.wording import cut

#: Settings that keep Slack from fetching the links of a message, and from looking for marks in its push line.
UNFURLED = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}
#: Characters of a message without blocks; Slack refuses or truncates more than 40,000 with its escapes.
LONGEST_TEXT = 35_000
_OK = 200
#: Begin the ids of members of a workspace.
_MEMBERS = ("U", "W")


class SlackBot:
    """The port `EditableChannel`; a place is a channel's id and a message's `ts`.

    To a member's id Slack sends a direct message, whose conversation its answer names; a place then has both ids.
    """

    def __init__(self, token: Secret, channel: str, compose: Compose, endpoint: str) -> None:
        self._token = token
        self._channel = channel
        self._to_person = channel.startswith(_MEMBERS)
        self._compose = compose
        self._api = f"{endpoint}/api/"

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        try:
            answer = self._send("chat.postMessage", content, may_repeat, channel=self._channel, **UNFURLED)
        except GoneError as error:  # a new post replaces no message
            raise MendableError(str(error)) from None
        ts, conversation = answer.get("ts"), text(answer.get("channel"))
        where = f"{self._channel}/{conversation}" if self._to_person and conversation else self._channel
        return f"{where}/{ts}" if ts else ""

    def probe(self) -> None:
        """Check the token, and that the channel is not archived if the token may read that; both calls post nothing.

        The token is read anew, because a new one may be the reason of the probe.
        """
        self._token.replaced()
        by = message_deadline()
        self._request("auth.test", by)
        if self._to_person or not self._channel:
            return
        try:
            answer = self._request("conversations.info", by, channel=self._channel)
        except (MendableError, InvalidError):  # without the scope, or for a channel given by its name
            return
        found = answer.get("channel")
        if isinstance(found, dict) and found.get("is_archived"):
            raise MendableError("is_archived")

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:
        """A loud one is short, because the card beside it has the rest.

        Slack posts a reply to a deleted message in the channel, and leaves `thread_ts` out of its answer.
        """
        channel, ts = self._message(place, content)
        where: Answer = {"channel": channel, "thread_ts": ts, "reply_broadcast": loud}
        answer = self._send("chat.postMessage", content, may_repeat, beside=loud, **where, **UNFURLED)
        message = answer.get("message")
        return isinstance(message, dict) and bool(message.get("thread_ts"))

    def edit(self, place: str, content: Notification | Digest) -> None:
        """Treat a card as gone if Slack refuses each form of the message there, because a new post may be longer."""
        channel, ts = self._message(place, content)
        try:
            self._send("chat.update", content, may_repeat=False, channel=channel, ts=ts)
        except InvalidError as error:
            raise GoneError(str(error)) from None

    def _message(self, place: str, content: Notification | Digest) -> tuple[str, str]:
        """Split a place; if the settings name another channel by now, edit the card to say so and raise GoneError.

        The caller forgets the place then. The card shows nothing new, because other people may read that channel.
        """
        addressee, _, rest = place.partition("/")
        conversation, _, ts = rest.rpartition("/")
        channel = conversation or addressee
        if addressee != self._channel:
            title, where = title_of(content), "another conversation" if self._to_person else self._channel
            moved: Answer = {"text": escape(f"➡ {title} goes on in another channel"), "channel": channel, "ts": ts}
            with suppress(ChannelError):
                self._request("chat.update", message_deadline(), blocks=moved_blocks(title, where), **moved)
            raise GoneError("the settings name another channel")
        return channel, ts

    def _send(
        self,
        method: str,
        content: Notification | Digest,
        may_repeat: bool,  # noqa: FBT001 - beside the members of the request
        *,
        beside: bool = False,
        **where: object,
    ) -> Answer:
        """Send a message, or once the whole of it as plain text if Slack refuses each of its forms."""
        request, message = partial(self._request, method, message_deadline()), self._compose(content)
        message = message.beside_card() if beside else message
        text, metadata = escape(message.push_line(may_repeat=may_repeat)), metadata_of(content)
        for shown in forms(message, may_repeat=may_repeat):
            with suppress(InvalidError):
                return request(text=text, blocks=shown, metadata=metadata, **where)
        # an update without `blocks` may leave the old ones
        without: Answer = {"blocks": []} if method == "chat.update" else {}
        return request(text=_plain(message, may_repeat=may_repeat), **without, **where)

    def _request(self, method: str, by: float, **content: object) -> Answer:
        bearer = {"Authorization": f"Bearer {sendable(self._token.read())}"}
        response = _post(f"{self._api}{method}", content, bearer, by)
        answer = object_in(response.text)
        if response.status != _OK or not answer.get("ok"):
            word = str(answer.get("error", ""))
            raise refusal(response, word, self._token.replaced, to_person=self._to_person)
        return answer


class SlackWebhook:
    """The port `HumanChannel` over an incoming webhook, which only posts and only to its own channel."""

    def __init__(self, url: Secret, compose: Compose, endpoint: str) -> None:
        self._url = url
        self._compose = compose
        self._endpoint = endpoint

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place, because Slack does not return the message's `ts`."""
        by, message = message_deadline(), self._compose(content)
        text = escape(message.push_line(may_repeat=may_repeat))
        for shown in forms(message, may_repeat=may_repeat):
            with suppress(InvalidError):
                self._request(by, text=text, blocks=shown)
                return ""
        self._request(by, text=_plain(message, may_repeat=may_repeat))
        return ""

    def probe(self) -> None:
        """Send an empty message, which Slack refuses only if it would accept another one; the URL is read anew."""
        self._url.replaced()
        with suppress(InvalidError):
            self._request(message_deadline())

    def _request(self, by: float, **content: object) -> None:
        url = sendable(self._url.read())
        if wrong := wrong_webhook(url, self._endpoint):
            raise MendableError(wrong)
        response = _post(url, content | UNFURLED, {}, by)
        if response.status != _OK or response.text != "ok":
            refused = refusal(response, response.text, self._url.replaced)
            raise MendableError(str(refused)) if isinstance(refused, GoneError) else refused  # nothing to edit


def _post(url: str, content: Mapping[str, object], headers: Mapping[str, str], by: float) -> Response:
    typed = {"Content-Type": "application/json;charset=utf-8", **headers}
    return call(url, typed, json.dumps(content).encode(), by)


def _plain(message: Message, *, may_repeat: bool) -> str:
    """Return every line of a message for a Slack that refuses its blocks."""
    push = message.push_line(may_repeat=may_repeat)
    return escape(cut(f"{push}\n\n{body(message, may_repeat=False)}".rstrip(), LONGEST_TEXT))
