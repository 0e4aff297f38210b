"""`secret set`: checks a Slack token or webhook and stores it in SSM as a SecureString, never shown."""

import re
import sys
from argparse import Namespace
from contextlib import suppress
from getpass import GetPassWarning, getpass
from typing import Any
from warnings import catch_warnings, simplefilter

from botocore.exceptions import ClientError

from braket_notifier.adapters.slack.webhooks import wrong_webhook
from braket_notifier.cli import slack
from braket_notifier.cli.arguments import Commands, command, installation, settings
from braket_notifier.cli.checks.parameters import reference_of
from braket_notifier.cli.publishing import wake_mended
from braket_notifier.cli.sentences import CommandError, code_of, is_denied, is_throttled
from braket_notifier.cli.show import print_line
from braket_notifier.settings.channels import Channel, Handler, SlackWebhookSettings

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
    channel = arguments.channel
    reference_of(settings(arguments), channel)  # a channel without a secret is refused before anybody types one
    secret = typed(f"The secret of {channel} (not shown): ") if sys.stdin.isatty() else sys.stdin.read()
    store(arguments, channel, secret.strip())
    print_line(f"  try it: braket-notifier test {channel}")
    return 0


def typed(question: str) -> str:
    """Ask a terminal without showing the answer. Raises CommandError where a terminal would show it."""
    with catch_warnings():
        simplefilter("error", GetPassWarning)
        try:
            return getpass(question)
        except GetPassWarning:
            raise CommandError("this terminal would show the secret: give it to `secret set` by a pipe") from None


def store(arguments: Namespace, channel: str, secret: str) -> None:
    """Check the secret, store it and let the channel try it at once."""
    read = settings(arguments)
    if not re.fullmatch("[!-~]+", secret):
        raise CommandError("the input is not a token or a URL; nothing was stored")
    checked = _checked(secret, read.channels[channel])
    place, reference = installation(arguments), reference_of(read, channel)
    _put(place.client("ssm"), reference.removeprefix("ssm:"), secret)
    with suppress(CommandError, ClientError):  # without a stack yet, or without the rights on it, nothing waits for it
        wake_mended(place, [channel])
    print_line(f"✓ {checked}; stored as a SecureString in {reference} in {place.region}")


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


def _put(ssm: Any, name: str, secret: str) -> None:  # noqa: ANN401 - a client
    """Store the secret; an error names SSM's code only, because SSM's message may repeat the value."""
    try:
        ssm.put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    except ClientError as error:
        if is_denied(error) or is_throttled(error):
            raise
        raise CommandError(f"SSM refuses to store {name} ({code_of(error)})") from None
