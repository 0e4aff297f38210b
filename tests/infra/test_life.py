"""Resources that outlive a replaced or destroyed stack."""

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
    """The resources that CloudFormation keeps after a deletion or a replacement; without a policy it deletes them.

    A failed first deployment deletes them too; otherwise each attempt would leave two tables and a key.
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
    """Otherwise a new installation after a destroyed one would collide with the old tables."""
    assert not [each for each in template.of("DynamoDB::Table").values() if "TableName" in each]
