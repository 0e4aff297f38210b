"""What a deployment leaves behind when it is replaced or destroyed."""

from collections.abc import Callable

import pytest

from security.template import name
from tests.infra.template import Template

TABLES = {"StorageSnapshots", "StorageDeliveries"}


@pytest.mark.parametrize(("variant", "kept"), [("shipped", TABLES), ("own-key", {*TABLES, "Key"})])
def test_only_the_tables_and_their_key_outlive_the_stack(
    of_variant: Callable[[str], Template], variant: str, kept: set[str]
) -> None:
    home = of_variant(variant)
    forwarding = home.beside("braket-notifier-eu-north-1")

    assert outliving(home) == kept
    assert outliving(forwarding) == set()


def outliving(template: Template) -> set[str]:
    """CloudFormation deletes what says nothing; an update that replaces a resource asks the second word.

    What was made by a deployment that failed goes with it: else each attempt would leave two tables and a key.
    """
    found = {name(id_): each for id_, each in template.content["Resources"].items()}
    policies = {
        id_: (each.get("DeletionPolicy", "Delete"), each.get("UpdateReplacePolicy", "Delete"))
        for id_, each in found.items()
    }
    kept = {id_ for id_, each in policies.items() if each != ("Delete", "Delete")}
    assert {policies[id_] for id_ in kept} <= {("RetainExceptOnCreate", "Retain")}
    return kept


def test_a_table_has_no_name_of_its_own(template: Template) -> None:
    """Else an installation after a destroyed one would meet the old tables' names."""
    assert not [each for each in template.of("DynamoDB::Table").values() if "TableName" in each]
