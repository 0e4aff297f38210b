"""The granted permissions, a policy without one permission, and the page that lists each."""

import json
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.settings.notifier_toml import read_settings
from security import scenario
from security.permissions import Permission, permissions, place, policy_without, read, reason, written
from security.permissions_page import MARK, page
from security.template import listed

QUEUES = [{"Fn::GetAtt": ["OneAAAAAAAA", "Arn"]}, {"Fn::GetAtt": ["OtherBBBBBBBB", "Arn"]}]
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUES}
READ = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "table"}
POLICY = {
    "Type": "AWS::IAM::Policy",
    "Properties": {"PolicyDocument": {"Statement": [SEND, READ]}, "Roles": [{"Ref": "ObserveRoleCCCCCCCC"}]},
}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    (tmp_path / "lab.template.json").write_text(json.dumps({"Resources": {"PolicyDDDDDDDD": POLICY}}))
    return tmp_path


def test_each_action_on_each_resource_is_a_permission(assembly: Path) -> None:
    assert [each.words for each in permissions(assembly)] == [
        ("Observe", "sqs:SendMessage", "One.Arn"),
        ("Observe", "sqs:SendMessage", "Other.Arn"),
        ("Observe", "dynamodb:GetItem", "table"),
        ("Observe", "dynamodb:Query", "table"),
    ]


def test_a_policy_loses_one_permission_and_no_other(assembly: Path) -> None:
    template = {"Resources": {"PolicyDDDDDDDD": POLICY}}
    deployed: dict[str, Any] = {"Statement": [{**SEND, "Resource": ["arn:1", "arn:2"]}, READ]}

    for granted in permissions(assembly):
        left = policy_without(deployed, granted.statement, granted.action, place(template, granted))

        assert may(left) == may(deployed) - {(granted.action, concrete(granted))}


def concrete(granted: Permission) -> str:
    return {"One.Arn": "arn:1", "Other.Arn": "arn:2"}.get(granted.words[2], "table")


def may(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for said in document["Statement"]
        for action in listed(said["Action"])
        for resource in listed(said["Resource"])
    }


@pytest.mark.parametrize("own_key", [False, True])
def test_the_settings_of_the_trials_have_every_channel_of_the_scenario(tmp_path: Path, *, own_key: bool) -> None:
    path, custom = scenario.settings(tmp_path, own_key=own_key)

    assert set(read_settings(path).channels) == set(scenario.CHANNELS)
    assert [each.stem for each in custom.iterdir()] == ["hello"]


def test_the_verdicts_can_be_read_back(assembly: Path) -> None:
    one, other, *_ = [each.words for each in permissions(assembly)]
    verdicts = {one: "not met: this", other: "a reason"}

    assert read(written(verdicts)) == verdicts


#: Verdicts on the rights of two roles, the first of which sends to a channel.
QUERY = "dynamodb:Query"
VERDICTS = {
    ("Deliverteamslack", QUERY, "StorageDeliveries.Arn"): "team-slack misses one; team-slack misses other",
    ("Deliverteamslack", QUERY, "StorageSnapshots.Arn/index/parent"): "team-slack misses one",
    ("Observe", QUERY, "StorageSnapshots.Arn/index/parent"): "team-slack misses one; hello misses one; x is lost",
    ("Observe", "xray:PutTraceSegments", "*"): "a reason",
    ("Sweep", "xray:PutTraceSegments", "*"): "a reason",
}


def test_the_page_has_a_row_for_each_role_and_action_in_plain_words() -> None:
    text = f"before\n\n{MARK}\n\n| old |\n\nbetween\n\n{MARK}\n\n| old |\n\nafter\n"

    shown = page(text, VERDICTS)

    assert page(shown, VERDICTS) == shown
    assert shown.splitlines() == [
        *("before", "", MARK, ""),
        *("| role of | action | on | without it |", "|---|---|---|---|"),
        (
            f"| `deliver-team-slack` | `{QUERY}` | table `deliveries`; index `parent` of `snapshots` | "
            "table `deliveries`: `team-slack` misses every message<br>"
            "index `parent` of `snapshots`: `team-slack` misses one |"
        ),
        f"| `observe` | `{QUERY}` | index `parent` of `snapshots` | `team-slack` and `hello` miss one; x is lost |",
        *("", "between", "", MARK, ""),
        *("| action | on | roles of | why it is granted |", "|---|---|---|---|"),
        "| `xray:PutTraceSegments` | `*` | `observe`, `sweep` | a reason |",
        *("", "after"),
    ]


def test_a_right_of_a_service_that_the_local_cloud_lacks_has_its_reason() -> None:
    assert reason(("Observe", "xray:PutTraceSegments", "*")).startswith("Lambda's active tracing")
    assert reason(("Observe", QUERY, "StorageSnapshots.Arn")) == ""


def test_an_assembly_without_a_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no template"):
        permissions(tmp_path)
