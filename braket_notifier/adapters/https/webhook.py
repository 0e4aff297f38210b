"""Send messages to a webhook that is signed by Standard Webhooks (https://www.standardwebhooks.com)."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import sha256

from braket_notifier.adapters.https.call import message_deadline
from braket_notifier.adapters.https.endpoint import Endpoint, is_accepted, whole_or_plain
from braket_notifier.adapters.https.secret import Secret
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.webhook_json import message_id, to_json

#: Begins a key; base64 follows.
PREFIX = "whsec_"


class SignedWebhook:
    """The port `HumanChannel` over a webhook; any answer with a status of success accepts the message."""

    def __init__(self, endpoint: Endpoint, key: Secret, compose: Compose, clock: Callable[[], datetime]) -> None:
        self._endpoint = endpoint
        self._key = key
        self._compose = compose
        self._clock = clock

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place; a receiver that finds the message too large gets its push line alone."""
        by, message = message_deadline(), self._compose(content)
        body = partial(to_json, message, content, at=self._clock(), may_repeat=may_repeat)
        whole_or_plain(partial(self._post, by, message_id(content)), body(), partial(body, brief=True))
        return ""

    def _post(self, by: float, its_id: str, text: str) -> None:
        body, at = text.encode(), f"{self._clock().timestamp():.0f}"
        signed = {"webhook-id": its_id, "webhook-timestamp": at, "webhook-signature": self._signature(its_id, at, body)}
        response = self._endpoint.request(body, signed, by)
        if not is_accepted(response):
            self._key.replaced()  # the receiver may have another one by now
            raise self._endpoint.refusal(response)

    def _signature(self, its_id: str, at: str, body: bytes) -> str:
        key = key_of(self._key.read())
        if not key:
            self._key.replaced()
            raise MendableError(f"the key is not {PREFIX} and base64")
        digest = hmac.new(key, f"{its_id}.{at}.".encode() + body, sha256).digest()
        return f"v1,{b64encode(digest).decode()}"


def key_of(secret: str) -> bytes:
    """Return the bytes of a key; none if the secret does not have its form."""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (NotBase64Error, ValueError):
        return b""
