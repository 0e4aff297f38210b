"""The parameters in SSM that the command line names: a channel's secrets, and whether a parameter exists."""

from typing import Any

from braket_notifier.cli.sentences import CommandError, Tolerated
from braket_notifier.settings.channels import references_of
from braket_notifier.settings.notifier_toml import Settings


def reference_of(settings: Settings, name: str, *, key: bool) -> str:
    """Return the reference to a channel's secret, or to its key. Raises CommandError if the channel has none."""
    if name not in settings.channels:
        raise CommandError(f"{name} is not a channel of these settings: {', '.join(settings.channels)}")
    channel = settings.channels[name]
    found = references_of(channel)[int(key) :]
    if not found:
        raise CommandError(f"{name} is a channel of type {channel.type} and has no {'key' if key else 'secret'}")
    return found[0]


def command_for(channel: str, *, key: bool) -> str:
    """Return the command that stores the secret."""
    return f"braket-notifier secret set {channel}{' --key' if key else ''}"


def exists(ssm: Any, name: str) -> bool:  # noqa: ANN401 - a client
    """Return whether the parameter exists. Its value is neither decrypted nor kept."""
    with Tolerated("ParameterNotFound"):
        ssm.get_parameter(Name=name)
        return True
    return False
