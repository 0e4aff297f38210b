"""A synthesised template with readable names."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from security.template import listed, name, plain


@dataclass(frozen=True)
class Template:
    """A synthesised template, and the folder of its assembly."""

    assembly: Path
    content: dict[str, Any]

    def beside(self, stack: str) -> "Template":
        """Another stack's template of the same assembly."""
        return Template(self.assembly, json.loads((self.assembly / f"{stack}.template.json").read_text()))

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a kind, under readable names."""
        resources = self.content["Resources"].items()
        return {name(id_): each["Properties"] for id_, each in resources if each["Type"] == f"AWS::{kind}"}

    def read(self, value: Any) -> Any:
        """A value with its references in plain words: `ObserveQueue.Arn`, `{AWS::Partition}`."""
        return plain(value)

    def environment(self, function: str) -> dict[str, str]:
        variables = self.of("Lambda::Function")[f"{function}Function"]["Environment"]["Variables"]
        return {key: self.read(value) for key, value in variables.items()}

    def consumed(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], int]]:
        """Each event source mapping, its queue, and the visibility timeout that AWS advises."""
        functions, queues = self.of("Lambda::Function"), self.of("SQS::Queue")
        for mapping in self.of("Lambda::EventSourceMapping").values():
            queue = queues[self.read(mapping["EventSourceArn"]).removesuffix(".Arn")]
            timeout = functions[self.read(mapping["FunctionName"])]["Timeout"]
            yield mapping, queue, 6 * timeout + mapping.get("MaximumBatchingWindowInSeconds", 0)

    def grants(self, function: str) -> dict[str, set[str]]:
        """The actions that a function's role allows on each resource."""
        role = self.read(self.of("Lambda::Function")[f"{function}Function"]["Role"]).removesuffix(".Arn")
        return self.allowed(role)

    def allowed(self, role: str) -> dict[str, set[str]]:
        allowed: dict[str, set[str]] = {}
        for policy in self.of("IAM::Policy").values():
            if role in self.read(policy["Roles"]):
                for statement in self.read(policy["PolicyDocument"]["Statement"]):
                    assert statement.keys() - {"Condition"} == {"Action", "Effect", "Resource"}, statement
                    if statement["Effect"] == "Deny":
                        continue  # the rows of published settings
                    for resource in listed(statement["Resource"]):
                        allowed.setdefault(resource, set()).update(listed(statement["Action"]))
        return allowed


Synth = Callable[..., Template]
