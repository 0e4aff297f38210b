"""Classify Slack's answers as errors of a channel."""

import re
from collections.abc import Callable
from email.message import Message

from braket_notifier.adapters.https import Response
from braket_notifier.errors import GoneError, RefusedError, TryLaterError, UnacknowledgedError

#: Errors of the Web API after which the same message may be accepted later.
_LATER = {
    *("ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org", "org_login_required"),
    "external_channel_migrating",
}
#: Errors after which a part of the operation may have succeeded, by Slack's documentation.
_UNKNOWN = {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "update_failed"}
#: Errors of an edit or a reply: the message is deleted, too old, not ours or closed to replies.
_GONE = {
    *("message_not_found", "edit_window_closed", "cant_update_message", "thread_not_found", "cannot_reply_to_message"),
    *("is_inactive", "block_mismatch"),
    *("restricted_action_thread_locked", "restricted_action_non_threadable_channel"),
}
#: Errors of an ill-formed message, after which Slack accepts plain text.
_INVALID = {
    *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments"),
    *("metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "invalid_payload"),
    "invalid_arguments",  # Slack: more likely with complex ones, like blocks
}
#: Errors of the token or the webhook's URL.
_NO_ACCESS = {
    *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
    *("invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team"),
}
_WORD = re.compile("[a-z_]{1,80}")
#: Statuses of HTTP for a request that was not accepted because it came too slowly or too soon.
_LATER_STATUS = {408, 425, 429}
#: Seconds of the longest wait that is taken from Slack.
_LONGEST_WAIT_S = 12 * 3600.0
_SECRET = re.compile("[!-~]+")


class InvalidError(RefusedError):
    """Slack refused an ill-formed message; the caller sends plain text."""


class SecretRefusedError(RefusedError):
    """Slack refused the secret, which was not replaced recently."""


def sendable(secret: str) -> str:
    """Refuse a secret with unexpected characters, because Python's own error message would print the secret."""
    if not _SECRET.fullmatch(secret):
        raise RefusedError("the secret contains characters that neither a token nor a URL has")
    return secret


def word_of(text: str) -> str:
    """Return one of Slack's error words; any other text is dropped, because it may show the URL or the token."""
    return text if _WORD.fullmatch(text) else ""


def refusal(response: Response, text: str, replaced: Callable[[], bool]) -> Exception:
    """Classify a refusal by status and error word; with status 200 only the word refuses.

    A secret that may have been replaced since it was read is tried again with the new one.
    """
    status, word = response.status, word_of(text)
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
    seconds = headers.get("Retry-After", "")
    return min(float(seconds), _LONGEST_WAIT_S) or None if seconds.isdecimal() else None  # 0: our own back-off
