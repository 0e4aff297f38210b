"""`notifier.toml`: who watches what and tells whom, read and checked before anything is deployed."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from braket_notifier.settings.contradictions import contradictions
from braket_notifier.settings.mistakes import Mistake, SettingsError, mistakes
from braket_notifier.settings.policy_document import policy_document, seconds
from braket_notifier.settings.schema import Words, complete, filled
from braket_notifier.settings.toml_lines import line_of


@dataclass(frozen=True, slots=True)
class SlackBotSettings:
    """A Slack channel written to by a bot; the token is the name of a secret."""

    channel: str
    token: str
    type: str = "slack"


@dataclass(frozen=True, slots=True)
class SlackWebhookSettings:
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


@dataclass(frozen=True, slots=True)
class Permission:
    """One more IAM statement for a handler's role."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function in `lambdas/custom/`, the secret it may read, and the role it may give to hybrid jobs it creates."""

    permissions: tuple[Permission, ...] = ()
    secret: str = ""
    job_role: str = ""
    timeout_s: int = 60
    type: str = "handler"


Channel = SlackBotSettings | SlackWebhookSettings | Email | Topic | Handler


@dataclass(frozen=True, slots=True)
class Settings:
    """What of the settings shapes the stack; the rest is policy."""

    name: str
    home: str
    regions: tuple[str, ...]
    channels: Mapping[str, Channel]
    sweep_every_s: int
    #: Whose results.json may be read; none unless the settings ask for it.
    result_buckets: tuple[str, ...]
    #: Whether queues, topics and tables have a key of the account's own.
    own_key: bool
    #: Whether there is a dashboard with the status board.
    dashboard: bool
    #: Who hears of trouble with the notifier itself.
    alarms: tuple[str, ...]
    document: Mapping[str, object]

    def policy(self) -> Mapping[str, object]:
        """What the functions read, as JSON."""
        return self.document


def read_settings(path: Path) -> Settings:
    """Read and check a settings file; SettingsError names every mistake in it, with its line."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text, parse_float=_number)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error
    if found := mistakes(document) or list(contradictions(complete(document))):
        raise SettingsError("\n".join(_told(path, text, found)))
    return _settings(complete(document))


def _number(words: str) -> float | str:
    """TOML has `nan` and `inf`, which are within any bounds: whoever asks for a number is shown the word."""
    number = float(words)
    return number if math.isfinite(number) else words


def _told(path: Path, text: str, found: list[Mistake]) -> list[str]:
    """In the order of the file."""
    lines = sorted((line_of(text, mistake.where) or 0, str(mistake)) for mistake in found)
    return [f"{path}:{line}: {mistake}" if line else f"{path}: {mistake}" for line, mistake in lines]


def _settings(document: Words) -> Settings:
    defaults = filled("defaults", document.get("defaults", {}))
    return Settings(
        name=document["name"],
        home=document["home"],
        regions=tuple(dict.fromkeys(document["regions"])),
        channels={name: _channel(channel) for name, channel in document["channels"].items()},
        sweep_every_s=seconds(defaults["sweep_every"]),
        result_buckets=tuple(defaults["result_buckets"]) if defaults["read_results"] else (),
        own_key=defaults["key"] == "own",
        dashboard=defaults["dashboard"],
        alarms=tuple(document.get("alarms", {}).get("email", ())),
        document=policy_document(document),
    )


def _channel(words: Words) -> Channel:
    match words["type"]:
        case "email":
            return Email(tuple(words["to"]))
        case "topic":
            return Topic()
        case "handler":
            return _handler(filled("handler", words))
    return (
        SlackWebhookSettings(words["webhook"])
        if "webhook" in words
        else SlackBotSettings(words["channel"], words["token"])
    )


def _handler(words: Words) -> Handler:
    permissions = (
        Permission(tuple(each["actions"]), tuple(each["resources"])) for each in words.get("permissions", ())
    )
    return Handler(
        permissions=tuple(permissions),
        secret=words.get("secret", ""),
        job_role=words.get("job_role", ""),
        timeout_s=seconds(words["timeout"]),
    )
