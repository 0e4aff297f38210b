"""The inbox's accepted Slack posts and e-mails, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from local.inbox import slack_blocks, slack_mrkdwn

Block = dict[str, Any]
#: A bot's token or an incoming webhook of Slack, or another service.
Via = Literal["token", "webhook", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The content of a Slack post from one moment on."""

    accepted_at: datetime
    text: str
    blocks: tuple[Block, ...] = ()
    metadata: Mapping[str, Any] | None = None
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post in a chat as it stands; `edits` has its earlier contents, oldest first. An edit is not a ping."""

    channel: str
    ts: str
    accepted_at: datetime
    text: str
    via: Via
    blocks: tuple[Block, ...] = ()
    metadata: Mapping[str, Any] | None = None
    #: What a service other than Slack shows; empty for Slack's blocks.
    html: str = ""
    #: Whether marks in `text` count.
    mrkdwn: bool = True
    thread_ts: str | None = None
    reply_broadcast: bool = False
    edits: tuple[Words, ...] = ()
    edited_at: datetime | None = None

    @property
    def words(self) -> Words:
        since = self.edited_at or self.accepted_at
        return Words(accepted_at=since, text=self.text, blocks=self.blocks, metadata=self.metadata, html=self.html)

    def plain(self) -> str:
        """All text that a person can read: the push line and the rest, without marks and tags."""
        return slack_mrkdwn.visible(f"{self.text_to_html()}<br>{self.html or slack_blocks.to_html(self.blocks)}")

    def text_to_html(self, people: Mapping[str, str] = slack_mrkdwn.NOBODY) -> str:
        if not self.mrkdwn:
            return slack_mrkdwn.plain_to_html(self.text, emoji=False)
        return slack_mrkdwn.to_html(self.text, people)

    def edited(self, words: Words) -> Self:
        return replace(
            self,
            text=words.text,
            blocks=words.blocks,
            metadata=words.metadata,
            html=words.html,
            edits=(*self.edits, self.words),
            edited_at=words.accepted_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail as SNS would send it to a subscriber of the topic."""

    accepted_at: datetime
    subject: str
    body: str
    message_id: str
    topic_arn: str = ""
    #: The subscribed addresses that get it, as far as the topic's subscriptions are known.
    to: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


Entry = Post | Mail
