"""Recognise the URL of an incoming webhook; the URL of a workflow takes no blocks and answers otherwise."""

import re

WEBHOOKS = tuple(f"https://{host}/services/" for host in ("hooks.slack.com", "hooks.slack-gov.com"))
#: Slack's own address, at which no webhook is.
SLACK = "https://slack.com"
_WORKFLOW = re.compile(r"https://hooks\.slack(?:-gov)?\.com(/triggers/|/workflows/)")


def wrong_webhook(url: str, endpoint: str = SLACK) -> str:
    """Return why a URL is refused, without showing it, or an empty text; another `endpoint` has webhooks of its own.

    The URL is not parsed, because a parser's error would show it.
    """
    if workflow := _WORKFLOW.match(url):
        return f"the URL is a workflow's ({workflow[1]}…), which takes no blocks; a webhook's begins with {WEBHOOKS[0]}"
    allowed = WEBHOOKS if endpoint == SLACK else (*WEBHOOKS, f"{endpoint}/services/")
    good = url.startswith(allowed) and url not in allowed
    return "" if good else f"the URL is not a webhook's, which begins with {' or '.join(WEBHOOKS)}"
