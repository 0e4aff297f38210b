"""The input of an operation from an HTTP request, checked against botocore's model of Braket."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from local.braket.errors import BraketError, invalid

_TYPES = {"string": str, "integer": int, "long": int, "list": list, "map": dict, "structure": dict, "timestamp": int}
_CREDENTIAL = re.compile(
    r"\bCredential=(?P<key>[^/\s]+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z]+)/aws4_request\b"
)


@cache
def model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("braket")


@cache
def _routes() -> list[tuple[str, re.Pattern[str], OperationModel]]:
    operations = [model().operation_model(name) for name in model().operation_names]
    return [(o.http["method"], _pattern(o.http["requestUri"]), o) for o in operations]


def _pattern(uri: str) -> re.Pattern[str]:
    """Matched against the raw path: an ARN is one segment, its slash encoded."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", uri))


def operation_of(method: str, raw_path: str) -> tuple[OperationModel, dict[str, str]]:
    for verb, pattern, operation in _routes():
        found = pattern.fullmatch(raw_path)
        if verb == method and found:
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    raise BraketError("UnknownOperationException", f"Braket has no operation at {method} {raw_path[:200]}")


def signer_of(headers: Mapping[str, str], service: str = "Braket") -> tuple[str, str]:
    """The client's access key, and the region of its signature for a service. The signature itself is not verified."""
    scope = _CREDENTIAL.search(headers.get("authorization", ""))
    if scope is None or scope["service"] != service.lower():
        raise BraketError("AccessDeniedException", f"The request is not signed for {service} (SigV4).")
    return scope["key"], scope["region"]


def named_in(asked: Mapping[str, Any]) -> str:
    """The resource of a request, as a policy names it."""
    return str(
        asked.get("quantumTaskArn")
        or asked.get("jobArn")
        or asked.get("resourceArn")
        or asked.get("spendingLimitArn")
        or asked.get("deviceArn")
        or "*"
    )


def input_of(operation: OperationModel, uri: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
    """The operation's complete, well-formed input; otherwise a ValidationException with the problems."""
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return {}
    given = {**_from_query(shape, query), **_from_body(body), **uri}
    asked = {name: given[name] for name in shape.members if given.get(name) is not None}
    wrong = list(_problems(shape, asked, ""))
    if wrong:
        errors = f"{len(wrong)} validation error{'s' if len(wrong) > 1 else ''} detected: "
        raise invalid(errors + "; ".join(wrong[:10]))
    return asked


def _from_query(shape: StructureShape, query: str) -> dict[str, list[str]]:
    named = parse_qs(query, keep_blank_values=True)
    wanted = {m.serialization.get("name", name): name for name, m in shape.members.items() if _is_in_query(m)}
    return {name: named[key] for key, name in wanted.items() if key in named}


def _is_in_query(member: Shape) -> bool:
    return member.serialization.get("location") == "querystring"


def _from_body(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise invalid("The request's body is not JSON.") from error
    if not isinstance(given, dict):
        raise invalid("The request's body is not a JSON object.")
    return given


def _problems(shape: Shape, value: object, path: str) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    if expected is None or isinstance(value, bool) or not isinstance(value, expected):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be of type {shape.type_name}"
        return
    broken = _broken_constraint(shape, value)
    if broken:
        yield f"Value at '{path}' failed to satisfy constraint: {broken}"
        return
    for name, inner_shape, inner in _inner(shape, value):
        yield from _problems(inner_shape, inner, f"{path}.{name}".lstrip("."))
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name in shape.required_members:
            if value.get(name) is None:
                where = f"{path}.{name}".lstrip(".")
                yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _inner(shape: Shape, value: object) -> Iterator[tuple[str, Shape, object]]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from ((n, shape.members[n], v) for n, v in value.items() if n in shape.members and v is not None)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        yield from ((key, shape.key, key) for key in value)
        yield from ((key, shape.value, inner) for key, inner in value.items())
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from ((str(index), shape.member, inner) for index, inner in enumerate(value, 1))


def _broken_constraint(shape: Shape, value: Any) -> str | None:  # noqa: ANN401  any JSON value
    limits = shape.metadata
    size = value if isinstance(value, int) else len(value)
    if size < limits.get("min", size):
        return f"Member must be or have length greater than or equal to {limits['min']}"
    if size > limits.get("max", size):
        return f"Member must be or have length less than or equal to {limits['max']}"
    if isinstance(value, str):
        if "enum" in limits and value not in limits["enum"]:
            return f"Member must satisfy enum value set: {limits['enum']}"
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            return f"Member must satisfy regular expression pattern: {limits['pattern']}"
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return "Member must be valid Unicode"
    return None
