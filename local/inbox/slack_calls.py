"""Slack over HTTP: `/api/METHOD` with a token, `/services/...` for incoming webhooks, and the URLs of workflows."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from local.braket.serving import Request, Response, json_response
from local.inbox.shelf import Shelf
from local.inbox.slack_api import METHODS, put
from local.inbox.slack_checks import RefusedError
from local.inbox.slack_workspace import Workspace

API, SERVICES = "/api/", "/services/"
WORKFLOWS = ("/triggers/", "/workflows/")
WEBHOOK_STATUS = {
    "action_prohibited": 403,
    "channel_is_archived": 410,
    "channel_not_found": 404,
    "invalid_token": 403,
    "no_active_hooks": 404,
    "no_service": 404,
    "no_team": 404,
    "posting_to_general_channel_denied": 403,
    "team_disabled": 403,
}  # every other error is a 400


@dataclass(frozen=True, slots=True)
class Call:
    """A call to Slack: its channel and method, its function, and its form of refusal."""

    method: str
    channel: str | None
    carry_out: Callable[[], Response]
    refusal: Callable[[str, str], Response]

    def refuse(self, error: str) -> Response:
        return self.refusal(error, "")


def read_call(request: Request, workspace: Workspace, shelf: Shelf) -> Call | None:
    """The call of a request, or None if it is not for Slack."""
    if request.path.startswith(API):
        return _api_call(request, workspace, shelf)
    if request.path.startswith(SERVICES) and request.method == "POST":
        return _webhook_call(request, workspace, shelf)
    if request.path.startswith(WORKFLOWS) and request.method == "POST":
        return _workflow_call(request)
    return None


def _api_call(request: Request, workspace: Workspace, shelf: Shelf) -> Call:
    method = request.path.removeprefix(API)
    arguments = _arguments(request)

    def carry_out() -> Response:
        if method not in METHODS:
            raise RefusedError("unknown_method")
        if arguments is None:
            raise RefusedError("invalid_json")
        _check_token(request, arguments, workspace)
        return json_response(METHODS[method](workspace, shelf, arguments))

    channel = workspace.channel((arguments or {}).get("channel"))
    return Call(method, channel.id if channel else None, carry_out, _api_refusal)


def _webhook_call(request: Request, workspace: Workspace, shelf: Shelf) -> Call:
    path = request.path.removeprefix(SERVICES)
    channel = workspace.channel(workspace.webhooks.get(path))

    def carry_out() -> Response:
        if channel is None:
            raise RefusedError(_wrong_path(path, workspace))
        if channel.archived:
            raise RefusedError("channel_is_archived")
        arguments = _payload(request)
        if arguments is None:
            raise RefusedError("invalid_payload")
        put(shelf, channel, arguments, "webhook")
        return Response(b"ok")

    return Call("webhook", channel.id if channel else None, carry_out, _webhook_refusal)


def _workflow_call(request: Request) -> Call:
    """Start a workflow, which posts nothing here; it takes flat texts and answers JSON, also to a refused payload."""

    def carry_out() -> Response:
        payload = _payload(request) or {}
        if not all(isinstance(value, str) for value in payload.values()):
            raise RefusedError("invalid_workflow_input")
        return json_response({"ok": True})

    return Call("workflow", None, carry_out, _api_refusal)


def _wrong_path(path: str, workspace: Workspace) -> str:
    """A webhook with another secret was replaced; any other was removed."""
    hook = path.rpartition("/")[0]
    return (
        "invalid_token" if any(known.rpartition("/")[0] == hook for known in workspace.webhooks) else "no_active_hooks"
    )


def _check_token(request: Request, arguments: Mapping[str, Any], workspace: Workspace) -> None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ") or arguments.get("token")
    if not token:
        raise RefusedError("not_authed")
    if token != workspace.token:
        raise RefusedError("invalid_auth")


def _arguments(request: Request) -> dict[str, Any] | None:
    """The arguments of the query, the form or the JSON body; None if the body is malformed."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return {**request.query, **dict(parse_qsl(request.body.decode("utf-8", "replace")))}
    arguments = _loads(request.body or b"{}")  # a method without arguments may come without a body
    return {**request.query, **arguments} if isinstance(arguments, dict) else None


def _payload(request: Request) -> dict[str, Any] | None:
    """A webhook takes a JSON body, or a form with the JSON in `payload`."""
    form = "form" in request.headers.get("content-type", "")
    body = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("payload", "") if form else request.body
    payload = _loads(body)
    return payload if isinstance(payload, dict) else None


def _loads(body: str | bytes) -> Any:  # noqa: ANN401 (JSON may hold anything)
    try:
        return json.loads(body)
    except ValueError:
        return None


def _api_refusal(error: str, why: str) -> Response:
    """Slack refuses with status 200."""
    reasons = {"errors": [why], "response_metadata": {"messages": [f"[ERROR] {why}"]}} if why else {}
    return json_response({"ok": False, "error": error, **reasons})


def _webhook_refusal(error: str, _why: str) -> Response:
    return Response(error.encode(), WEBHOOK_STATUS.get(error, 400))
