"""The JSON view of each entry for page and scripts; all text of a message is escaped here."""

import json
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from local.braket.serving import Response
from local.inbox import slack_blocks, slack_mrkdwn
from local.inbox.entries import Entry, Mail, Post
from local.inbox.shelf import Shelf
from local.inbox.slack_workspace import Workspace

PAGE = Path(__file__).with_name("page.html")
URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']")


def view(entry: Entry, workspace: Workspace) -> dict[str, Any]:
    return _post(entry, workspace) if isinstance(entry, Post) else _mail(entry)


def everything(
    shelf: Shelf, workspace: Workspace, services: Iterable[str] = (), *, board: bool = False
) -> dict[str, Any]:
    """All entries, and the number `seen` to follow from, which is read first so that no change is missed."""
    seen, direct = len(shelf), workspace.conversations.values() if workspace.direct else ()
    return {
        "seen": seen,
        "app": workspace.app,
        "board": board,
        "channels": {each.id: each.name for each in (*workspace.channels, *direct)} | {name: name for name in services},
        "posts": [view(post, workspace) for post in shelf.posts],
        "mails": [view(mail, workspace) for mail in shelf.mails],
    }


def page(shelf: Shelf, workspace: Workspace, services: Iterable[str] = (), *, board: bool = False) -> Response:
    """The page with all entries; its policy allows only its own script."""
    nonce = secrets.token_urlsafe(16)
    shown = json.dumps(everything(shelf, workspace, services, board=board)).replace(
        "<", "\\u003c"
    )  # escaped because a message could end the script
    content = PAGE.read_text(encoding="utf-8").replace("{{nonce}}", nonce).replace("{{everything}}", shown)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    return Response(content.encode(), headers=headers)


def events(shelf: Shelf, workspace: Workspace, seen: int) -> Iterator[bytes]:
    """Server-sent events, one per change."""
    yield b"retry: 1000\n\n"
    for change in shelf.follow(seen):
        if change is None:
            yield b": quiet\n\n"
        else:
            yield f"id: {change[0]}\ndata: {json.dumps(view(change[1], workspace))}\n\n".encode()


def _post(post: Post, workspace: Workspace) -> dict[str, Any]:
    text = post.text_to_html(workspace.people)
    return {
        "kind": "post",
        "id": f"{post.channel}-{post.ts}",
        "channel": post.channel,
        "ts": post.ts,
        "thread_ts": post.thread_ts,
        "reply_broadcast": post.reply_broadcast,
        "accepted_at": post.accepted_at.isoformat(),
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "edits": len(post.edits),
        "via": post.via,
        "text": post.text,
        "blocks": post.blocks,
        "metadata": post.metadata,
        "plain": post.plain(),
        "push": slack_mrkdwn.visible(text),
        "html": post.html or slack_blocks.to_html(post.blocks, workspace.people) or f"<div>{text}</div>",
    }


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "kind": "mail",
        "id": f"mail-{mail.accepted_at.timestamp():.6f}",
        "accepted_at": mail.accepted_at.isoformat(),
        "to": list(mail.to),
        "subject": mail.subject,
        "body": mail.body,
        "message_id": mail.message_id,
        "topic_arn": mail.topic_arn,
        "attributes": dict(mail.attributes),
        "html": mail_to_html(mail.body),
    }


def mail_to_html(body: str) -> str:
    """A plain text with its URLs made clickable, as mail programs show it."""
    return slack_mrkdwn.rendered(body, URL, lambda found: slack_mrkdwn.anchor(found[0]))
