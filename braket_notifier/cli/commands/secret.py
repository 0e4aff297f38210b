"""`secret set`: checks a token, a URL or a key and stores it in SSM as a SecureString, never shown."""

import re
import sys
from argparse import Namespace
from contextlib import suppress
from getpass import GetPassWarning, getpass
from typing import Any
from warnings import catch_warnings, simplefilter

from botocore.exceptions import ClientError

from braket_notifier.adapters.https.endpoint import wrong_url
from braket_notifier.adapters.https.webhook import PREFIX, key_of
from braket_notifier.adapters.slack.webhooks import wrong_webhook
from braket_notifier.cli import slack
from braket_notifier.cli.arguments import Commands, command, installation, settings
from braket_notifier.cli.checks.parameters import reference_of
from braket_notifier.cli.publishing import wake_mended
from braket_notifier.cli.sentences import CommandError, code_of, is_denied, is_throttled
from braket_notifier.cli.show import answer, print_line
from braket_notifier.settings.channels import Channel, Handler, SlackWebhookSettings, UrlSettings

MORE = """examples:
  braket-notifier secret set team-slack               asks, and does not show your input
  pass show slack/bot | braket-notifier secret set team-slack
  echo "whsec_$(openssl rand -base64 32)" | braket-notifier secret set hook --key

A bot's token is tried with Slack's auth.test before it is stored. Only a message can try a URL:
`braket-notifier test CHANNEL`. A webhook's key is a second secret, which its receiver knows too. The
secret is stored in `home` of the settings, because the functions run there; they read a new one within five minutes."""


def add(commands: Commands) -> None:
    summary = "store a channel's token, URL or key in SSM"
    parser = command(commands, "secret", run, summary, more=MORE, unused=("state", "region"))
    parser.add_argument("action", metavar="set", choices=["set"])
    parser.add_argument("channel", metavar="CHANNEL")
    parser.add_argument("--key", action="store_true", help="the key by which a webhook is signed, not its URL")


def run(arguments: Namespace) -> int:
    channel = arguments.channel
    reference_of(settings(arguments), channel, key=arguments.key)  # before anybody types one
    secret = (
        typed(f"The {'key' if arguments.key else 'secret'} of {channel} (not shown): ")
        if sys.stdin.isatty()
        else sys.stdin.read()
    )
    store(arguments, channel, secret.strip(), key=arguments.key)
    print_line(f"  try it: braket-notifier test {channel}")
    return 0


def typed(question: str) -> str:
    """Ask a terminal without showing the answer. Raises CommandError where a terminal would show it."""
    with catch_warnings():
        simplefilter("error", GetPassWarning)
        try:
            return answer(question, getpass)
        except GetPassWarning:
            raise CommandError("this terminal would show the secret: give it to `secret set` by a pipe") from None


def store(arguments: Namespace, channel: str, secret: str, *, key: bool = False) -> None:
    """Check the secret, store it and let the channel try it at once."""
    read = settings(arguments)
    if not re.fullmatch("[!-~]+", secret):
        raise CommandError("the input is not a token or a URL; nothing was stored")
    checked = _checked_key(secret) if key else _checked(secret, read.channels[channel])
    place, reference = installation(arguments), reference_of(read, channel, key=key)
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
    if isinstance(channel, UrlSettings):
        if wrong := wrong_url(secret, channel.host):
            raise CommandError(f"{wrong}; nothing was stored")
        return "the URL has the host of the settings"
    if not secret.startswith("xox"):
        raise CommandError("a bot's token begins with xoxb-; nothing was stored")
    bot = slack.bot_of(secret)
    missing = bot.missing(slack.SCOPES)
    lacks = f", but it lacks the scope {' and '.join(missing)}" if missing else ""
    return f"Slack knows {bot.name} in {bot.workspace}{lacks}"


def _checked_key(secret: str) -> str:
    if not key_of(secret):
        raise CommandError(f"a key begins with {PREFIX}, and base64 follows; nothing was stored")
    return "the key has the form of Standard Webhooks"


def _put(ssm: Any, name: str, secret: str) -> None:  # noqa: ANN401 - a client
    """Store the secret; an error names SSM's code only, because SSM's message may repeat the value."""
    try:
        ssm.put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    except ClientError as error:
        if is_denied(error) or is_throttled(error):
            raise
        raise CommandError(f"SSM refuses to store {name} ({code_of(error)})") from None
