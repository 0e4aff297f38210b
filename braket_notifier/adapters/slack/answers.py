"""Slack's answers as errors that name the next step."""

import re
from collections.abc import Callable
from email.message import Message

from braket_notifier.adapters.https import Response
from braket_notifier.errors import GoneError, RefusedError, TryLaterError, UnacknowledgedError

#: Errors of the Web API after which the same message may be taken later.
_LATER = {
    *("ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org", "org_login_required"),
    "external_channel_migrating",
}
#: Errors in which, as Slack says, some part of the operation may have succeeded.
_UNKNOWN = {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "update_failed"}
#: The message that was to be edited or answered was deleted, or is too old, or is not ours, or nobody may answer it.
_GONE = {
    *("message_not_found", "edit_window_closed", "cant_update_message", "thread_not_found", "cannot_reply_to_message"),
    *("is_inactive", "block_mismatch"),
    *("restricted_action_thread_locked", "restricted_action_non_threadable_channel"),
}
#: What was sent is not as Slack wants it: not taken, and plain text would be.
_INVALID = {
    *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments"),
    *("metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "invalid_payload"),
    "invalid_arguments",  # Slack: more likely with complex ones, like blocks
}
#: It is the token or the webhook's URL that Slack does not take (any more).
_NO_ACCESS = {
    *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
    *("invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team"),
}
_WORD = re.compile("[a-z_]{1,80}")
#: HTTP's own words for "later": the request was not taken, because it came too slowly or too soon.
_LATER_STATUS = {408, 425, 429}
#: Longer than this nobody waits in one go.
_LONGEST_WAIT_S = 12 * 3600.0
_SECRET = re.compile("[!-~]+")


class InvalidError(RefusedError):
    """Slack took nothing, because the message is not well-formed in its eyes."""


class SecretRefusedError(RefusedError):
    """Slack took nothing, because of the secret that came with it."""


def sendable(secret: str) -> str:
    """A header or a URL with anything else in it is refused by an error that shows all of it."""
    if not _SECRET.fullmatch(secret):
        raise RefusedError("the secret holds characters that neither a token nor a URL has")
    return secret


def word_of(said: str) -> str:
    """Anything but a word of Slack's is somebody's page, which may show the URL or the token: it is not repeated."""
    return said if _WORD.fullmatch(said) else ""


def refusal(response: Response, said: str, replaced: Callable[[], bool]) -> Exception:
    """Classify a refusal, which may come with status 200, but then only in a word of Slack's.

    A refused secret that may have been replaced since it was read is retried with the new one.
    """
    status, word = response.status, word_of(said)
    why = f"{status} {word}"
    if status in _LATER_STATUS or word in _LATER:
        return TryLaterError(why, _retry_after_s(response.headers))
    if status >= 500 or word in _UNKNOWN or (status < 300 and not word):  # noqa: PLR2004 - HTTP
        return UnacknowledgedError(why)
    if word in _GONE:
        return GoneError(word)
    if word in _NO_ACCESS:
        return TryLaterError(f"{why}: the secret may have been replaced") if replaced() else SecretRefusedError(why)
    return InvalidError(why) if word in _INVALID else RefusedError(why)


def _retry_after_s(headers: Message) -> float | None:
    asked = headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_WAIT_S) or None if asked.isdecimal() else None  # 0 is no pace: our own back-off
