"""The JSON schema of the settings, `notifier.schema.json`, which editors read too."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: A table of TOML, or an object of the schema.
Table = Mapping[str, Any]

#: Types of channels that people read as it comes, unlike e-mail.
CHATS = ("slack", "teams", "discord", "webhook")
#: The value of `to` in a channel that writes to owners.
OWNER = "owner"

SCHEMA_PATH = Path(__file__).resolve().with_name("notifier.schema.json")
SCHEMA: Table = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
#: Every region of Braket.
REGIONS: Sequence[str] = SCHEMA["definitions"]["region"]["enum"]


def channels_of(channels: Table, *types: str) -> list[str]:
    """The names of the channels of these types; a channel whose type was refused has none."""
    return [name for name, channel in channels.items() if channel.get("type") in types]


def texts(table: Table, key: str) -> list[str]:
    """The key's texts, one or a list of them; the schema does not check a channel without a type."""
    value = table.get(key, [])
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]


def is_direct(channel: Table) -> bool:
    """Whether the channel writes to the owner of each resource alone."""
    return channel.get("to") == OWNER


def direct_of(channels: Table, *types: str) -> list[str]:
    """The names of the channels of these types that write to owners."""
    return [name for name in channels_of(channels, *types) if is_direct(channels[name])]


def shared_of(channels: Table, *types: str) -> list[str]:
    """The names of the channels of these types that several people may read."""
    return [name for name in channels_of(channels, *types) if not is_direct(channels[name])]


def type_of(channel: Table) -> str:
    """The type by which the functions know the channel."""
    return f"digest-{channel['type']}" if channel["type"] == "handler" and channel.get("digest") else channel["type"]


def definition_of(channel: Table) -> str:
    """The definition of a channel in the schema."""
    if channel["type"] == "slack":
        return "webhook" if "webhook" in channel else "direct" if "to" in channel else "bot"
    if channel["type"] == "webhook":
        return "signed"
    return "direct_email" if is_direct(channel) else str(channel["type"])


def resolved(schema: Table) -> Table:
    """The schema with its `$ref` followed. Keys beside the `$ref` win."""
    reference = schema.get("$ref")
    return {**SCHEMA["definitions"][reference.rpartition("/")[2]], **schema} if reference else schema


def complete(document: Table) -> Table:
    """The settings with the defaults of missing top-level keys. `filled` does the same for one table."""
    return _with_defaults(SCHEMA, document)


def filled(definition: str, table: Table) -> Table:
    """A table with the defaults of its missing keys."""
    return _with_defaults(SCHEMA["definitions"][definition], table)


def _with_defaults(schema: Table, table: Table) -> Table:
    defaults = {key: resolved(each).get("default") for key, each in schema["properties"].items()}
    return {key: value for key, value in defaults.items() if value is not None} | dict(table)
