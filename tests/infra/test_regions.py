"""A further region forwards Braket's events to the installation's bus in the home region, and does nothing else."""

import json

import pytest

from tests.infra.template import Template

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
