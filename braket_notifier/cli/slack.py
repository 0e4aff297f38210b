"""The operator's requests to Slack: the bot of a token, its scopes and its channels."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, build_opener, install_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from braket_notifier.adapters.slack.answers import word_of
from braket_notifier.cli.sentences import CommandError

#: Scopes that the notifier uses: posting, and listing the channels that the app is in.
SCOPES = ("chat:write", "channels:read", "groups:read")
LIMIT_S = 10
#: slack-sdk logs requests, and they hold the token.
_SILENT = logging.getLogger("braket_notifier.cli.slack_sdk")
_SILENT.disabled = True


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is a refusal, because it would carry the token to another host."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class SlackError(CommandError):
    """Slack refused a request, or did not answer."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot of a token; `scopes` is empty if Slack did not name them."""

    name: str
    workspace: str
    scopes: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return [scope for scope in SCOPES if self.scopes and scope not in self.scopes]


@dataclass(frozen=True, slots=True)
class Room:
    """A Slack channel that the app is in."""

    id: str
    name: str


def bot_of(token: str) -> Bot:
    """Call `auth.test`; a SlackError never contains the token."""
    answer, headers = _ask(token, lambda client: client.auth_test())
    scopes = {key.lower(): value for key, value in headers.items()}.get("x-oauth-scopes", "")
    return Bot(str(answer["user"]), str(answer["team"]), frozenset(filter(None, scopes.replace(" ", "").split(","))))


def rooms(token: str) -> list[Room]:
    """Every public and private channel that the bot was invited to."""
    found: list[Room] = []
    cursor = ""
    while True:
        given = {"types": "public_channel,private_channel", "limit": 200, "exclude_archived": True, "cursor": cursor}
        answer, _ = _ask(token, lambda client, given=given: client.users_conversations(**given))  # type: ignore[misc]  # bound now
        found += [Room(str(each["id"]), str(each["name"])) for each in answer["channels"]]
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return found


def _ask(token: str, call: Callable[[WebClient], Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    install_opener(build_opener(_NoRedirect))  # slack-sdk sends through urllib's global opener
    endpoint = os.environ.get("SLACK_ENDPOINT_URL", "https://slack.com")
    client = WebClient(token, base_url=f"{endpoint}/api/", timeout=LIMIT_S, retry_handlers=[], logger=_SILENT)
    try:
        answer = call(client)
    except SlackApiError as error:
        code = error.response.data.get("error", "") if isinstance(error.response.data, dict) else ""
        raise SlackError(f"Slack answers {word_of(str(code)) or error.response.status_code}") from None
    except URLError as error:
        raise SlackError(f"Slack cannot be reached ({type(error.reason).__name__})") from None
    except Exception as error:  # noqa: BLE001 - its text may contain the request, and so the token
        raise SlackError(f"Slack cannot be reached ({type(error).__name__})") from None
    return cast("Mapping[str, Any]", answer.data), cast("Mapping[str, str]", answer.headers)
