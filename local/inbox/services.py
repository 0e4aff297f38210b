"""Services beside Slack over HTTP: `/HOST/PATH` is the URL of a channel, as on the host itself."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from braket_notifier.adapters.https.webhook import key_of
from local.braket.serving import Request, Response, json_response
from local.inbox import service_html
from local.inbox.entries import Post, Words
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
    _put(shelf, to, text=document["data"]["push"], html=service_html.of_webhook(document))
    return Response(status=204)


def _discord(request: Request, to: Destination, shelf: Shelf) -> Response:
    """Take a post, an edit of one, and a look at either or at the webhook."""
    its_id = request.path.partition("/messages/")[2]
    ts = f"{its_id[:-6]}.{its_id[-6:]}"  # a message's id is a whole number
    standing = shelf.post(to.channel, ts) if its_id else None
    if its_id and standing is None:
        return json_response({"message": "Unknown Message", "code": 10008}, 404)
    if request.method == "GET":
        return json_response({"id": its_id or "1"})
    payload = json.loads(request.body)
    text, html = service_html.without_escapes(payload["content"]), service_html.of_discord(payload)
    if standing is None:
        return json_response({"id": _put(shelf, to, text=text, html=html).ts.replace(".", "")})
    shelf.edit(to.channel, ts, lambda _, now: Words(accepted_at=now, text=text, html=html))
    return json_response({"id": its_id})


def _teams(request: Request, to: Destination, shelf: Shelf) -> Response:
    """Take what a workflow of the template takes; its answer has no words."""
    [attachment] = json.loads(request.body)["attachments"]
    shown = service_html.of_card(attachment["content"])
    _put(shelf, to, text=service_html.title_of(attachment["content"]), html=shown)
    return Response(status=202)


_KINDS: Mapping[str, Callable[[Request, Destination, Shelf], Response]] = {
    "webhook": _webhook,
    "discord": _discord,
    "teams": _teams,
}


def _put(shelf: Shelf, to: Destination, *, text: str, html: str) -> Post:
    return shelf.accept(
        lambda now: Post(
            channel=to.channel,
            ts=f"{now.timestamp():.6f}",
            accepted_at=now,
            text=text,
            html=html,
            via="service",
            mrkdwn=False,
        )
    )


def _refusal(error: str, why: str) -> Response:
    return Response(f"{error} {why}".strip().encode(), 400)
