"""Send to a channel of Discord by its webhook, which also edits what it posted."""

import json
import re
from collections.abc import Mapping
from functools import partial

from braket_notifier.adapters.https.call import Response, message_deadline
from braket_notifier.adapters.https.endpoint import Endpoint, WrongFormError, whole_or_plain
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError, MendableError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.discord import Payload, plain_post, post
from braket_notifier.rendering.message import Message
from braket_notifier.text.json_fields import object_in, text

#: Discord's codes for a message that is deleted or another webhook's.
_GONE = {10008, 50005}
#: Discord's codes for a message that it accepts in no such form or size.
_INVALID = {50035, 50006, 40005}
#: Discord's codes are below; no other server's number is shown.
_MOST_CODES = 10**6
_OK, _BAD, _NOT_FOUND, _FORBIDDEN = 200, 400, 404, 403
#: A message's id; the place of a channel that was Slack's before is none.
_ID = re.compile("[0-9]{1,20}")
#: The flag of a message that notifies nobody.
_SILENT = 1 << 12


class DiscordWebhook:
    """The port `EditableChannel`; a place is a message's id. A webhook has no threads, so a reply is a post."""

    def __init__(self, endpoint: Endpoint, compose: Compose) -> None:
        self._endpoint = endpoint
        self._compose = compose

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        by = message_deadline()
        try:
            return self._post(by, self._compose(content), may_repeat=may_repeat)
        except GoneError as error:  # a new post replaces no message
            raise MendableError(str(error)) from None

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:
        """Post a loud one beside the card, if that is still there, and any other without notifying anybody.

        The failed executables of a program set need no reply, because the card has them without a thread.
        """
        if not loud and isinstance(content, Notification) and content.results:
            return True
        by, path = message_deadline(), _path(place)
        try:
            self._request(by, {}, method="GET", path=path)
        except WrongFormError as error:  # of the id
            raise GoneError(str(error)) from None
        except (TryLaterError, UnacknowledgedError) as error:  # the look leaves no doubt, because it posts nothing
            raise TryLaterError(str(error), getattr(error, "after_s", None)) from None
        shown = self._compose(content)
        self._post(by, shown.beside_card() if loud else shown, may_repeat=may_repeat, flags=0 if loud else _SILENT)
        return True

    def edit(self, place: str, content: Notification | Digest) -> None:
        """Treat a card as gone if Discord refuses each form of the message there; a new post may hold it."""
        by, path, message = message_deadline(), _path(place), self._compose(content)
        request = partial(self._request, by, method="PATCH", path=path)
        try:
            whole_or_plain(request, post(message, may_repeat=False), partial(plain_post, message, may_repeat=False))
        except WrongFormError as error:
            raise GoneError(str(error)) from None

    def probe(self) -> None:
        """Read the webhook, which posts nothing; its URL is read anew."""
        self._endpoint.url.replaced()
        self._request(message_deadline(), {}, method="GET")

    def _post(self, by: float, message: Message, *, may_repeat: bool, flags: int = 0) -> str:
        def send(payload: Payload) -> str:
            return self._request(by, {"flags": flags, **payload}, query="wait=true")

        plain = partial(plain_post, message, may_repeat=may_repeat, flags=flags)
        return whole_or_plain(send, post(message, may_repeat=may_repeat), plain)

    def _request(self, by: float, payload: Payload, *, method: str = "POST", path: str = "", query: str = "") -> str:
        """Return the id in Discord's answer, which a page of a proxy and a refusal with status 200 lack."""
        body = json.dumps(payload).encode() if payload else b""
        response = self._endpoint.request(body, {}, by, method=method, path=path, query=query)
        answer = object_in(response.text)
        if response.status == _OK and (its_id := text(answer.get("id"))):
            return its_id
        raise self._refusal(response, answer)

    def _refusal(self, response: Response, answer: Mapping[str, object]) -> Exception:
        """Classify by Discord's code where the status leaves it open."""
        found = answer.get("code")
        code = found if isinstance(found, int) and found in range(_MOST_CODES) else None
        why = f"{response.status} {code}"
        if response.status in (_NOT_FOUND, _FORBIDDEN) and code in _GONE:
            return GoneError(why)
        if response.status == _BAD and code in _INVALID:
            return WrongFormError(why)
        return self._endpoint.refusal(response, f"{code or ''}")


def _path(place: str) -> str:
    if not _ID.fullmatch(place):
        raise GoneError("the card stands in a channel of another type")
    return f"/messages/{place}"
