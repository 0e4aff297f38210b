"""Mistakes in settings, as sentences that name the key, the value and what is allowed."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from braket_notifier.settings.schema import SCHEMA, Table, resolved

#: The keys that lead to a value; elements of lists are counted from 0.
Where = tuple[str | int, ...]
_SECRET = re.compile(r"xox[a-z]-|xapp-|https?://", re.IGNORECASE)


class SettingsError(Exception):
    """Settings with mistakes. Each line of the message is one mistake."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake, and the key that has it."""

    where: Where
    message: str
    #: The key that a misspelt one means and those that it makes needless, or the keys on which a contradiction rests.
    concerns: tuple[Where, ...] = ()

    def __str__(self) -> str:
        """`routes[2].kind: …`, with elements of lists counted from 1."""
        keys = (f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in self.where)
        return f"{''.join(keys).removeprefix('.')}: {self.message}"


def mistakes(document: object) -> list[Mistake]:
    """Every mistake that the schema shows, at most one for each key."""
    found: dict[Where, Mistake] = {}
    for error in sorted(_VALIDATOR.iter_errors(document), key=_is_vague):
        for mistake in _mistakes(error):
            found.setdefault((*error.absolute_path, *mistake.where), mistake)
    misspelt = {where for mistake in found.values() for where in mistake.concerns}
    return [each for each in found.values() if each.where not in misspelt]


def follows(mistake: Mistake, others: Iterable[Mistake]) -> bool:
    """Whether one of the others may be its only cause, because it took away a value on which this mistake rests."""
    wrong = [where for each in others for where in (each.where, *each.concerns)]
    inside = any(_within(mistake.where, each) for each in wrong)
    return inside or any(_within(a, b) or _within(b, a) for a in mistake.concerns for b in wrong)


def _within(where: Where, table: Where) -> bool:
    return where[: len(table)] == table


def without(document: Table, found: Iterable[Mistake]) -> Table:
    """The document without its wrong values, so that further checks read only values that the schema allows."""
    kept = deepcopy(dict(document))
    for mistake in found:
        *path, key = mistake.where or ("",)
        parent: Any = kept
        for step in path:
            parent = parent[step] if _has(parent, step) else {}
        if _has(parent, key):
            _take_away(parent, key)
    return kept


def _has(parent: Any, key: str | int) -> bool:  # noqa: ANN401 - any TOML value
    if isinstance(parent, list):
        return isinstance(key, int) and key < len(parent)
    return isinstance(parent, dict) and key in parent


def _take_away(parent: Any, key: str | int) -> None:  # noqa: ANN401 - a list or a table
    """An element stays as an empty table, because the numbers of the others are part of further mistakes."""
    if isinstance(key, int):
        parent[key] = {}
    else:
        del parent[key]


def not_among(where: Where, value: str, wanted: str, names: Collection[str], *concerns: Where) -> Mistake:
    """A name that is not among the allowed ones, and the allowed name closest to it."""
    problem = f"{shown(value)} is not {wanted}{meant(value, names)}; allowed: {', '.join(names) or 'none'}"
    return Mistake(where, problem, concerns)


