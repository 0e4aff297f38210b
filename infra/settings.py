"""`notifier.toml`: who watches what and tells whom, read and checked before anything is deployed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from infra.handler_settings import KEYS as HANDLER_KEYS
from infra.handler_settings import Handler, read_handler
from infra.routes import KEYS, Route, read_route
from infra.toml_table import SettingsError, Table
from infra.wanted import Wanted, one_of, shaped

DAY_S = 86400

#: Where Amazon Braket is.
REGIONS = ("us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1")

#: Function names have at most 64 characters: this name, "-deliver-" and a channel's name fit.
NAME = shaped("a name", r"[a-z][a-z0-9-]{0,29}", "a letter, then up to 29 of a-z, 0-9 and -")
CHANNEL_NAME = shaped("a channel's name", r"[a-z0-9-]{1,20}", "1 to 20 of a-z, 0-9 and -")
REGION = one_of("a region of Amazon Braket", REGIONS)
TIME_ZONE = Wanted(
    "an IANA time zone", 'a name like "UTC" or "Europe/Stockholm"', lambda name: name in available_timezones()
)
SLACK_ID = shaped(
    "a Slack channel's ID", r"[CGD][A-Z0-9]{2,20}", 'like "C0123456789" (in Slack: the channel\'s details)'
)
ADDRESS = shaped("an e-mail address", r"[^@\s]+@[^@\s]+\.[^@\s.]+", "name@example.org")
CHANNEL_TYPE = one_of("a type of channel", ("slack", "email", "topic", "handler"))


@dataclass(frozen=True, slots=True)
class SlackBot:
    """A Slack channel written to by a bot; the token is the name of a secret."""

    channel: str
    token: str
    type: str = "slack"


@dataclass(frozen=True, slots=True)
class SlackWebhook:
    """A Slack channel behind an incoming webhook; its URL is a secret, and this is the secret's name."""

    webhook: str
    type: str = "slack"


@dataclass(frozen=True, slots=True)
class Email:
    """Mailboxes that subscribe to a topic."""

    to: tuple[str, ...]
    type: str = "email"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic for machines: who subscribes to it is nobody's business here."""

    type: str = "topic"


Channel = SlackBot | SlackWebhook | Email | Topic | Handler


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the settings file says, checked."""

    name: str
    home: str
    regions: tuple[str, ...]
    time_zone: str
    channels: Mapping[str, Channel]
    routes: tuple[Route, ...]
    partial_below: float
    retention_s: int
    sweep_every_s: int

    def policy(self) -> dict[str, object]:
        """What the functions read, as JSON: who is told what, and no address or secret's name."""
        return {
            "version": 1,
            "home": self.home,
            "regions": list(self.regions),
            "time_zone": self.time_zone,
            "channels": {name: {"type": channel.type} for name, channel in self.channels.items()},
            "partial_below": self.partial_below,
            "retention_days": self.retention_s // DAY_S,
            "routes": [route.document() for route in self.routes],
        }


def read_settings(path: Path) -> Settings:
    """Read and check a settings file; SettingsError for the first mistake."""
    try:
        return parse_settings(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error


def parse_settings(document: Mapping[str, object]) -> Settings:
    top = Table(document, "", ("name", "home", "regions", "time_zone", "channels", "defaults", "routes"))
    regions = top.texts("regions", REGION)
    tables = top.named("channels", CHANNEL_NAME, ("type", "channel", "token", "webhook", "to", *HANDLER_KEYS))
    channels = {name: _channel(table) for name, table in tables.items()}
    defaults = top.table("defaults", ("partial_below", "retention", "sweep_every"))
    return Settings(
        name=top.text("name", NAME, default="braket-notifier"),
        home=top.text("home", one_of("one of the watched regions", regions)),
        regions=regions,
        time_zone=top.text("time_zone", TIME_ZONE, default="UTC"),
        channels=channels,
        routes=tuple(read_route(table, channels, regions) for table in top.tables("routes", KEYS)),
        partial_below=defaults.share("partial_below", 0.95),
        retention_s=defaults.seconds("retention", 90 * DAY_S, unit="d"),
        sweep_every_s=defaults.seconds("sweep_every", 300, most="24h"),
    )


def _channel(table: Table) -> Channel:
    match table.text("type", CHANNEL_TYPE):
        case "email":
            table.only(("type", "to"))
            return Email(table.texts("to", ADDRESS))
        case "topic":
            table.only(("type",))
            return Topic()
        case "handler":
            return read_handler(table)
    if "webhook" in table:
        table.only(("type", "webhook"))
        return SlackWebhook(table.reference("webhook"))
    table.only(("type", "channel", "token"))
    return SlackBot(table.text("channel", SLACK_ID), table.reference("token"))
