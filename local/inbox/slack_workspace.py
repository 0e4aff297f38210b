"""The Slack workspace that the inbox emulates: channels, people, one app with a token and webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.canary import CANARY


@dataclass(frozen=True, slots=True)
class Channel:
    """A Slack channel as the app sees it."""

    id: str
    name: str
    has_app: bool = True
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace with one app installed; `webhooks` maps a webhook's path to its channel's ID."""

    token: str = f"xoxb-{CANARY}"
    app: str = "Braket notifier"
    channels: tuple[Channel, ...] = (Channel("C0123456789", "team-slack"),)
    webhooks: Mapping[str, str] = field(default_factory=lambda: {f"T000/B000/{CANARY}": "C0123456789"})
    people: Mapping[str, str] = field(default_factory=dict)

    def channel(self, id_or_name: object) -> Channel | None:
        """Find a channel by ID, by name or by name with its #."""
        wanted = str(id_or_name).removeprefix("#")
        return next((channel for channel in self.channels if wanted in (channel.id, channel.name)), None)
