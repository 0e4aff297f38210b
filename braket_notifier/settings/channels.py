"""The channels of the settings, each type with what a deployment needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SlackBotSettings:
    """A Slack channel that a bot posts to; `token` names the bot's secret."""

    #: Empty where it writes to owners.
    channel: str
    token: str
    type: str = "slack"

    @property
    def to_owner(self) -> bool:
        return not self.channel


@dataclass(frozen=True, slots=True)
class SlackWebhookSettings:
    """A Slack channel behind an incoming webhook; `webhook` names the secret that holds its URL."""

    webhook: str
    type: str = "slack"


@dataclass(frozen=True, slots=True)
class Email:
    """E-mail addresses that subscribe to a topic of their own."""

    to: tuple[str, ...]
    type: str = "email"
    #: The person of each address, where the topic writes to owners; each subscription then gets that person's mails.
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UrlSettings:
    """A service that people read, behind a URL that is a secret on the host that the settings name."""

    type: str
    host: str
    url: str
    #: The secret that signs each message; empty where the service has none.
    key: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic for machines; its subscriptions are not part of the settings."""

    type: str = "topic"


@dataclass(frozen=True, slots=True)
class Bus:
    """An EventBridge bus of the account that is there already, by its name."""

    bus: str
    type: str = "bus"


@dataclass(frozen=True, slots=True)
class Permission:
    """An IAM statement for a handler's role, beside those that every handler needs."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function in `lambdas/custom/`, the secret it may read, and the role it may pass to hybrid jobs it creates."""

    permissions: tuple[Permission, ...] = ()
    secret: str = ""
    job_role: str = ""
    timeout_s: int = 60
    #: "handler", or "digest-handler" if it gets messages and digests like a channel that people read.
    type: str = "handler"

    @property
    def gets_digests(self) -> bool:
        return self.type != "handler"


Channel = SlackBotSettings | SlackWebhookSettings | Email | UrlSettings | Topic | Bus | Handler


def references_of(channel: Channel) -> tuple[str, ...]:
    """The references to a channel's secrets; a key comes second."""
    match channel:
        case SlackBotSettings(token=token):
            return (token,)
        case SlackWebhookSettings(webhook=webhook):
            return (webhook,)
        case UrlSettings(url=url, key=key):
            return (url, key) if key else (url,)
        case Handler(secret=secret) if secret:
            return (secret,)
    return ()
