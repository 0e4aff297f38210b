"""`secret set`: checks a Slack token or webhook and stores it in SSM as a SecureString, never shown."""

import re
import sys
from argparse import Namespace
from contextlib import suppress
from getpass import getpass
from typing import Any

from botocore.exceptions import ClientError

from braket_notifier.adapters.slack.webhooks import wrong_webhook
from braket_notifier.cli import slack
from braket_notifier.cli.arguments import Commands, command, installation, settings
from braket_notifier.cli.checks.parameters import reference_of
from braket_notifier.cli.publishing import wake_mended
from braket_notifier.cli.sentences import CommandError, code_of, is_denied, is_throttled
from braket_notifier.cli.show import print_line
from braket_notifier.settings.notifier_toml import Channel, Handler, SlackWebhookSettings

MORE = """examples:
  braket-notifier secret set team-slack               asks, and does not show your input
  pass show slack/bot | braket-notifier secret set team-slack

A bot's token is tried with Slack's auth.test before it is stored. Only a message can try a webhook:
`braket-notifier test CHANNEL`. The functions read a new secret within five minutes."""


def add(commands: Commands) -> None:
    parser = command(commands, "secret", run, "store a channel's Slack token or webhook in SSM", more=MORE)
    parser.add_argument("action", choices=["set"])
    parser.add_argument("channel", metavar="CHANNEL")


def run(arguments: Namespace) -> int:
    read = settings(arguments)
    reference = reference_of(read, arguments.channel)
    secret = _typed(arguments.channel)
    checked = _checked(secret, read.channels[arguments.channel])
    place = installation(arguments)
    _store(place.client("ssm"), reference.removeprefix("ssm:"), secret)
    with suppress(CommandError, ClientError):  # without a stack yet, or without the rights on it, nothing waits for it
        wake_mended(place, [arguments.channel])
    print_line(f"✓ {checked}; stored as a SecureString in {reference} in {place.region}")
    print_line(f"  try it: braket-notifier test {arguments.channel}")
    return 0


def _typed(channel: str) -> str:
    secret = getpass(f"The secret of {channel} (not shown): ") if sys.stdin.isatty() else sys.stdin.read()
    if not re.fullmatch("[!-~]+", secret.strip()):
        raise CommandError("the input is not a token or a URL; nothing was stored")
    return secret.strip()


def _checked(secret: str, channel: Channel) -> str:
    """The result of the check in words; CommandError for a secret that cannot work."""
    if isinstance(channel, Handler):
        return "not checked, because only your handler uses it"
    if isinstance(channel, SlackWebhookSettings):
        if wrong := wrong_webhook(secret):
            raise CommandError(f"{wrong}; nothing was stored")
        return "the URL has the form of a webhook"
    if not secret.startswith("xox"):
        raise CommandError("a bot's token begins with xoxb-; nothing was stored")
    bot = slack.bot_of(secret)
    missing = bot.missing(slack.SCOPES)
    lacks = f", but it lacks the scope {' and '.join(missing)}" if missing else ""
    return f"Slack knows {bot.name} in {bot.workspace}{lacks}"


def _store(ssm: Any, name: str, secret: str) -> None:  # noqa: ANN401 - a client
    """Store the secret; an error names SSM's code only, because SSM's message may repeat the value."""
    try:
        ssm.put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    except ClientError as error:
        if is_denied(error) or is_throttled(error):
            raise
        raise CommandError(f"SSM refuses to store {name} ({code_of(error)})") from None
