"""The list of all statements, which shows every change, and the rights that no role may have."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.key import PRODUCERS, USE
from security.deny import DENIED, DENIED_ROWS, allowed_though_denied, refused_though_granted
from security.golden import listed, listing
from security.statements import statements
from security.variants import VARIANTS
from tests.infra.template import Template

Golden = Callable[[Path, str], None]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_statement_is_listed(of_variant: Callable[[str], Template], golden: Golden, variant: str) -> None:
    golden(listed(variant), listing(of_variant(variant).assembly))


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_role_has_a_denied_right(of_variant: Callable[[str], Template], variant: str) -> None:
    assert len(DENIED) >= 30
    assert list(allowed_though_denied(of_variant(variant).content)) == []
    assert list(refused_though_granted(of_variant(variant).content)) == []


@pytest.mark.parametrize("denied", [*DENIED, *DENIED_ROWS])
def test_the_check_detects_a_granted_denied_action(
    of_variant: Callable[[str], Template], denied: tuple[str, ...]
) -> None:
    """The variant with the role; a Deny that outweighs the grant is taken away."""
    role, action, resource, *row = denied
    of_service = role.startswith(("Deliverchat", "Deliverhook", "Deliverevents"))
    content = copy.deepcopy(of_variant("services" if of_service else "alarms").content)
    [policy] = [
        each["Properties"]["PolicyDocument"]
        for id_, each in content["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and id_.startswith(role.replace("*", "Observe", role == "*").rstrip("*"))
    ][:1]
    granted = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy["Statement"] = [*(each for each in policy["Statement"] if each["Effect"] == "Allow"), granted]

    found = list(allowed_though_denied(content))

    assert f"may {action} on {resource}{' with the key ' if row else ''}{' '.join(row)}" in " ".join(found)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_statement_without_its_condition_on_rows_is_detected(
    of_variant: Callable[[str], Template], effect: str
) -> None:
    """An Allow without it opens the rows of every channel, a Deny without it closes the whole table."""
    content = copy.deepcopy(of_variant("alarms").content)
    for each in content["Resources"].values():
        for said in each["Properties"]["PolicyDocument"]["Statement"] if each["Type"] == "AWS::IAM::Policy" else ():
            if said["Effect"] == effect:
                said.pop("Condition", None)

    opened, closed = list(allowed_though_denied(content)), list(refused_though_granted(content))

    mine = [each for each in opened if each.startswith("DelivermailRole") and "team-slack#" in each]
    assert (len(mine) > 2, bool(closed)) == (effect == "Allow", effect == "Deny")


def test_a_wildcard_grants_the_actions_that_it_covers(template: Template) -> None:
    content = copy.deepcopy(template.content)
    role = next(
        each for each in statements(content) if each.of == "SweepRole" and "dynamodb:UpdateItem" in each.actions
    )

    assert role.covers("dynamodb:updateitem", "StorageSnapshots.Arn")  # IAM reads actions in any case
    assert not role.covers("dynamodb:UpdateItem", "StorageDeliveries.Arn")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_service_principal_may_act_for_one_resource_of_this_account(
    of_variant: Callable[[str], Template], variant: str
) -> None:
    """Lambda is exempt, because it passes a role only to functions of its own account, without a condition key.

    A key's policy cannot name sources, because the key exists before the rules, topics and alarms that use it.
    """
    home = of_variant(variant)
    found = statements(home.content) + statements(home.beside("braket-notifier-eu-north-1").content)
    served = [each for each in found if any(who.endswith(".amazonaws.com") for who in each.principals)]

    assert {each.principals for each in served if not each.condition} == {("lambda.amazonaws.com",)}
    assert {each.of for each in served if each.condition and "aws:SourceArn" not in each.condition} <= {"Key"}
    assert all("aws:SourceAccount" in each.condition for each in served if each.of == "Key")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_wildcard_stands_only_for_resources_without_a_known_name(
    of_variant: Callable[[str], Template], variant: str
) -> None:
    wild = {
        resource
        for each in statements(of_variant(variant).content)
        for resource in each.resources
        if each.effect == "Allow" and not each.principals and "*" in resource
    }

    braket = "arn:aws:braket:*:{AWS::AccountId}"
    lab = "arn:aws:s3:::amazon-braket-lab/*"
    results = {f"{lab}/results.json", f"{lab}/metadata.json"} if variant == "read-results" else set()
    assert wild == {"*", f"{braket}:quantum-task/*", f"{braket}:job/*", "arn:aws:braket:*:*:device/*"} | results


def test_the_key_policy_gives_each_producer_only_the_rights_to_send(of_variant: Callable[[str], Template]) -> None:
    """CDK's own grants would add kms:Encrypt and two wildcards."""
    of_key = [each for each in statements(of_variant("own-key").content) if each.of == "Key"]
    may = {(who, *each.actions) for each in of_key for who in each.principals}

    account = ("arn:aws:iam::{AWS::AccountId}:root", "kms:*")
    assert may == {account, *((each, *USE) for each in PRODUCERS)}
