"""The template's resources for topics and handlers, and refused rights of handlers."""

import json
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import read_settings
from tests.infra.template import Synth, Template

SETTINGS = """
name = "lab"
home = "eu-north-1"
regions = ["eu-north-1"]

[channels.machines]
type = "topic"

[channels.plain]
type = "handler"

[channels.copy-results]
type = "handler"
timeout = "5m"
secret = "ssm:/lab/elsewhere"
job_role = "arn:aws:iam::111122223333:role/service-role/Jobs"
permissions = [
    { actions = ["s3:GetObject", "s3:List*"], resources = ["arn:aws:s3:::amazon-braket-*"] },
    { actions = ["s3:PutObject"], resources = ["arn:aws:s3:::archive/*"] },
]

[channels.chat]
type = "handler"
digest = true

[[routes]]
to = ["machines", "plain", "copy-results", "chat"]
"""
HANDLE = "def handle(transition):\n    pass\n"

#: Rights of every function that delivers.
DELIVERS: dict[str, set[str]] = {
    "*": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
    "StorageDeliveries.Arn": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
    "StorageSnapshots.Arn": {"dynamodb:GetItem"},
    "Undelivered.Arn": {"sqs:SendMessage"},
}


@pytest.fixture(scope="module")
def lab(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    place = tmp_path_factory.mktemp("lab")
    (place / "lab.toml").write_text(SETTINGS)
    (place / "custom").mkdir()
    for name in ("plain.py", "copy_results.py"):
        (place / "custom" / name).write_text(HANDLE)
    (place / "custom" / "chat.py").write_text("def handle(transition, message):\n    pass\n")
    (place / "custom" / "copy_results.requirements.txt").write_text("rich==15.0.0\n")
    return synthesised(place / "lab.toml", custom=place / "custom")


def test_a_handler_has_a_queue_a_function_and_a_role_of_its_own(lab: Template) -> None:
    functions, queues = lab.of("Lambda::Function"), lab.of("SQS::Queue")
    mappings = {lab.read(each["FunctionName"]): each for each in lab.of("Lambda::EventSourceMapping").values()}

    for name in ("Deliverplain", "Delivercopyresults"):
        mapping = mappings[f"{name}Function"]
        assert lab.read(mapping["EventSourceArn"]) == f"{name}Queue.Arn"
        assert (mapping["BatchSize"], mapping.get("MaximumBatchingWindowInSeconds")) == (1, None)
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
        assert lab.read(queues[f"{name}Queue"]["RedrivePolicy"])["deadLetterTargetArn"] == "Undelivered.Arn"
        assert lab.read(functions[f"{name}Function"]["Role"]) == f"{name}Role.Arn"


def test_a_handler_with_digests_is_deployed_as_a_channel_for_people(lab: Template) -> None:
    environment, function = lab.environment("Deliverchat"), lab.of("Lambda::Function")["DeliverchatFunction"]
    mappings = {lab.read(each["FunctionName"]): each for each in lab.of("Lambda::EventSourceMapping").values()}
    mapping = mappings["DeliverchatFunction"]
    allowed = _allowed(statements(lab, "Deliverchat"))

    assert (environment["CHANNEL_TYPE"], environment["HANDLER"]) == ("digest-handler", "chat")
    assert (function["Timeout"], environment["LEASE_S"]) == (120, "130")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 2)
    assert environment["SNAPSHOTS_TABLE"]
    assert "dynamodb:Query" in allowed["StorageDeliveries.Arn"]
    assert "sqs:SendMessage" in allowed["DeliverchatQueue.Arn"]


def test_a_claim_outlasts_the_handlers_function(lab: Template) -> None:
    """Otherwise another delivery would call the handler while it runs."""
    functions = lab.of("Lambda::Function")
    times = {
        name: (functions[f"{name}Function"]["Timeout"], int(lab.environment(name)["LEASE_S"]))
        for name in ("Deliverplain", "Delivercopyresults")
    }

    assert times == {"Deliverplain": (60, 70), "Delivercopyresults": (300, 310)}


def test_a_handlers_environment_names_its_file(lab: Template) -> None:
    environment = lab.environment("Delivercopyresults")

    assert (environment["CHANNEL"], environment["CHANNEL_TYPE"]) == ("copy-results", "handler")
    assert environment["HANDLER"] == "copy_results"


