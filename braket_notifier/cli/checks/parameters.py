"""The parameters in SSM that the command line names: a channel's secret, and whether a parameter exists."""

from typing import Any

from braket_notifier.cli.sentences import CommandError
from braket_notifier.settings.channels import Handler, SlackBotSettings, SlackWebhookSettings
from braket_notifier.settings.notifier_toml import Settings


def reference_of(settings: Settings, name: str) -> str:
    """Return the reference to a channel's secret. Raises CommandError if the channel has no secret."""
    match settings.channels.get(name):
        case None:
            raise CommandError(f"{name} is not a channel of these settings: {', '.join(settings.channels)}")
        case SlackBotSettings(token=token):
            return token
        case SlackWebhookSettings(webhook=webhook):
            return webhook
        case Handler(secret=secret) if secret:
            return secret
        case _:
            raise CommandError(f"{name} is a channel of type {settings.channels[name].type} and has no secret")


def exists(ssm: Any, name: str) -> bool:  # noqa: ANN401 - a client
    """Return whether the parameter exists. Its value is neither decrypted nor kept."""
    try:
        ssm.get_parameter(Name=name)
    except ssm.exceptions.ParameterNotFound:
        return False
    return True
