"""Classify Slack's answers as errors of a channel."""

import re
from collections.abc import Callable

from braket_notifier.adapters.https.call import LATER_STATUSES, LIMITED_STATUS, Response
from braket_notifier.errors import (
    ChannelError,
    GoneError,
    MendableError,
    RefusedError,
    TryLaterError,
    UnacknowledgedError,
)

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
#: Errors of an ill-formed message, after which Slack accepts plain text; every other word is mendable.
_INVALID = {
    *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments"),
    *("metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "invalid_payload"),
    *("no_text", "too_many_attachments", "message_too_long", "markdown_text_conflict"),
    "invalid_arguments",  # Slack: more likely with complex ones, like blocks
}
_TOO_LARGE_STATUS = 413
#: Errors about one person, which say nothing about the app's other messages.
_ONE_PERSON = {"user_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot"}
#: Errors of the token or the webhook's URL.
_NO_ACCESS = {
    *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
    *("invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team"),
}
_WORD = re.compile("[a-z_]{1,80}")
#: A refusal for the rate, after which Slack may show the message all the same.
_LIMITED = {"ratelimited", "rate_limited"}

#: An object of the Web API.
Answer = dict[str, object]


class InvalidError(RefusedError):
    """Slack refused an ill-formed message; the caller sends plain text."""


def word_of(text: str) -> str:
    """Return one of Slack's error words; any other text is dropped, because it may show the URL or the token."""
    return text if _WORD.fullmatch(text) else ""


def refusal(response: Response, text: str, replaced: Callable[[], bool], *, to_person: bool = False) -> ChannelError:
    """Classify a refusal by status and error word; with status 200 only the word refuses.

    A secret that may have been replaced since it was read is tried again with the new one. Any refusal without a word
    of the message's form can be mended: another word, a page of a proxy, a redirect. `to_person`: the message is a
    direct one, so that an unknown channel is an unknown person.
    """
    status, word = response.status, word_of(text)
    why = f"{status} {word}".strip()
    if status in LATER_STATUSES or word in _LATER:
        limited = status == LIMITED_STATUS or word in _LIMITED
        return TryLaterError(why, response.retry_after_s, perhaps_sent=limited)
    if status >= 500 or word in _UNKNOWN or (status < 300 and not word):  # noqa: PLR2004 - HTTP
        return UnacknowledgedError(why)
    if word in _GONE:
        return GoneError(word)
    if word in _NO_ACCESS and replaced():
        return TryLaterError(f"{why}: the secret may have been replaced")
    if word in _INVALID or status == _TOO_LARGE_STATUS:
        return InvalidError(why)
    return MendableError(why, one_person=word in _ONE_PERSON or (to_person and word == "channel_not_found"))
