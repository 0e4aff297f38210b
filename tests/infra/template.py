"""A synthesised template in readable words."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Template:
    """A synthesised template, and the folder of the assembly that it lies in."""

    assembly: Path
    content: dict[str, Any]

    def beside(self, stack: str) -> "Template":
        """Another stack's template of the same assembly."""
        return Template(self.assembly, json.loads((self.assembly / f"{stack}.template.json").read_text()))

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a kind, under readable names."""
        resources = self.content["Resources"].items()
        return {_name(id_): each["Properties"] for id_, each in resources if each["Type"] == f"AWS::{kind}"}

    def read(self, value: Any) -> Any:
        """A value with its references in plain words: `ObserveQueue.Arn`, `{AWS::Partition}`."""
        match value:
            case {"Ref": str(id_)}:
                return f"{{{id_}}}" if "::" in id_ else _name(id_)
            case {"Fn::GetAtt": [str(id_), str(attribute)]}:
                return f"{_name(id_)}.{attribute}"
            case {"Fn::Join": ["", list(parts)]}:
                return "".join(self.read(part) for part in parts)
            case dict():
                return {key: self.read(each) for key, each in value.items()}
            case list():
                return [self.read(each) for each in value]
        return value

    def environment(self, function: str) -> dict[str, str]:
        variables = self.of("Lambda::Function")[f"{function}Function"]["Environment"]["Variables"]
        return {key: self.read(value) for key, value in variables.items()}

    def grants(self, function: str) -> dict[str, set[str]]:
        """What a function's role allows: actions on each resource."""
        role = self.read(self.of("Lambda::Function")[f"{function}Function"]["Role"]).removesuffix(".Arn")
        return self.allowed(role)

    def allowed(self, role: str) -> dict[str, set[str]]:
        allowed: dict[str, set[str]] = {}
        for policy in self.of("IAM::Policy").values():
            if role in self.read(policy["Roles"]):
                for statement in self.read(policy["PolicyDocument"]["Statement"]):
                    assert statement.keys() == {"Action", "Effect", "Resource"}, statement
                    assert statement["Effect"] == "Allow"
                    for resource in _list(statement["Resource"]):
                        allowed.setdefault(resource, set()).update(_list(statement["Action"]))
        return allowed


def _name(id_: str) -> str:
    """A logical id without the hash that CDK puts behind it."""
    return re.sub(r"[0-9A-F]{8}$", "", id_)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


Synth = Callable[..., Template]
