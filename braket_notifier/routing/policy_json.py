"""The policy as a JSON document of version 1. An absent member has its default."""

import re
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, time
from types import UnionType
from typing import Literal, cast, get_args, get_origin
from zoneinfo import ZoneInfo

from braket_notifier.domain.policy import WEEKDAYS, Ignored, Policy
from braket_notifier.text.json_fields import moment, shown, text

_PLAIN = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def parse_policy(document: Mapping[str, object]) -> Policy:
    """Parse the document that the settings write; an error names the member that this code cannot follow.

    An unknown member of the document itself is a newer setting, and is ignored. Within a rule it may be a condition,
    and without it the rule would match too much.
    """
    if document.get("version") != 1:
        raise ValueError(f"settings version {shown(document.get('version'))} is not 1, the one this code reads")
    channels = {name: _type_of(each, name) for name, each in _table(document["channels"], "channels").items()}
    known = {each.name: document[each.name] for each in fields(Policy) if each.name in document}
    policy = cast("Policy", _read(Policy, {**known, "channels": channels}, "settings"))
    if Ignored() in policy.ignored:
        raise ValueError("settings.ignored: a rule without a condition would ignore everything")
    if channel := next((name for name, each in policy.quiet.items() if set(each.all_day) == set(WEEKDAYS)), ""):
        raise ValueError(f"settings.quiet.{channel}.all_day: a channel that is quiet all week would send nothing")
    ZoneInfo(policy.time_zone)
    for each in policy.hint_rules:
        re.compile(each.pattern)
    return policy


def _type_of(channel: object, name: str) -> object:
    table = _table(channel, f"settings.channels.{name}")
    _refuse_others(table, {"type"}, f"settings.channels.{name}")
    return table.get("type")


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
            raise ValueError(f"{where}: {shown(value)} is not one of {', '.join(filter(None, kinds))}")
        return value
    return _read_plain(cast("type", kind), value, where)


def _read_members(kind: type, table: Mapping[str, object], where: str) -> object:
    members = fields(kind)
    _refuse_others(table, {each.name for each in members}, where)
    for each in members:
        if each.name not in table and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{where}.{each.name}: is missing")
    there = (each for each in members if each.name in table)
    return kind(**{each.name: _read(each.type, table[each.name], f"{where}.{each.name}") for each in there})


def _refuse_others(table: Mapping[str, object], known: Collection[str], where: str) -> None:
    for name in table:
        if name not in known:
            raise ValueError(f"{where}.{text(name, 64)}: is not a member; allowed: {', '.join(sorted(known))}")


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
