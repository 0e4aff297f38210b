"""Who may do what: the whole list, so that a statement more or less is seen; and what nobody may ever do."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security.deny import DENIED, allowed_though_denied
from security.golden import listed, listing
from security.statements import statements
from security.variants import VARIANTS
from tests.infra.template import Template

Golden = Callable[[Path, str], None]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_statement_is_listed(of_variant: Callable[[str], Template], golden: Golden, variant: str) -> None:
    golden(listed(variant), listing(of_variant(variant).assembly))


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_role_may_do_what_is_denied(of_variant: Callable[[str], Template], variant: str) -> None:
    assert len(DENIED) >= 30
    assert list(allowed_though_denied(of_variant(variant).content)) == []


@pytest.mark.parametrize(("role", "action", "resource"), DENIED)
def test_a_denied_action_is_seen_once_it_is_granted(
    of_variant: Callable[[str], Template], role: str, action: str, resource: str
) -> None:
    """The variant with everything that has a role."""
    content = copy.deepcopy(of_variant("alarms").content)
    [policy] = [
        each["Properties"]
        for id_, each in content["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and id_.startswith(role.replace("*", "Observe", role == "*").rstrip("*"))
    ][:1]
    policy["PolicyDocument"]["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})

    [found] = allowed_though_denied(content)

    assert f"may {action} on {resource}" in found


def test_a_wildcard_grants_what_it_covers(template: Template) -> None:
    content = copy.deepcopy(template.content)
    role = next(
        each for each in statements(content) if each.of == "SweepRole" and "dynamodb:UpdateItem" in each.actions
    )

    assert role.covers("dynamodb:updateitem", "StorageSnapshots.Arn")  # IAM reads actions in any case
    assert not role.covers("dynamodb:UpdateItem", "StorageDeliveries.Arn")


def test_a_service_s_role_is_for_this_account_only(template: Template) -> None:
    """Lambda alone hands a role only to functions of its own account, and gives no condition key to say so."""
    forwarding = template.beside("braket-notifier-eu-north-1").content
    trusts = [
        each for each in statements(template.content) + statements(forwarding) if "sts:AssumeRole" in each.actions
    ]

    assert {each.principals for each in trusts if not each.condition} == {("lambda.amazonaws.com",)}
    assert {each.principals for each in trusts if "aws:SourceAccount" in each.condition} == {
        ("scheduler.amazonaws.com",),
        ("events.amazonaws.com",),
    }


def test_cdk_is_told_to_let_no_foreign_rule_send_to_our_queues(template: Template) -> None:
    """CDK leaves the condition out by default, for queues with a key of their own."""
    manifest = json.loads((template.assembly / "manifest.json").read_text())
    flags = manifest["artifacts"]["aws-cdk-lib/feature-flag-report"]["properties"]["flags"]

    assert flags["@aws-cdk/aws-events:eventsTargetQueueSameAccount"]["userValue"] is True
