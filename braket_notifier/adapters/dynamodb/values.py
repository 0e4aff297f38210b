"""Convert plain values to DynamoDB's attribute values and back.

boto3's converter is not used, because importing it loads S3's transfers, a fifth of a function's cold start.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


def to_attribute(value: object) -> "AttributeValueTypeDef":
    """Convert a value; raises TypeError for every other type, like a float."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, list):
        return {"L": [to_attribute(each) for each in value]}
    if isinstance(value, Mapping):
        return {"M": {name: to_attribute(each) for name, each in value.items()}}
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}: {value!r}")


def seconds(at: datetime) -> Decimal:
    """Return the seconds since 1970, exact to a millisecond."""
    return Decimal(str(round(at.timestamp(), 3)))


def from_attribute(attribute: "AttributeValueTypeDef") -> object:
    """Convert an attribute value back; each number becomes a Decimal."""
    [(kind, value)] = cast("Mapping[str, object]", attribute).items()
    if kind == "NULL":
        return None
    if kind == "N":
        return Decimal(cast("str", value))
    if kind == "L":
        return [from_attribute(each) for each in cast("list[AttributeValueTypeDef]", value)]
    if kind == "M":
        return {name: from_attribute(each) for name, each in cast("dict[str, AttributeValueTypeDef]", value).items()}
    return value
