"""The policy as a JSON document of version 1. An absent member has its default."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, time
from types import UnionType
from typing import Literal, cast, get_args, get_origin
from zoneinfo import ZoneInfo

from braket_notifier.domain.policy import Policy
from braket_notifier.text.json_fields import moment, shown

_PLAIN = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def parse_policy(document: Mapping[str, object]) -> Policy:
    """Parse the document that the settings write; an error names the member that this code cannot follow.

    Unknown members are ignored, because older code may read a newer document.
    """
    if document.get("version") != 1:
        raise ValueError(f"settings version {document.get('version')!r} is not 1, the one this code reads")
    channels = {name: _table(each, name).get("type") for name, each in _table(document["channels"], "channels").items()}
    policy = cast("Policy", _read(Policy, {**document, "channels": channels}, "settings"))
    ZoneInfo(policy.time_zone)
    for each in policy.hint_rules:
        re.compile(each.pattern)
    return policy


def _read(kind: object, value: object, where: str) -> object:
    """Convert a JSON value to the type that an annotation names."""
    origin, kinds = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _read_members(cast("type", kind), _table(value, where), where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where}: {shown(value)} is not a list")
        return tuple(_read(kinds[0], each, f"{where}[{number}]") for number, each in enumerate(value, 1))
    if origin is Mapping:
        return {name: _read(kinds[1], each, f"{where}.{name}") for name, each in _table(value, where).items()}
    if origin is UnionType:
        return None if value is None else _read(kinds[0], value, where)
    if origin is Literal:
        if value not in kinds:
            raise ValueError(f"{where}: {shown(value)} is not one of {', '.join(kinds)}")
        return value
    return _read_plain(cast("type", kind), value, where)


def _read_members(kind: type, table: Mapping[str, object], where: str) -> object:
    members = fields(kind)
    for each in members:
        if each.name not in table and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{where}.{each.name}: is missing")
    there = (each for each in members if each.name in table)
    return kind(**{each.name: _read(each.type, table[each.name], f"{where}.{each.name}") for each in there})


def _read_plain(kind: type, value: object, where: str) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if kind is datetime and isinstance(value, str):
        return moment(value)
    if kind is time and isinstance(value, str):
        return time.fromisoformat(value)
    if type(value) is not kind:  # bool is a subclass of int
        raise ValueError(f"{where}: {shown(value)} is not {_PLAIN.get(kind, 'a time')}")
    return value


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: {shown(value)} is not a table")  # noqa: TRY004 - bad input, not a bad call
    return value
