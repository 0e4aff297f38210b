"""The definition of the settings, one for editors and for us: `notifier.schema.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Words = Mapping[str, Any]

SCHEMA_PATH = Path(__file__).resolve().with_name("notifier.schema.json")
SCHEMA: Words = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def resolved(schema: Words) -> Words:
    """What a reference refers to; `default` and `description` may stand beside it."""
    reference = schema.get("$ref")
    return {**SCHEMA["definitions"][reference.rpartition("/")[2]], **schema} if reference else schema


def complete(document: Words) -> Words:
    """The settings with the defaults of the keys at the top that they leave out; each table has its own."""
    return _with_defaults(SCHEMA, document)


def filled(definition: str, table: Words) -> Words:
    """A table with the defaults of the keys that it leaves out."""
    return _with_defaults(SCHEMA["definitions"][definition], table)


def _with_defaults(schema: Words, table: Words) -> Words:
    defaults = {key: resolved(each).get("default") for key, each in schema["properties"].items()}
    return {key: value for key, value in defaults.items() if value is not None} | dict(table)
