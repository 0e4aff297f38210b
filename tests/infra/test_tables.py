"""An upgrade from the last release changes no table in a way that DynamoDB refuses."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.asset import ROOT
from tests.infra.table_updates import refused, tables
from tests.infra.template import Template

Golden = Callable[[Path, str], None]
Tables = dict[str, Any]
RELEASED = Path(__file__).with_name("released_tables.json")
NO_RELEASE = "none"


def test_the_listed_tables_are_those_of_the_last_release(template: Template, golden: Golden) -> None:
    """Before the first release every change is listed. Afterwards only a release is."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    last = found[1] if found else NO_RELEASE

    if last == NO_RELEASE or last != json.loads(RELEASED.read_text())["release"]:
        golden(RELEASED, f"{json.dumps({'release': last, 'tables': tables(template.content)}, indent=1)}\n")


def test_an_upgrade_from_the_last_release_makes_no_refused_change(template: Template) -> None:
    released = _released()

    assert len(released) == 2
    assert list(refused(released, tables(template.content))) == []


def _add(table: Tables, *names: str) -> Tables:
    table["indexes"] |= {name: {"key": [name], "attributes": "KEYS_ONLY"} for name in names}
    return table


CHANGES: dict[str, tuple[Callable[[Tables], object], list[str]]] = {
    "nothing": (lambda _: None, []),
    "one index more": (lambda table: _add(table, "new"), []),
    "one index less": (lambda table: table["indexes"].pop("work"), []),
    # DynamoDB creates or deletes one index per update.
    "two indexes more": (lambda table: _add(table, "a", "b"), ["changes more than one index: a, b"]),
    "one index in place of another": (
        lambda table: (table["indexes"].pop("work"), _add(table, "new")),
        ["changes more than one index: new, work"],
    ),
    # DynamoDB changes neither the key nor the projection of an index.
    "another projection": (
        lambda table: table["indexes"]["work"].update(attributes="ALL"),
        ["changes the index work, whose key and attributes are fixed: name a new one"],
    ),
    "another key of an index": (
        lambda table: table["indexes"]["work"].update(key=["work", "rank"]),
        ["changes the index work, whose key and attributes are fixed: name a new one"],
    ),
    # CloudFormation replaces the table.
    "another key of the table": (
        lambda table: table.update(key=["arn", "status"]),
        ["has another key, so its rows stay behind in the old table"],
    ),
}


@pytest.mark.parametrize(("change", "sentences"), CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_table_is_refused_with_its_reason(
    change: Callable[[Tables], object], sentences: list[str]
) -> None:
    after = copy.deepcopy(_released())
    [snapshots] = [id_ for id_ in after if id_.startswith("StorageSnapshots")]

    change(after[snapshots])

    assert list(refused(_released(), after)) == [f"{snapshots} {sentence}" for sentence in sentences]


def test_a_table_with_another_logical_id_counts_as_missing() -> None:
    [gone, other] = _released()

    assert list(refused(_released(), {other: _released()[other]})) == [f"{gone} is missing"]


def _released() -> dict[str, Tables]:
    return dict(json.loads(RELEASED.read_text())["tables"])
