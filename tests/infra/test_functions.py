"""The functions of the template: environment, size and log."""

import json
import re
from collections.abc import Callable

import aws_cdk.aws_lambda as lambda_
import pytest

from braket_notifier.settings.python_version import SUPPORTED
from tests.infra.template import Template

METRICS = {
    "POWERTOOLS_METRICS_NAMESPACE": "BraketNotifier/braket-notifier",
    "SETTINGS_VERSION": "SettingsLayer[7]",
}
QUEUES = '{"team-slack":"DeliverteamslackQueue","mail":"DelivermailQueue"}'
UNDELIVERED = "https://sqs.{}.{{AWS::URLSuffix}}/{{AWS::AccountId}}/braket-notifier-undelivered"
FURTHER = ("us-west-1", "us-west-2", "eu-west-2", "eu-north-1")
FORWARDING_QUEUES = json.dumps({each: UNDELIVERED.format(each) for each in FURTHER}, separators=(",", ":"))
RECORDING = {
    "SNAPSHOTS_TABLE": "StorageSnapshots",
    "CHANNEL_QUEUES": QUEUES,
    "ACCOUNT_ID": "{AWS::AccountId}",
    "PARTITION": "aws",
}
ENVIRONMENTS = {
    "Observe": {
        "POWERTOOLS_SERVICE_NAME": "observe",
        "EVENT_SOURCE": "aws.braket",
        "EVENTS_QUEUE_URL": "ObserveQueue",
        "UNDELIVERED_QUEUE_URL": "Undelivered",
        **RECORDING,
    },
    "Sweep": {
        "POWERTOOLS_SERVICE_NAME": "sweep",
        "DELIVERIES_TABLE": "StorageDeliveries",
        "UNDELIVERED_QUEUE_URL": "Undelivered",
        "MAIL_TOPICS": '[["AlarmsTopic",1],["DelivermailTopic",1]]',
        "FORWARDING_QUEUES": FORWARDING_QUEUES,
        **RECORDING,
    },
    "Deliverteamslack": {
        "POWERTOOLS_SERVICE_NAME": "deliver",
        "CHANNEL": "team-slack",
        "CHANNEL_TYPE": "slack",
        "DELIVERIES_TABLE": "StorageDeliveries",
        "SNAPSHOTS_TABLE": "StorageSnapshots",
        "QUEUE_URL": "DeliverteamslackQueue",
        "UNDELIVERED_QUEUE_URL": "Undelivered",
        "SLACK_CHANNEL": "C0EXAMPLE00",
        "SLACK_TOKEN": "ssm:/braket-notifier/slack-token",
        "FALLBACK": '{"mail":"DelivermailQueue"}',
    },
    "Delivermail": {
        "POWERTOOLS_SERVICE_NAME": "deliver",
        "CHANNEL": "mail",
        "CHANNEL_TYPE": "email",
        "DELIVERIES_TABLE": "StorageDeliveries",
        "SNAPSHOTS_TABLE": "StorageSnapshots",
        "QUEUE_URL": "DelivermailQueue",
        "UNDELIVERED_QUEUE_URL": "Undelivered",
        "TOPIC_ARN": "DelivermailTopic",
        "FALLBACK": '{"team-slack":"DeliverteamslackQueue"}',
    },
}
BOARD = {
    "POWERTOOLS_SERVICE_NAME": "board",
    "SNAPSHOTS_TABLE": "StorageSnapshots",
    "UNDELIVERED_QUEUE_URL": "Undelivered",
}


@pytest.mark.parametrize(("function", "environment"), ENVIRONMENTS.items(), ids=ENVIRONMENTS)
def test_the_environment_has_only_names(template: Template, function: str, environment: dict[str, str]) -> None:
    assert template.environment(function) == METRICS | environment


def test_the_board_knows_the_table_and_the_net_and_no_channel(of_variant: Callable[[str], Template]) -> None:
    with_board = of_variant("alarms")

    assert with_board.environment("Board") == METRICS | BOARD
    assert with_board.of("Lambda::Function")["BoardFunction"]["Handler"] == "board.lambda_handler"
    assert not with_board.of("Lambda::Url")


def test_the_template_has_no_other_functions(template: Template) -> None:
    """CDK may add functions of its own, with roles of their own."""
    assert template.of("Lambda::Function").keys() == {f"{each}Function" for each in ENVIRONMENTS}


def test_all_functions_are_alike_but_for_their_entry(template: Template) -> None:
    functions = template.of("Lambda::Function")

    assert {name: each["Handler"] for name, each in functions.items()} == {
        "ObserveFunction": "observe.lambda_handler",
        "SweepFunction": "sweep.lambda_handler",
        "DeliverteamslackFunction": "deliver.lambda_handler",
        "DelivermailFunction": "deliver.lambda_handler",
    }
    for function in functions.values():
        assert function["Architectures"] == ["arm64"]
        assert function["MemorySize"] == 1024
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert template.read(function["Layers"]) == ["Dependencies"]
    assert len({json.dumps(each["Code"]) for each in functions.values()}) == 1


def test_the_newest_python_is_the_newest_that_cdk_knows() -> None:
    known = [re.fullmatch(r"PYTHON_(\d+)_(\d+)", each) for each in dir(lambda_.Runtime)]
    newest = max((int(each[1]), int(each[2])) for each in known if each)

    assert "{}.{}".format(*newest) == SUPPORTED[-1]


@pytest.mark.parametrize(("variant", "python"), [("shipped", "3.14"), ("own-key", "3.13")])
def test_functions_and_layer_have_the_python_of_the_settings_or_of_the_machine(
    of_variant: Callable[[str], Template], variant: str, python: str
) -> None:
    template = of_variant(variant)
    runtimes = {each["Runtime"] for each in template.of("Lambda::Function").values()}
    layer = template.of("Lambda::LayerVersion")["Dependencies"]

    assert runtimes == {f"python{python}"}
    assert template.content["Outputs"]["Python"]["Value"] == python
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (list(runtimes), ["arm64"])


def test_every_function_logs_for_thirty_days_into_its_own_group(template: Template) -> None:
    groups = template.of("Logs::LogGroup")
    for function in template.of("Lambda::Function").values():
        group = groups.pop(template.read(function["LoggingConfig"]["LogGroup"]))
        assert group == {"LogGroupName": f"/aws/lambda/{function['FunctionName']}", "RetentionInDays": 30}

    assert not groups


def test_a_function_may_invoke_itself_only_by_the_queue_that_it_sends_to(template: Template) -> None:
    """Lambda stops a function after about 16 rounds by its own queue, unless the function allows them."""
    allowed = {name for name, each in template.of("Lambda::Function").items() if "RecursiveLoop" in each}
    sending = {
        name
        for mapping, _, _ in template.consumed()
        for name in [template.read(mapping["FunctionName"])]
        if "sqs:SendMessage"
        in template.grants(name.removesuffix("Function")).get(template.read(mapping["EventSourceArn"]), set())
    }

    assert allowed == sending == {"DelivermailFunction", "DeliverteamslackFunction"}
    assert {template.of("Lambda::Function")[name]["RecursiveLoop"] for name in allowed} == {"Allow"}
