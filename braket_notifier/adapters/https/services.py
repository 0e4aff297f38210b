"""The channel of a service, with the adapter of its type alone."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.secret import Secret

if TYPE_CHECKING:
    from braket_notifier.grouping.ports import HumanChannel
    from braket_notifier.rendering.compose import Compose


def service(
    kind: str, endpoint: Endpoint, key: Secret | None, compose: "Compose", clock: Callable[[], datetime]
) -> "HumanChannel":
    """Build the channel of this type; only a webhook has a key."""
    if kind == "webhook" and key:
        from braket_notifier.adapters.https.webhook import SignedWebhook

        return SignedWebhook(endpoint, key, compose, clock)
    if kind == "discord":
        from braket_notifier.adapters.https.discord import DiscordWebhook

        return DiscordWebhook(endpoint, compose)
    if kind == "teams":
        from braket_notifier.adapters.https.teams import TeamsWorkflow

        return TeamsWorkflow(endpoint, compose)
    raise ValueError(f"{kind} is not a type of service")
