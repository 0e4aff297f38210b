"""The tables of a template, and the changes of tables that no deployment can make in place."""

from collections.abc import Iterator, Mapping
from typing import Any

Table = Mapping[str, Any]


def tables(template: Mapping[str, Any]) -> dict[str, Table]:
    """The keys and indexes of each table by its logical id, because another id would be another table."""
    found = {id_: each["Properties"] for id_, each in template["Resources"].items() if "DynamoDB" in each["Type"]}
    return {
        id_: {
            "key": _key(each),
            "indexes": {index["IndexName"]: _index(index) for index in each.get("GlobalSecondaryIndexes", ())},
        }
        for id_, each in found.items()
    }


def _key(table: Table) -> list[str]:
    return [each["AttributeName"] for each in table["KeySchema"]]


def _index(index: Table) -> Table:
    projection = index["Projection"]
    return {
        "key": _key(index),
        "attributes": sorted(projection.get("NonKeyAttributes", [])) or projection["ProjectionType"],
    }


def refused(before: Mapping[str, Table], after: Mapping[str, Table]) -> Iterator[str]:
    """A sentence for each change that DynamoDB refuses or that CloudFormation makes by a new, empty table."""
    for id_, old in before.items():
        new = after.get(id_)
        if new is None:
            yield f"{id_} is missing"
            continue
        if old["key"] != new["key"]:
            yield f"{id_} has another key, so its rows stay behind in the old table"
        was, is_ = old["indexes"], new["indexes"]
        if len(was.keys() ^ is_.keys()) > 1:
            yield f"{id_} changes more than one index: {', '.join(sorted(was.keys() ^ is_.keys()))}"
        for name in sorted(was.keys() & is_.keys()):
            if was[name] != is_[name]:
                yield f"{id_} changes the index {name}, whose key and attributes are fixed: name a new one"
