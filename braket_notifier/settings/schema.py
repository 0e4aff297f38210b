"""The JSON schema of the settings, `notifier.schema.json`, which editors read too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: A table of TOML, or an object of the schema.
Table = Mapping[str, Any]

SCHEMA_PATH = Path(__file__).resolve().with_name("notifier.schema.json")
SCHEMA: Table = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def channels_of(channels: Table, *types: str) -> list[str]:
    """The names of the channels of these types; a channel whose type was refused has none."""
    return [name for name, channel in channels.items() if channel.get("type") in types]


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
