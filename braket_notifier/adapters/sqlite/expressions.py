"""Evaluate DynamoDB's expressions over one item; Python's own parser reads them after a few words are replaced."""

import ast
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, partial
from operator import eq, ge, gt, le, lt, ne
from typing import Any, cast

from braket_notifier.errors import NotifierError

#: An attribute value like `{"S": "text"}`, and an item: its attributes by name.
Attribute = Mapping[str, object]
Item = Mapping[str, Attribute]

#: Words of DynamoDB's expressions and Python's for the same; names and values get a prefix.
_WORDS = (
    (r"(\S+) BETWEEN (:\w+) AND (:\w+)", r"\2 <= \1 <= \3"),
    (r"#", "name_"),
    (r":", "value_"),
    (r"\bOR\b", "or"),
    (r"\bAND\b", "and"),
    (r"\bIN\b", "in"),
    (r"<>", "!="),
    (r"(?<![<>!=])=", "=="),
)
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
}
_FUNCTIONS: Mapping[str, Callable[..., bool]] = {
    "attribute_exists": lambda attribute: attribute is not None,
    "attribute_not_exists": lambda attribute: attribute is None,
    "contains": lambda whole, part: _text(part) in _text(whole),
    "begins_with": lambda whole, part: _text(whole).startswith(_text(part)),
}


class OperandError(NotifierError):
    """An operand has another type than its operation; the caller answers as DynamoDB does."""


def is_met(condition: str, item: Item, values: Item) -> bool:
    """Whether an item meets a condition."""
    return _is_met(_parsed(condition), item, values)


def updated(expression: str, item: Item, values: Item) -> Item:
    """Return the item after `SET #a = …, #b = … REMOVE #c`; every right side sees the item as it was."""
    sets, _, removed = expression.removeprefix("SET ").partition(" REMOVE ")
    new = {
        name: _value(_parsed(value), item, values) or {}
        for name, value in re.findall(r"#(\w+) = (.+?)(?:, (?=#\w+ = )|$)", sets)
    }
    gone = re.findall(r"#(\w+)", removed)
    return {name: attribute for name, attribute in {**item, **new}.items() if name not in gone}


@cache
def _parsed(expression: str) -> ast.expr:
    for word, python in _WORDS:
        expression = re.sub(word, python, expression)
    return ast.parse(expression, mode="eval").body


def _is_met(node: ast.expr, item: Item, values: Item) -> bool:
    met, operand = partial(_is_met, item=item, values=values), partial(_value, item=item, values=values)
    match node:
        case ast.BoolOp(operation, parts):
            return (all if isinstance(operation, ast.And) else any)(map(met, parts))
        case ast.Compare(left, [ast.In()], [ast.Tuple(choices)]):
            return any(_compares(eq, operand(left), operand(each)) for each in choices)
        case ast.Compare(left, operators, others):
            operands = [operand(each) for each in (left, *others)]
            pairs = zip(operators, operands, operands[1:], strict=False)
            return all(_compares(_COMPARE[type(each)], first, second) for each, first, second in pairs)
        case ast.Call(ast.Name(name), arguments):
            return _FUNCTIONS[name](*map(operand, arguments))
    raise NotImplementedError(f"the condition {ast.unparse(node)}")


def _value(node: ast.expr, item: Item, values: Item) -> Attribute | None:
    """Return an operand; None for a path that the item does not have."""
    operand = partial(_value, item=item, values=values)
    match node:
        case ast.Name(name) if name.startswith("name_"):
            return item.get(name.removeprefix("name_"))
        case ast.Name(name):
            return values[f":{name.removeprefix('value_')}"]
        case ast.Attribute(outer, name):
            members = cast("Item", (operand(outer) or {}).get("M", {}))
            return members.get(name.removeprefix("name_"))
        case ast.Call(ast.Name("if_not_exists"), [path, default]):
            return operand(path) or operand(default)
        case ast.Call(ast.Name("list_append"), [first, second]):
            return {"L": [*_of("L", operand(first)), *_of("L", operand(second))]}
        case ast.BinOp(left, operation, right):
            sign = 1 if isinstance(operation, ast.Add) else -1
            return {"N": str(Decimal(_of("N", operand(left))) + sign * Decimal(_of("N", operand(right))))}
    raise NotImplementedError(f"the operand {ast.unparse(node)}")


def _compares(compare: Callable[[Any, Any], bool], first: Attribute | None, second: Attribute | None) -> bool:
    """Compare two values of the same type; a missing one, and one of another type, only differ."""
    if first is None or second is None or first.keys() != second.keys():
        return compare is ne
    return compare(*(Decimal(_of("N", each)) if "N" in each else [*each.values()] for each in (first, second)))


def _text(attribute: Attribute | None) -> str:
    return str((attribute or {}).get("S", ""))


def _of(kind: str, attribute: Attribute | None) -> str:
    if attribute is None or kind not in attribute:
        raise OperandError("An operand in the update expression has an incorrect data type")
    return cast("str", attribute[kind])
