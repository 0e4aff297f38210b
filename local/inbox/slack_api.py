"""Slack's Web API and incoming webhooks over a shelf: their arguments, refusals and answers."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from local.inbox.entries import Post, Via, Words
from local.inbox.shelf import Shelf
from local.inbox.slack_checks import RefusedError, check_message
from local.inbox.slack_workspace import Channel, Workspace

Arguments = Mapping[str, Any]
LONGEST_TEXT = 40_000  # Slack truncates longer texts
APP = {"user": "U000", "bot_id": "B000", "app_id": "A000", "team": "T000"}


def post_message(workspace: Workspace, shelf: Shelf, arguments: Arguments) -> dict[str, Any]:
    post = put(shelf, _channel(workspace, arguments), arguments, "token")
    return {"ok": True, "channel": post.channel, "ts": post.ts, "message": _message(post)}


def put(shelf: Shelf, channel: Channel, arguments: Arguments, via: Via) -> Post:
    """Check a message and store it as a post of its channel."""
    text, blocks, metadata = _content(arguments)
    check_message(text, blocks, metadata)
    thread_ts = arguments.get("thread_ts") or None
    if thread_ts is not None:
        parent = shelf.post(channel.id, str(thread_ts))
        if parent is None:
            thread_ts = None  # Slack posts a reply to a deleted message in the channel
        elif parent.thread_ts is not None:  # always the parent's ts, because Slack never accepts a reply's
            raise RefusedError("thread_not_found")
    return shelf.accept(
        lambda now: Post(
            channel=channel.id,
            ts=f"{now.timestamp():.6f}",
            accepted_at=now,
            text=text,
            blocks=tuple(blocks),
            metadata=metadata or None,
            via=via,
            mrkdwn=arguments.get("mrkdwn") not in (False, 0, "0", "false"),
            thread_ts=None if thread_ts is None else str(thread_ts),
            reply_broadcast=thread_ts is not None and _is_true(arguments.get("reply_broadcast")),
        )
    )


def update(workspace: Workspace, shelf: Shelf, arguments: Arguments) -> dict[str, Any]:
    channel = _channel(workspace, arguments)
    post = shelf.post(channel.id, str(arguments.get("ts")))
    if post is None:
        raise RefusedError("message_not_found")
    if post.via != "token":
        raise RefusedError("cant_update_message")
    text, blocks, metadata = _content(arguments)
    check_message(text, blocks, metadata)

    def reword(standing: Post, now: datetime) -> Words:
        """Blocks without a text keep the text; a text without blocks removes them; omitted metadata stays."""
        kept = standing.metadata if metadata is None else metadata or None
        return Words(accepted_at=now, text=text or standing.text, blocks=tuple(blocks), metadata=kept)

    edited = shelf.edit(channel.id, post.ts, reword) or post
    return {"ok": True, "channel": channel.id, "ts": post.ts, "text": edited.text, "message": _message(edited)}


def auth_test(workspace: Workspace, _shelf: Shelf, _arguments: Arguments) -> dict[str, Any]:
    names = {"url": "https://local.slack.com/", "team": "local", "user": workspace.app}
    return {"ok": True, **names, "team_id": APP["team"], "user_id": APP["user"], "bot_id": APP["bot_id"]}


def conversations_info(workspace: Workspace, _shelf: Shelf, arguments: Arguments) -> dict[str, Any]:
    """A channel by its ID alone, also an archived one."""
    found = next((each for each in workspace.channels if each.id == arguments.get("channel")), None)
    if found is None:
        raise RefusedError("channel_not_found")
    return {"ok": True, "channel": _described(found)}


def conversations_list(workspace: Workspace, _shelf: Shelf, _arguments: Arguments) -> dict[str, Any]:
    channels = [_described(each) for each in workspace.channels]
    return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": ""}}


def users_conversations(workspace: Workspace, shelf: Shelf, arguments: Arguments) -> dict[str, Any]:
    """The channels of the app."""
    answer = conversations_list(workspace, shelf, arguments)
    wanted = [each for each in answer["channels"] if each["is_member"]]
    if arguments.get("exclude_archived") == "true":
        wanted = [each for each in wanted if not each["is_archived"]]
    return {**answer, "channels": wanted}


def users_info(workspace: Workspace, _shelf: Shelf, arguments: Arguments) -> dict[str, Any]:
    """A member by ID; a direct message to a deactivated one succeeds all the same."""
    its_id = str(arguments.get("user"))
    if its_id not in workspace.people:
        raise RefusedError("user_not_found")
    user = {"id": its_id, "name": workspace.people[its_id], "deleted": its_id in workspace.deactivated}
    return {"ok": True, "user": user}


METHODS: dict[str, Callable[[Workspace, Shelf, Arguments], dict[str, Any]]] = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "auth.test": auth_test,
    "conversations.info": conversations_info,
    "conversations.list": conversations_list,
    "users.conversations": users_conversations,
    "users.info": users_info,
}


def _described(channel: Channel) -> dict[str, Any]:
    states = {"is_archived": channel.archived, "is_member": channel.has_app}
    return {"id": channel.id, "name": channel.name, "is_channel": True, **states}


def _channel(workspace: Workspace, arguments: Arguments) -> Channel:
    channel = workspace.channel(arguments.get("channel"))
    if channel is None:
        raise RefusedError("channel_not_found")
    if channel.archived:
        raise RefusedError("is_archived")
    if not channel.has_app:
        raise RefusedError("not_in_channel")
    if channel in workspace.conversations.values() and not workspace.messages_tab:
        raise RefusedError("messages_tab_disabled")
    return channel


def _content(arguments: Arguments) -> tuple[str, list[Any], Any]:
    text = str(arguments.get("text") or "")[:LONGEST_TEXT]
    blocks = _json(arguments.get("blocks") or [], "invalid_blocks_format")
    if not isinstance(blocks, list):
        raise RefusedError("invalid_blocks_format")
    return text, blocks, _json(arguments.get("metadata"), "invalid_metadata_format")


def _json(value: object, error: str) -> Any:  # noqa: ANN401 (JSON may hold anything)
    """Slack accepts structured arguments as JSON, and as a string that contains JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as broken:
        raise RefusedError(error) from broken


def _is_true(value: object) -> bool:
    return value in (True, 1, "1", "true")


def _message(post: Post) -> dict[str, Any]:
    optional = {"blocks": list(post.blocks), "metadata": post.metadata, "thread_ts": post.thread_ts}
    if post.edited_at is not None:
        optional["edited"] = {"user": APP["user"], "ts": f"{post.edited_at.timestamp():.6f}"}
    return {"type": "message", "text": post.text, "ts": post.ts, **APP, **{k: v for k, v in optional.items() if v}}
