"""The filters and pages of Braket's Search operations."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from local.braket.answers import iso
from local.braket.errors import invalid
from local.braket.resource import Resource

T = TypeVar("T")
Place = tuple[float, int]
Filter = Mapping[str, Any]

NAMES = {"task": ("quantumTaskArn", "deviceArn", "jobArn", "status", "createdAt"), "job": ("jobArn", "createdAt")}
PAGE = 100
OPERATORS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "EQUAL": lambda seen, values: seen in values,
    "CONTAINS": lambda seen, values: any(value in seen for value in values),
    "BETWEEN": lambda seen, values: values[0] <= seen <= values[1],
    "LT": lambda seen, values: seen < values[0],
    "LTE": lambda seen, values: seen <= values[0],
    "GT": lambda seen, values: seen > values[0],
    "GTE": lambda seen, values: seen >= values[0],
}


def finder(kind: str, filters: Iterable[Filter]) -> Callable[[Resource], bool]:
    """A filter that all conditions must meet. The number and form of the values are checked beforehand."""
    wanted = [(f["name"], f["operator"], _values(kind, f)) for f in filters]
    return lambda resource: all(_holds(_seen(resource, name), how, values) for name, how, values in wanted)


def _holds(seen: str | None, operator: str, values: list[str]) -> bool:
    return seen is not None and OPERATORS[operator](seen, values)


def _seen(resource: Resource, name: str) -> str | None:
    """The value to compare. ISO-8601 of one form sorts as time does."""
    match name:
        case "createdAt":
            return iso(resource.created_at)
        case "status":
            return resource.status
        case "deviceArn":
            return resource.asked.device
        case "jobArn" if resource.asked.kind == "task":
            return resource.asked.job_arn
        case _:
            return resource.arn


def _values(kind: str, asked: Filter) -> list[str]:
    name, operator, values = asked["name"], asked["operator"], list(asked["values"])
    if name not in NAMES[kind]:
        raise invalid(f"Unsupported filter name {name}. Supported: {', '.join(NAMES[kind])}.")
    counts = {"BETWEEN": (2, 2), "EQUAL": (1, 10), "CONTAINS": (1, 10)}
    least, most = counts.get(operator, (1, 1))
    if not least <= len(values) <= most:
        raise invalid(f"Filter {name} with operator {operator} takes {least} to {most} values, not {len(values)}.")
    return [_as_iso(value) for value in values] if name == "createdAt" and operator != "CONTAINS" else values


def _as_iso(value: str) -> str:
    """Take ISO-8601 as in the answers, because the model does not give createdAt's form in a filter."""
    try:
        moment = datetime.fromisoformat(value)
        return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise invalid(f"Filter createdAt takes ISO-8601 times, not {value!r}.") from error


def page(
    found: Iterable[T], place: Callable[[T], Place], asked: Mapping[str, Any], scope: str
) -> tuple[list[T], dict[str, str]]:
    """A page, the last place first, and the next page's token. New resources do not disturb later pages."""
    signature = _signature(scope, asked["filters"])
    after = _read_token(asked["nextToken"], signature) if "nextToken" in asked else None
    rest = sorted((item for item in found if after is None or place(item) < after), key=place, reverse=True)
    size = asked.get("maxResults", PAGE)
    more = {"nextToken": _write_token(place(rest[size - 1]), signature)} if len(rest) > size else {}
    return rest[:size], more


def place_in_time(resource: Resource) -> Place:
    """Newest first. The higher number first where createdAt is equal."""
    return resource.created_at.timestamp(), resource.number


def _signature(scope: str, filters: object) -> str:
    """A token belongs to one search: the same operation, region and filters."""
    return hashlib.sha256(json.dumps([scope, filters], sort_keys=True).encode()).hexdigest()[:16]


def _write_token(last: Place, signature: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([signature, *last]).encode()).decode()


def _read_token(token: str, signature: str) -> Place:
    try:
        signed, first, second = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        if signed == signature:
            return float(first), int(second)
    except (ValueError, TypeError, RecursionError) as error:
        raise invalid("The nextToken is not valid.") from error
    raise invalid("The nextToken is not valid.")
