"""The result of a trial on a cloud that refuses actions which a role's policy lacks."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from local.story.stage import NAME, Stage
from security import permission_trials
from security.permission_trials import MET, PermissionTrials
from security.permissions import permissions
from security.template import listed

READ = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "table"}
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": ["queue", "other"]}
POLICY = {"PolicyDocument": {"Statement": [READ, SEND]}, "PolicyName": "policy", "Roles": [{"Ref": "Role"}]}
FUNCTION = {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}
TEMPLATE = {
    "Resources": {
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": POLICY},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION},
    }
}
NOT_READ = "An error occurred (AccessDenied) when calling the GetItem operation: no"


@dataclass
class Cloud:
    """A cloud whose function reads, and sends to one of two queues. It logs a refused read at the given level."""

    level: str
    resources: dict[str, str] = field(default_factory=lambda: {"Role": "role", "Function": "function"})
    policy: dict[str, Any] = field(default_factory=lambda: cast("dict[str, Any]", POLICY["PolicyDocument"]))
    refused: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def client(self, _: str) -> "Cloud":
        return self

    def get_role_policy(self, **_: str) -> dict[str, Any]:
        return {"PolicyDocument": self.policy}

    def put_role_policy(self, *, PolicyDocument: str, **_: str) -> None:  # noqa: N803 - IAM's own name
        self.policy = json.loads(PolicyDocument)

    def update_function_configuration(self, **_: object) -> None:
        pass

    def refusals(self) -> list[str]:
        return [*self.refused]

    def logs(self) -> str:
        return "\n".join(self.lines)

    def may(self, action: str, resource: str) -> bool:
        said = self.policy["Statement"]
        allowed = any(action in listed(each["Action"]) and resource in listed(each["Resource"]) for each in said)
        self.refused += [] if allowed else [f"role {action} {resource}"]
        return allowed

    def attempt(self, *_: object) -> "Cloud":
        self.lines.append('/aws/lambda/function {"level":"ERROR","message":"malformed record"}')
        if not self.may("dynamodb:GetItem", "table"):
            self.lines.append(f'/aws/lambda/function {{"level":"{self.level}","exception":"{NOT_READ}"}}')
        self.sent = self.may("sqs:SendMessage", "queue")
        return self

    def unmet(self, _: object) -> list[str]:
        return [] if self.sent else ["no notification arrives"]


@pytest.mark.parametrize(
    ("level", "action", "resource", "says"),
    [
        ("ERROR", "sqs:SendMessage", "queue", "no notification arrives"),
        ("ERROR", "sqs:SendMessage", "other", ""),  # never used, so not needed
        ("ERROR", "dynamodb:GetItem", "table", MET),
        ("INFO", "dynamodb:GetItem", "table", ""),  # refused without a visible effect
    ],
)
def test_a_permission_is_needed_if_something_fails_or_an_error_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, action: str, resource: str, says: str
) -> None:
    (tmp_path / f"{NAME}.template.json").write_text(json.dumps(TEMPLATE))
    cloud = Cloud(level)
    monkeypatch.setattr(permission_trials, "REFUSAL_S", 0)
    monkeypatch.setattr(permission_trials, "STILL_S", 0)
    monkeypatch.setattr("security.expectations.attempt", cloud.attempt)
    monkeypatch.setattr("security.expectations.tidy", lambda _: None)
    stage = cast("Stage", type("Fake", (), {"cloud": cloud, "stack": cloud}))
    [granted] = [each for each in permissions(tmp_path) if each.words[1:] == (action, resource)]

    assert PermissionTrials(stage, tmp_path).without(granted) == says
    assert cloud.policy == POLICY["PolicyDocument"], "the policy is restored"