def shown(value: object) -> str:
    """The value as TOML writes it, but never a value that looks like a secret."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "the value (not repeated here)" if _SECRET.search(text) else text


def meant(value: object, names: Collection[str]) -> str:
    return "".join(f' (did you mean "{each}"?)' for each in _closest(value, names))


def _closest(value: object, names: Collection[str]) -> list[str]:
    """The name that the value resembles, or the only one that begins with it, or ends with a slash and it."""
    if not isinstance(value, str):
        return []
    given, known = value.lower(), {name.lower(): name for name in names}
    swapped = [name for name in known if sorted(name) == sorted(given)]
    partly = [name for name in known if given and (name.startswith(given) or name.endswith(f"/{given}"))]
    close = swapped or get_close_matches(given, known, 1, cutoff=0.65) or (partly if len(partly) == 1 else [])
    return [known[each] for each in close[:1]]


def _fullmatch(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    """JSON Schema's `$` matches the end only, but Python's also matches before a line break at the end."""
    if isinstance(value, str) and not re.fullmatch(pattern, value):
        yield ValidationError("does not match")


_VALIDATOR = extend(Draft7Validator, {"pattern": _fullmatch})(SCHEMA)  # type: ignore[no-untyped-call]  # its stub names no types


def _is_vague(error: ValidationError) -> bool:
    """An error from a condition (`then`) is more precise, except about the type, as a text meets every condition."""
    return "then" not in error.absolute_schema_path and error.validator != "type"


def _mistakes(error: ValidationError) -> Iterator[Mistake]:
    schema, value, where = cast("Table", error.schema), cast("Any", error.instance), _where(error)
    keys = schema.get("properties", {})
    if error.validator == "required":
        for key in (key for key in schema["required"] if key not in value):
            own = resolved(keys.get(key, {}))
            inner = next((each for each in own.get("enum", ()) if isinstance(value.get(each), dict)), "")
            yield Mistake((*where, key), _as_value(where, key, inner) if inner else _missing(own))
    elif error.validator == "additionalProperties":
        names = {**keys, **(instead_of := schema.get("instead_of", {}))}
        for key in (key for key in value if key not in keys):
            likely = (each for name in _closest(key, names) for each in (name, *instead_of.get(name, ())))
            concerns = tuple((*where, each) for each in likely if each not in value)
            likely_place = meant(key, names) or (_elsewhere(key) if where else "")
            yield Mistake((*where, key), f"is not a key here{likely_place}; allowed: {', '.join(names)}", concerns)
    elif error.validator == "type" and (header := _header(where, schema)):
        kind = "a list of tables" if schema["type"] == "array" else "a table"
        inside = resolved(schema.get("items") or schema.get("additionalProperties") or schema)
        within = ", ".join(inside.get("properties", ())) or "names of your own"
        yield Mistake(where, f"{shown(value)} is not {kind}; allowed: {header} with {within}")
    else:
        yield Mistake(where, _wrong(value, schema))


def _where(error: ValidationError) -> Where:
    """The key of the value. An element of a list of texts has its list's key."""
    where = tuple(error.absolute_path)
    in_list = where and isinstance(where[-1], int) and cast("Table", error.schema).get("type") != "object"
    return where[:-1] if in_list else where


def _header(where: Where, schema: Table) -> str:
    """The line with which such a table begins in TOML; empty for any other value.

    NAME stands where a key of such a table has the place of a name.
    """
    named = (*where[:-1], "NAME") if where[-1] in schema.get("properties", {}) else where
    name = ".".join(key for key in named if isinstance(key, str))
    if isinstance(where[-1], int) or resolved(schema.get("items", {})).get("type") == "object":
        return f"[[{name}]]"
    of_tables = resolved(schema.get("additionalProperties") or {}).get("type") == "object"
    return (f"[{name}.NAME]" if of_tables else f"[{name}]") if schema.get("type") == "object" else ""


def _as_value(where: Where, key: str, inner: str) -> str:
    """The problem of a header that ends with the value of a missing key, like [channels.team.slack]."""
    name = ".".join(map(str, where))
    return f'is missing; allowed: [{name}] with {key} = "{inner}", in place of [{name}.{inner}]'


def _elsewhere(key: str) -> str:
    """Where a key of the whole file stands, because TOML takes a line below a table for a key of that table."""
    if key not in SCHEMA["properties"]:
        return ""
    header = _header((key,), resolved(SCHEMA["properties"][key]))
    return f" ({header} is a table of its own)" if header else " (it is one above the first table)"


def _wrong(value: object, schema: Table) -> str:
    if schema.get("secret"):
        return f"the value (not repeated here) is not {schema['title']}; allowed: {schema['allowed']}"
    if "needed" in schema and not value:
        return str(schema["needed"])
    if schema.get("type") == "array":
        elements = _allowed(resolved(schema["items"]))
        return f"{shown(value)} is not a list with at least one element; allowed elements: {elements}"
    title = schema.get("title", "a table with at least one key" if value == {} else "a table")
    return f"{shown(value)} is not {title}{meant(value, schema.get('enum', ()))}; allowed: {_allowed(schema)}"


def _missing(schema: Table) -> str:
    return str(schema.get("needed") or f"is missing; allowed: {_allowed(schema)}")


def _allowed(schema: Table) -> str:
    """The schema's own words if it has some; otherwise its values, its elements or its keys."""
    words = schema.get("allowed") or ", ".join(schema.get("enum") or schema.get("properties") or ())
    items = resolved(schema.get("items", {}))
    return str(words or (_allowed(items) if items else "a table with names of your own"))
