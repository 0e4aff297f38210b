"""The channels of one process, by the types of its settings."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

from braket_notifier.adapters.aws.ssm import SsmSecret
from braket_notifier.adapters.handler import HandlerChannel
from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.secret import Secret
from braket_notifier.adapters.https.services import service
from braket_notifier.adapters.local_secret import LocalSecret
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.adapters.slack.webhooks import SLACK
from braket_notifier.adapters.smtp import Server, SmtpEmail
from braket_notifier.cli.process.document import TERMINAL
from braket_notifier.cli.process.named import now
from braket_notifier.cli.process.screen import TerminalChannel
from braket_notifier.cli.process.watching import Process
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.state import StateInstallation
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError
from braket_notifier.rendering.compose import Compose, message_of
from braket_notifier.rendering.formats.handler import handler_message
from braket_notifier.rendering.formats.handler_message import HandlerMessage
from braket_notifier.rendering.message import Message
from braket_notifier.sending.ports import Channel
from braket_notifier.settings.channels import Channel as ChannelOfSettings
from braket_notifier.settings.channels import (
    Email,
    Handler,
    SlackBotSettings,
    SlackWebhookSettings,
    UrlSettings,
    references_of,
)
from braket_notifier.settings.handlers import module

#: The commands of messages that work on a state file.
_COMMAND = re.compile(r"\bbraket-notifier (settings wake|list|redrive)\b")
#: The name of the mail server's password among the secrets.
SMTP = "smtp"


@dataclass(frozen=True, slots=True)
class Senders:
    """References to secrets by channel, and the mail server."""

    secrets: Mapping[str, str]
    server: Server | None = None


def build(name: str, process: Process, given: Senders) -> Channel:
    """Build a channel; CommandError if its secret is to be on this machine and cannot be read."""
    place, compose = process.place, partial(_message, process, name)
    endpoint = os.environ.get("SLACK_ENDPOINT_URL", SLACK)
    match place.settings.channels[name]:
        case _ if name == TERMINAL:
            return TerminalChannel(process.screen.show, compose)
        case SlackBotSettings(channel, token):
            threads: Compose = partial(compose, threads=True)
            return SlackBot(_secret(given.secrets.get(name, token), place), channel, threads, endpoint)
        case SlackWebhookSettings(webhook):
            return SlackWebhook(_secret(given.secrets.get(name, webhook), place), compose, endpoint)
        case UrlSettings(kind, host, url, key):
            address = Endpoint(_secret(given.secrets.get(name, url), place), host)
            signing = _secret(given.secrets.get(f"{name}.key", key), place) if key else None
            return service(kind, address, signing, compose, now)
        case Email(to) if given.server:
            password = _secret(given.secrets[SMTP], place).read if SMTP in given.secrets else None
            return SmtpEmail(given.server, password, to, compose)
    words = partial(_words, compose)
    return HandlerChannel(module(name), lambda: words, process.policy)


def refuse_unused(given: Senders, channels: Mapping[str, ChannelOfSettings]) -> None:
    """CommandError for a secret or a mail server of no channel; with a mistyped name one would send without it."""
    mails = [name for name, each in channels.items() if isinstance(each, Email)]
    named = [name for name, each in channels.items() if name != TERMINAL and not isinstance(each, Handler)]
    own = {name: references_of(channels[name]) for name in named}
    allowed = [*(name for name in own if own[name]), *(f"{name}.key" for name in own if len(own[name]) > 1)]
    allowed += [SMTP] if mails else []
    if unused := [name for name in given.secrets if name not in allowed]:
        names = ", ".join(allowed) or "none"
        raise CommandError(f"--secret {unused[0]}: nothing of that name takes a secret here; allowed: {names}")
    if given.server and not mails:
        raise CommandError("--smtp sends to no e-mail channel: name an address by --email")


def _message(process: Process, name: str, content: Notification | Digest, *, threads: bool = False) -> Message:
    message = message_of(content, process.policy(), name, read=process.read_results, threads=threads, now=now())
    return on_state(message, process.place.option)


def _words(compose: Compose, content: Notification | Digest, again: bool) -> HandlerMessage:  # noqa: FBT001 - as handlers get it
    return handler_message(compose(content), may_repeat=again)


def on_state(message: Message, option: str) -> Message:
    """The message with commands that work on the state file; a secret has its place outside of it."""
    if message.command.startswith("braket-notifier secret set"):
        step = (
            f"{message.closing.removesuffix(':')}: put it where `run` reads it; an environment variable needs a new run"
        )
        return replace(message, closing=step, command="")
    command, *lines = (
        _COMMAND.sub(lambda named: f"{named[0]} {option}", each) for each in (message.command, *message.lines)
    )
    return replace(message, command=command, lines=tuple(lines))


def _secret(reference: str, place: StateInstallation) -> Secret:
    if reference.startswith("ssm:"):
        return SsmSecret(lambda: place.client("ssm"), reference, monotonic)
    if not reference.startswith(("env:", "file:")):  # a secret itself is not repeated
        raise CommandError("a SECRET is a reference: env:NAME, file:PATH or ssm:/NAME")
    found = LocalSecret(reference)
    try:
        found.read()
    except MendableError as error:
        raise CommandError(str(error)) from error
    return found
