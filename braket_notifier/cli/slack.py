"""The operator's requests to Slack: the bot of a token, its scopes and its channels."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal
from urllib.parse import urlencode

from braket_notifier.adapters.https.call import call
from braket_notifier.adapters.slack.answers import refusal, word_of
from braket_notifier.adapters.slack.webhooks import SLACK
from braket_notifier.cli.sentences import CommandError
from braket_notifier.errors import ChannelError, TryLaterError, UnacknowledgedError
from braket_notifier.settings.channels import SlackBotSettings
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.text.json_fields import object_in

#: Scopes that the notifier uses: posting, and listing the channels that the app is in.
SCOPES = ("chat:write", "channels:read", "groups:read")
#: The further scope of an app that writes to members.
MEMBERS_SCOPE = "users:read"
#: Slack's words for a member's id that it does not know, or does not show to the app.
UNKNOWN_MEMBER = {"user_not_found", "user_not_visible"}
#: Seconds for a request and its response.
LIMIT_S = 10.0


class SlackError(CommandError):
    """Slack refused a request, or did not answer. `word` is Slack's own, empty without one.

    An outage, unlike a refusal, ends by itself.
    """

    def __init__(self, message: str, word: str = "", *, is_outage: bool) -> None:
        super().__init__(message)
        self.word = word
        self.is_outage = is_outage


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot of a token. `scopes` is empty if Slack did not name them."""

    name: str
    workspace: str
    scopes: frozenset[str]

    def missing(self, wanted: Iterable[str]) -> list[str]:
        return [scope for scope in wanted if self.scopes and scope not in self.scopes]


@dataclass(frozen=True, slots=True)
class Room:
    """A Slack channel that the app is in."""

    id: str
    name: str
    archived: bool = False


def writes_to_members(settings: Settings) -> bool:
    """Whether a channel sends direct messages."""
    return any(isinstance(each, SlackBotSettings) and each.to_owner for each in settings.channels.values())


def scopes_of(settings: Settings) -> tuple[str, ...]:
    """The scopes that the app needs with these settings."""
    return (*SCOPES, MEMBERS_SCOPE) if writes_to_members(settings) else SCOPES


def member(token: str, its_id: str) -> Literal["there", "deactivated", "unknown"]:
    """Call `users.info`, because Slack takes direct messages to a deactivated member."""
    try:
        answer, _ = _ask(token, "users.info", {"user": its_id})
    except SlackError as error:
        if error.word in UNKNOWN_MEMBER:
            return "unknown"
        raise
    user = answer.get("user")
    return "deactivated" if isinstance(user, dict) and user.get("deleted") else "there"


def bot_of(token: str) -> Bot:
    """Call `auth.test`. A SlackError never contains the token."""
    answer, scopes = _ask(token, "auth.test")
    return Bot(str(answer["user"]), str(answer["team"]), frozenset(filter(None, scopes.replace(" ", "").split(","))))


def rooms(token: str) -> list[Room]:
    """List every public and private channel that the bot was invited to, archived ones too."""
    found: list[Room] = []
    given = {"types": "public_channel,private_channel", "limit": "200", "cursor": ""}
    while True:
        answer, _ = _ask(token, "users.conversations", given)
        found += [
            Room(str(each["id"]), str(each["name"]), bool(each.get("is_archived"))) for each in answer["channels"]
        ]
        given["cursor"] = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not given["cursor"]:
            return found


def _ask(token: str, method: str, given: Mapping[str, str] | None = None) -> tuple[Mapping[str, Any], str]:
    """Return Slack's answer and the scopes of the token. An error shows neither the request nor the answer."""
    endpoint = os.environ.get("SLACK_ENDPOINT_URL", SLACK)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        response = call(f"{endpoint}/api/{method}", headers, urlencode(given or {}).encode(), monotonic() + LIMIT_S)
    except ChannelError as error:
        raise SlackError(f"Slack cannot be reached ({error})", is_outage=True) from None
    answer: Mapping[str, Any] = object_in(response.text)
    if not answer.get("ok"):
        word = word_of(str(answer.get("error", "")))
        temporary = isinstance(refusal(response, word, lambda: False), TryLaterError | UnacknowledgedError)
        raise SlackError(f"Slack answers {word or response.status}", word, is_outage=temporary)
    return answer, response.headers.get("x-oauth-scopes", "")
