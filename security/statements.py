"""Every statement of every policy of a template: principal, action, resource and condition."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from security.iam_patterns import matches
from security.template import Template, listed, of

#: Places of policies: the kind of resource, the member with the policy, the member with its owner.
ATTACHED = (
    ("IAM::Policy", "PolicyDocument", "Roles"),
    ("SQS::QueuePolicy", "PolicyDocument", "Queues"),
    ("SNS::TopicPolicy", "PolicyDocument", "Topics"),
)
#: The conditions on the partition key of the rows, and on their attributes.
LEADING_KEYS, ATTRIBUTES = "dynamodb:LeadingKeys", "dynamodb:Attributes"
OWN = (("IAM::Role", "AssumeRolePolicyDocument"), ("KMS::Key", "KeyPolicy"))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. A role's own names no principal, and a trust policy no resource."""

    of: str
    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str

    def __str__(self) -> str:
        words = [self.effect]
        words += [", ".join(self.principals), "may" if self.effect == "Allow" else "must not"] * bool(self.principals)
        words += [", ".join(self.actions), "on", ", ".join(self.resources)] if self.resources else [*self.actions]
        words += ["if", self.condition] if self.condition else []
        return " ".join(words)

    def covers(self, action: str, resource: str, key: str = "", attribute: str = "") -> bool:
        """Whether the statement covers this action on this resource, and on rows with this key and attribute."""
        named = any(matches(action.lower(), each.lower()) for each in self.actions)
        rows = self._covers(LEADING_KEYS, key) and self._covers(ATTRIBUTES, attribute)
        return named and any(matches(resource, each) for each in self.resources) and rows

    def _covers(self, condition: str, value: str) -> bool:
        """An Allow covers a value that is not known, a Deny does not."""
        conditions = json.loads(self.condition or "{}").values()
        patterns = [each for said in conditions for each in listed(said.get(condition, []))]
        if not patterns or not value:
            return not patterns or self.effect == "Allow"
        return any(matches(value, each) for each in patterns)


def statements(template: Template) -> list[Statement]:
    return list(_all(template))


def roles(template: Template) -> set[str]:
    return set(of(template, "IAM::Role"))


def text(found: Iterable[Statement]) -> str:
    """The whole list, under its owners, in an order that does not depend on the template's."""
    lines: dict[str, list[str]] = {}
    for each in found:
        lines.setdefault(each.of, []).append(f"  {each}")
    return "".join(f"{owner}\n" + "\n".join(sorted(lines[owner])) + "\n" for owner in sorted(lines))


def _all(template: Template) -> Iterator[Statement]:
    for kind, document, owners in ATTACHED:
        for policy in of(template, kind).values():
            for owner in policy[owners]:
                yield from (_statement(owner, each) for each in policy[document]["Statement"])
    for kind, document in OWN:
        for owner, each in of(template, kind).items():
            yield from (_statement(owner, said) for said in each[document]["Statement"])
    for permission in of(template, "Lambda::Permission").values():
        yield _permission(permission)


def _statement(owner: str, said: Mapping[str, Any]) -> Statement:
    return Statement(
        of=owner,
        effect=said["Effect"],
        principals=tuple(_principals(said.get("Principal"))),
        actions=tuple(sorted(listed(said.get("Action", [])))),
        resources=tuple(sorted(listed(said.get("Resource", [])))),
        condition=json.dumps(said["Condition"], sort_keys=True) if "Condition" in said else "",
    )


def _principals(said: Any) -> list[str]:  # noqa: ANN401 - a string, a table or nothing
    match said:
        case None:
            return []
        case dict():
            return sorted(name for each in said.values() for name in listed(each))
    return [str(said)]


def _permission(said: Mapping[str, Any]) -> Statement:
    keys = {key: said[key] for key in ("SourceAccount", "SourceArn") if key in said}
    named = {"StringEquals": {f"aws:{key}": value for key, value in keys.items()}}
    condition = json.dumps(named, sort_keys=True) if keys else ""
    function = said["FunctionName"]
    return Statement(function, "Allow", (said["Principal"],), (said["Action"],), (function,), condition)
