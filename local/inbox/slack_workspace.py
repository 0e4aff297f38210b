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
    #: The names of members by their IDs.
    people: Mapping[str, str] = field(default_factory=dict)
    #: IDs of deactivated members, for whom Slack goes on taking direct messages.
    deactivated: frozenset[str] = frozenset()
    #: Whether the app writes to members, so that the page shows their conversations.
    direct: bool = False
    #: Whether App Home's messages tab is on, without which no direct message is taken.
    messages_tab: bool = True

    @property
    def conversations(self) -> dict[str, Channel]:
        """The direct conversation with each member, by the member's ID."""
        return {id_: Channel(f"D{id_[1:]}", f"@{name}") for id_, name in self.people.items()}

    def channel(self, id_or_name: object) -> Channel | None:
        """Find a channel by ID, by name or by name with its #; a conversation by its own ID or the member's."""
        wanted = str(id_or_name).removeprefix("#")
        direct = self.conversations
        found = (channel for channel in (*self.channels, *direct.values()) if wanted in (channel.id, channel.name))
        return direct.get(wanted) or next(found, None)
