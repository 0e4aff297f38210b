"""`notifier.toml`: watched regions, channels and routes, read and checked before anything is deployed."""

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from braket_notifier.settings.channels import (
    Bus,
    Channel,
    Email,
    Handler,
    Permission,
    SlackBotSettings,
    SlackWebhookSettings,
    Topic,
    UrlSettings,
)
from braket_notifier.settings.contradictions import contradictions
from braket_notifier.settings.default_routes import default_routes
from braket_notifier.settings.fallbacks import fallbacks, of_people
from braket_notifier.settings.keys import Keys, default_token, keys_of, written_out
from braket_notifier.settings.mistakes import Mistake, SettingsError, follows, mistakes, without
from braket_notifier.settings.policy_document import ALARMS, ALARMS_TABLE, policy_document, regions_of, seconds
from braket_notifier.settings.schema import (
    Table,
    complete,
    definition_of,
    direct_of,
    filled,
    is_direct,
    shared_of,
    type_of,
)
from braket_notifier.settings.toml_lines import as_json, line_of, syntax_mistake

#: Some editors begin a file with a byte order mark.
ENCODING = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that shape the stack, and the policy document of the rest."""

    name: str
    home: str
    regions: tuple[str, ...]
    channels: Mapping[str, Channel]
    sweep_every_s: int
    #: The functions' Python, or "machine".
    python: str
    #: The channel that gets a channel's notifications while that one is down, by channel; nobody's is left out.
    fallbacks: Mapping[str, str]
    #: The channels that get what one that writes to owners cannot send: their other address, and the team's.
    people_fallbacks: Mapping[str, tuple[str, ...]]
    #: Buckets whose results.json and metadata.json may be read; empty unless `read_results` is true.
    result_buckets: tuple[str, ...]
    #: Whether the sweep may look up who submitted.
    who_submitted: bool
    #: Whether a KMS key of the account's own encrypts queues, topics and tables.
    own_key: bool
    #: Whether the stack has a dashboard with the status board.
    dashboard: bool
    #: E-mail addresses that the alarms notify, and what names them: ALARMS, an e-mail channel, or nothing.
    alarms: tuple[str, ...]
    alarms_from: str
    #: Whether the sweep sends the weekly line to the alarms' addresses, because no channel gets it.
    weekly_to_alarms: bool
    #: "home" or "every-region", empty without the setting: `bootstrap_of` knows its default.
    bootstrap: str
    tags: Mapping[str, str]
    document: Mapping[str, object]
    keys: Keys
    has_default_routes: bool

    def policy(self) -> Mapping[str, object]:
        """The policy document that the functions read."""
        return self.document


def read_settings(path: Path, further: Callable[[Table], Iterable[Mistake]] = lambda _: ()) -> Settings:
    """Read and check a settings file; SettingsError names every mistake in it, with its line.

    `further` finds the mistakes that only the caller minds, in the complete document without wrong values.
    """
    return _settings(_complete(path, further))


def settings_of(document: Table) -> Settings:
    """The settings of a document that is in no file; SettingsError names every mistake in it."""
    found, checked = examined(document)
    if found:
        raise SettingsError("\n".join(map(str, found)))
    return _settings(checked)


def effective(path: Path) -> Table:
    """The settings as TOML would have them with every default written out."""
    return written_out(_complete(path, lambda _: ()))


def _complete(path: Path, further: Callable[[Table], Iterable[Mistake]]) -> Table:
    try:
        text = path.read_text(encoding=ENCODING)
        document = tomllib.loads(text, parse_float=_number)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}:{line}: is not TOML (no UTF-8); allowed: a file that is saved as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}{syntax_mistake(text, error)}") from error
    found, checked = examined(document)
    if found := [*found, *further(checked)]:
        raise SettingsError("\n".join(_with_lines(path, text, found)))
    return checked


def examined(document: Table) -> tuple[list[Mistake], Table]:
    """The mistakes of the settings, and the settings without wrong values, complete with defaults."""
    found = mistakes(document := as_json(document))
    checked = complete(without(document, found))
    checked = {"routes": default_routes(checked.get("channels", {})), **checked, **_mentions(checked)}
    return [*found, *(each for each in contradictions(checked) if not follows(each, found))], checked


def _mentions(checked: Table) -> Table:
    """The channels, which mention nobody by default where another one writes to owners."""
    channels = checked.get("channels", {})
    unset = {"mention": "nobody"} if direct_of(channels, "slack", "email") else {}
    of_slack = {name: {**unset, **channels[name]} for name in shared_of(channels, "slack")}
    return {"channels": {**channels, **of_slack}} if unset else {}


def _number(literal: str) -> float | str:
    """`nan` and `inf` stay texts, because no comparison with a bound would refuse them."""
    number = float(literal)
    return number if math.isfinite(number) else literal


def _with_lines(path: Path, text: str, found: list[Mistake]) -> list[str]:
    """The mistakes in the order of the file, each with its line."""
    lines = sorted((line_of(text, mistake.where) or 0, str(mistake)) for mistake in found)
    return [f"{path}:{line}: {mistake}" if line else f"{path}: {mistake}" for line, mistake in lines]


def _settings(document: Table) -> Settings:
    defaults = filled("defaults", document.get("defaults", {}))
    alarms, alarms_from = _addressee(document)
    policy = policy_document(document)
    return Settings(
        name=document["name"],
        home=document["home"],
        regions=tuple(regions_of(document)),
        channels={name: _channel(channel, document) for name, channel in document["channels"].items()},
        sweep_every_s=seconds(defaults["sweep_every"]),
        python=defaults["python"],
        fallbacks=fallbacks(document["channels"]),
        people_fallbacks=of_people(document["channels"]),
        result_buckets=tuple(defaults["result_buckets"]) if defaults["read_results"] else (),
        who_submitted=defaults["who_submitted"],
        own_key=defaults["key"] == "own",
        dashboard=defaults["dashboard"],
        alarms=alarms,
        alarms_from=alarms_from,
        weekly_to_alarms=policy["weekly_to"] == ALARMS,
        bootstrap=document.get("bootstrap", ""),
        tags=document.get("tags", {}),
        document=policy,
        keys=keys_of(document),
        has_default_routes=document["routes"] == default_routes(document["channels"]),
    )


def _addressee(document: Table) -> tuple[tuple[str, ...], str]:
    """The alarms' addresses; without the table they are those of the first shared e-mail channel, if there is one."""
    if ALARMS_TABLE in document:
        return tuple(document[ALARMS_TABLE]["email"]), ALARMS
    mail = shared_of(document["channels"], "email")
    return (tuple(document["channels"][mail[0]]["to"]), mail[0]) if mail else ((), "")


def _channel(table: Table, document: Table) -> Channel:
    match table["type"]:
        case "email" if is_direct(table):
            people = {each["email"]: each["name"] for each in document.get("people", ()) if "email" in each}
            return Email(tuple(people), people=people)
        case "email":
            return Email(tuple(table["to"]))
        case "teams" | "discord" | "webhook" as kind:
            whole = filled(definition_of(table), table)
            return UrlSettings(kind, whole["host"], whole["url"], whole.get("key", ""))
        case "topic" | "bus":
            return Bus(table["bus"]) if "bus" in table else Topic()
        case "handler":
            return _handler(filled("handler", table))
    return (
        SlackWebhookSettings(table["webhook"])
        if "webhook" in table
        else SlackBotSettings(table.get("channel", ""), table.get("token", default_token(document["name"])))
    )


def _handler(table: Table) -> Handler:
    permissions = (
        Permission(tuple(each["actions"]), tuple(each["resources"])) for each in table.get("permissions", ())
    )
    return Handler(
        permissions=tuple(permissions),
        secret=table.get("secret", ""),
        job_role=table.get("job_role", ""),
        timeout_s=seconds(table["timeout"]),
        type=type_of(table),
    )