def test_the_topic_takes_ten_at_once_and_waits_for_none(lab: Template) -> None:
    [mapping] = [
        each
        for each in lab.of("Lambda::EventSourceMapping").values()
        if lab.read(each["FunctionName"]) == "DelivermachinesFunction"
    ]

    assert (mapping["BatchSize"], mapping.get("MaximumBatchingWindowInSeconds")) == (10, None)
    assert lab.environment("Delivermachines")["TOPIC_ARN"] == "DelivermachinesTopic"
    assert lab.of("SNS::Topic")["DelivermachinesTopic"]["TopicName"] == "lab-deliver-machines"
    assert not lab.of("SNS::Subscription")


def statements(template: Template, function: str) -> list[Any]:
    [policy] = [
        each for each in template.of("IAM::Policy").values() if template.read(each["Roles"]) == [f"{function}Role"]
    ]
    found: list[Any] = template.read(policy["PolicyDocument"]["Statement"])
    return found


def test_a_handler_has_only_the_rights_of_the_settings(lab: Template) -> None:
    passing = {
        "Action": "iam:PassRole",
        "Condition": {"StringEquals": {"iam:PassedToService": "braket.amazonaws.com"}},
        "Effect": "Allow",
        "Resource": "arn:aws:iam::111122223333:role/service-role/Jobs",
    }
    secret = "arn:aws:ssm:eu-north-1:{AWS::AccountId}:parameter/lab/elsewhere"

    own = statements(lab, "Delivercopyresults")
    assert passing in own
    assert _allowed([each for each in own if each != passing]) == {
        **_common("Delivercopyresults"),
        "arn:aws:s3:::amazon-braket-*": {"s3:GetObject", "s3:List*"},
        "arn:aws:s3:::archive/*": {"s3:PutObject"},
        secret: {"ssm:GetParameter"},
    }
    assert _allowed(statements(lab, "Deliverplain")) == _common("Deliverplain")


def _common(name: str) -> dict[str, set[str]]:
    consume = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
    log = {"logs:CreateLogStream", "logs:PutLogEvents"}
    return {**DELIVERS, f"{name}Log.Arn": log, f"{name}Queue.Arn": consume}


def _allowed(found: list[Any]) -> dict[str, set[str]]:
    allowed: dict[str, set[str]] = {}
    for each in (each for each in found if each["Effect"] == "Allow"):
        for resource in each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]:
            actions = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
            allowed.setdefault(resource, set()).update(actions)
    return allowed


def test_a_handlers_own_dependencies_burden_no_other_function(lab: Template) -> None:
    layers = {name: lab.read(each["Layers"]) for name, each in lab.of("Lambda::Function").items()}
    own = layers.pop("DelivercopyresultsFunction")

    assert own == ["Dependencies", "DelivercopyresultsDependencies"]
    assert set(map(tuple, layers.values())) == {("Dependencies",)}
    assert len({json.dumps(each["Code"]) for each in lab.of("Lambda::Function").values()}) == 1


def test_the_code_holds_the_handlers_and_not_their_requirements(lab: Template) -> None:
    [code] = [path.parent for path in lab.assembly.glob("asset.*/settings.json")]

    assert sorted(path.name for path in (code / "custom").iterdir()) == ["chat.py", "copy_results.py", "plain.py"]


REFUSED = [
    ("actions", '["*"]'),
    ("actions", '["s3:*"]'),
    ("actions", '["iam:PassRole"]'),
    ("actions", '["IAM:PassRole"]'),
    ("actions", '["iam:*"]'),
    ("actions", '["sts:AssumeRole"]'),
    ("actions", '["sts:*"]'),
    ("actions", '["s*:GetObject"]'),
    ("actions", '["s3:GetObject", "sts:Get*"]'),
    ("resources", '["my-bucket"]'),
]


@pytest.mark.parametrize(("key", "value"), REFUSED)
def test_rights_that_would_give_all_rights_are_refused(tmp_path: Path, key: str, value: str) -> None:
    kept = {"actions": '["s3:GetObject"]', "resources": '["arn:aws:s3:::b/*"]'} | {key: value}
    statement = ", ".join(f"{name} = {each}" for name, each in kept.items())
    plain = '[channels.plain]\ntype = "handler"\n'
    (tmp_path / "lab.toml").write_text(SETTINGS.replace(plain, f"{plain}permissions = [{{ {statement} }}]\n"))

    with pytest.raises(SettingsError, match=rf"channels\.plain\.permissions\S*{key}"):
        read_settings(tmp_path / "lab.toml")
