"""The next step for a channel that is down, by its last refusal; `doctor` and the fallback's message show it."""

from braket_notifier.sending.health import Cause

#: Slack's words for a token, or a webhook, that only another one replaces.
DEAD_TOKEN = {"invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed"}
DEAD_TOKEN |= {"not_allowed_token_type"}
DEAD_WEBHOOK = {"invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team"}
#: Words of the notifier's own for a URL or a key that only another one replaces.
DEAD_URL, DEAD_KEY = {"url_refused", "URL"}, {"key"}
#: Slack's words for a channel that is archived, and for one that the app is not in.
ARCHIVED, NOT_INVITED = {"is_archived", "channel_is_archived"}, {"not_in_channel", "channel_not_found"}
#: SSM's word for a secret that is not stored.
MISSING = {"ParameterNotFound"}
#: The reason of an e-mail channel to which SNS would send nothing.
UNCONFIRMED = "no confirmed e-mail address"
#: SNS's word for a topic whose policy, or a function whose role, allows no message.
DENIED = {"AuthorizationError"}
_WAKE = "`braket-notifier settings wake` tries it at once"


def remedy(name: str, cause: Cause, reason: str) -> str:
    """Return the step; a command stands between backticks, and words of Slack's stand in the reason."""
    if cause != "mendable":
        return "an outage, so nothing is to be done; what waits is sent by itself afterwards"
    if reason == UNCONFIRMED:
        return "follow the link of AWS's mail; another mail: `braket-notifier resend-confirmation`"
    known = (
        (DEAD_TOKEN, f"a new token: `braket-notifier secret set {name}`"),
        (DEAD_WEBHOOK, f"a new webhook: `braket-notifier secret set {name}`"),
        (DEAD_URL, f"a new URL: `braket-notifier secret set {name}`"),
        (DEAD_KEY, f"a new key: `braket-notifier secret set {name} --key`"),
        (MISSING, "store the secret whose command `braket-notifier doctor` shows"),
        (ARCHIVED, f"unarchive the Slack channel, or set another one; then {_WAKE}"),
        (DENIED, f"`braket-notifier deploy --repair` restores the topic's policy and the role; then {_WAKE}"),
        (NOT_INVITED, f"invite the app to the Slack channel; then {_WAKE}"),
    )
    words = set(reason.split())
    return next((step for those, step in known if words & those), f"mend the cause; then {_WAKE}")
