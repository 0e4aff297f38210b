"""What a service beside Slack shows of a message, as HTML; all text of a message is escaped here."""

from collections.abc import Mapping
from typing import Any

from local.inbox.view import mail_to_html


def of_webhook(document: Mapping[str, Any]) -> str:
    """The text of a webhook's JSON, as its receiver may show it."""
    data = document["data"]
    return f'<div class="letter"><div class="body">{mail_to_html(data.get("text", data["push"]))}</div></div>'
