"""A further region forwards Braket's events to the installation's bus in the home region, and does nothing else."""

import json
from pathlib import Path

import pytest

from braket_notifier.cli.setup.further_regions import OF_TYPES, rows
from infra.asset import ROOT
from tests.infra.template import Synth, Template

SHIPPED, PERMISSIONS = ROOT / "notifier.toml", ROOT / "docs" / "permissions.md"
CDK_QUALIFIER = "hnb659fds"
#: Bytes of a template that CDK sends without a bucket (LARGE_TEMPLATE_SIZE_KB in its deployments).
INLINE = 50 * 1024
FURTHER = ["us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]
HOME_BUS = "arn:aws:events:us-east-1:{AWS::AccountId}:event-bus/braket-notifier"


@pytest.mark.parametrize("region", FURTHER)
def test_a_further_region_forwards_brakets_two_kinds_of_status_change_home(template: Template, region: str) -> None:
    forwarding = template.beside(f"braket-notifier-{region}")
    [rule] = [forwarding.read(each) for each in forwarding.of("Events::Rule").values()]

    assert "EventBusName" not in rule  # AWS services send to the default bus
    assert rule["EventPattern"] == template.read(template.of("Events::Rule")["ObserveForwarded"])["EventPattern"]
    [target] = rule["Targets"]
    assert (target["Arn"], target["DeadLetterConfig"]) == (HOME_BUS, {"Arn": "Undelivered.Arn"})


def test_regions_forward_to_the_bus_of_the_home_stack(template: Template) -> None:
    assert template.of("Events::EventBus") == {"ObserveBus": {"Name": "braket-notifier"}}


def test_a_forwarding_role_may_put_events_on_that_bus_and_nothing_else(template: Template) -> None:
    forwarding = template.beside("braket-notifier-eu-north-1")
    [role] = forwarding.of("IAM::Role")

    assert forwarding.allowed(role) == {HOME_BUS: {"events:PutEvents"}}


def test_a_further_region_has_a_rule_its_role_and_a_queue_of_refused_events(template: Template) -> None:
    forwarding = template.beside("braket-notifier-eu-north-1")

    assert sorted(each["Type"] for each in forwarding.content["Resources"].values()) == [
        "AWS::Events::Rule",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    ]


def test_the_sweep_may_only_count_the_events_refused_in_further_regions(template: Template) -> None:
    there = [f"arn:aws:sqs:{each}:{{AWS::AccountId}}:braket-notifier-undelivered" for each in FURTHER]
    [queue] = template.beside("braket-notifier-eu-north-1").of("SQS::Queue").values()
    grants = template.grants("Sweep")

    assert [grants[each] for each in there] == [{"sqs:GetQueueAttributes"}] * len(there)
    assert queue["QueueName"] == "braket-notifier-undelivered"


def test_each_stack_goes_into_its_region_after_the_home_stack(template: Template) -> None:
    artifacts = json.loads((template.assembly / "manifest.json").read_text())["artifacts"]
    stacks = {name: each for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"}

    assert {name: each["environment"] for name, each in stacks.items()} == {
        "braket-notifier": "aws://unknown-account/us-east-1",
        **{f"braket-notifier-{region}": f"aws://unknown-account/{region}" for region in FURTHER},
    }
    assert all("braket-notifier" in stacks[f"braket-notifier-{region}"]["dependencies"] for region in FURTHER)


def test_the_permissions_page_lists_the_rights_for_each_type_of_a_forwarding_stack(template: Template) -> None:
    forwarding = template.beside("braket-notifier-eu-north-1").content["Resources"].values()
    types = {each["Type"] for each in forwarding}

    assert types == OF_TYPES.keys(), "CloudFormation uses the caller's rights there"
    assert "\n".join(rows()) in PERMISSIONS.read_text(encoding="utf-8"), "braket_notifier/cli/setup/further_regions.py"


@pytest.mark.parametrize("region", FURTHER)
def test_a_forwarding_stack_names_no_role_no_asset_and_no_bootstrap(template: Template, region: str) -> None:
    """So the stock CDK deploys it into a region that was never bootstrapped, with the caller's own rights."""
    name = f"braket-notifier-{region}"
    manifest = (template.assembly / "manifest.json").read_text()
    artifact = json.loads(manifest)["artifacts"][name]
    written = (template.assembly / f"{name}.template.json").read_text()

    assert artifact["properties"].keys() == {"templateFile", "terminationProtection", "tags", "validateOnSynth"}
    assert artifact["dependencies"] == ["braket-notifier"], "no asset"
    assert f"{name}.assets" not in json.loads(manifest)["artifacts"]
    assert f"cdk-{CDK_QUALIFIER}" not in json.dumps(artifact) + written
    assert template.beside(name).content.keys() == {"Description", "Resources"}, "no parameter or rule of a bootstrap"
    assert len(written.encode()) < INLINE, "CDK sends a larger template through the bootstrap's bucket"


def test_only_the_home_stack_names_the_bootstrap(template: Template) -> None:
    artifact = json.loads((template.assembly / "manifest.json").read_text())["artifacts"]["braket-notifier"]

    assert f"cdk-{CDK_QUALIFIER}-deploy-role" in artifact["properties"]["assumeRoleArn"]


def test_every_stack_names_the_bootstrap_where_the_settings_ask_for_it(synthesised: Synth, tmp_path: Path) -> None:
    settings = tmp_path / "notifier.toml"
    settings.write_text('bootstrap = "every-region"\n' + SHIPPED.read_text())

    home = synthesised(settings)

    artifacts = json.loads((home.assembly / "manifest.json").read_text())["artifacts"].values()
    stacks = [each["properties"] for each in artifacts if each["type"] == "aws:cloudformation:stack"]
    assert ["assumeRoleArn" in each for each in stacks] == [True] * 5
    assert "BootstrapVersion" in home.beside("braket-notifier-eu-north-1").content["Parameters"]
