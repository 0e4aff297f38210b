"""Services beside Slack over HTTP: `/HOST/PATH` is the URL of a channel, as on the host itself."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from braket_notifier.adapters.https.webhook import key_of
from local.braket.serving import Request, Response
from local.inbox import service_html
from local.inbox.entries import Post
from local.inbox.shelf import Shelf
from local.inbox.slack_calls import Call
from local.inbox.slack_checks import RefusedError


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel of a service, with the key that signs its messages."""

    kind: str
    channel: str
    key: str = ""


def read_service_call(request: Request, destinations: Mapping[str, Destination], shelf: Shelf) -> Call | None:
    """The call of a request, or None if it is for no service; `destinations` are those of each URL without https."""
    address = request.path.removeprefix("/")
    url = next((each for each in destinations if address == each or address.startswith(f"{each}/")), "")
    if not url:
        return None
    to = destinations[url]
    return Call(to.kind, to.channel, lambda: _KINDS[to.kind](request, to, shelf), _refusal)


def _webhook(request: Request, to: Destination, shelf: Shelf) -> Response:
    its_id, at = (request.headers.get(f"webhook-{each}", "") for each in ("id", "timestamp"))
    digest = hmac.new(key_of(to.key), f"{its_id}.{at}.".encode() + request.body, sha256).digest()
    if request.headers.get("webhook-signature") != f"v1,{b64encode(digest).decode()}":
        raise RefusedError("wrong_signature")
    document = json.loads(request.body)
    _put(shelf, to, document["data"]["push"], service_html.of_webhook(document))
    return Response(status=204)


_KINDS: Mapping[str, Callable[[Request, Destination, Shelf], Response]] = {"webhook": _webhook}


def _put(shelf: Shelf, to: Destination, push: str, html: str, metadata: Mapping[str, Any] | None = None) -> Post:
    return shelf.accept(
        lambda now: Post(
            channel=to.channel,
            ts=f"{now.timestamp():.6f}",
            accepted_at=now,
            text=push,
            html=html,
            via="service",
            mrkdwn=False,
            metadata=metadata,
        )
    )


def _refusal(error: str, why: str) -> Response:
    return Response(f"{error} {why}".strip().encode(), 400)
