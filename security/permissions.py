"""Every permission of every role of an assembly, a policy without one of them, and the list of their verdicts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.asset import ROOT
from security.template import Template, listed, name, plain, template_files

PAGE = ROOT / "docs" / "permissions.md"
VERDICTS = ROOT / "security" / "verdicts.tsv"
#: Role, action, resource, and why it is granted although the local cloud cannot show the need.
POLLER = "Lambda's poller needs it; the local cloud receives without it (`tests/local/test_cloud_gaps.py`)"
COUNTS_WEEKS = "the weekly line counts ends, and is due on Fridays of an installation that is a day old"
NAMES = "needed with `who_submitted = true`; it lets the sweep read every management event of the account"
RENEWS = "it replaces a record that has waited for ten days, which no trial lasts"
PASSES_ON = "it passes on what it cannot send while its channel is down, and every channel of a trial answers"
ELSEWHERE = (
    ("*", "logs:*", "*", "CloudWatch Logs takes no line without it; the local cloud writes logs without asking"),
    ("*", "xray:*", "*", "Lambda's active tracing needs it; the local cloud has no X-Ray"),
    ("*", "kms:*", "*", 'needed with `key = "own"`; the local cloud encrypts nothing'),
    ("*", "sqs:ReceiveMessage", "*", POLLER),
    ("*", "sqs:DeleteMessage", "*", POLLER),
    ("Deliver*", "sns:GetTopicAttributes", "*", "it probes after a refused publish; the local SNS refuses none"),
    ("Observe", "sqs:GetQueueAttributes", "*", POLLER),
    ("Deliver*", "sqs:GetQueueAttributes", "*", POLLER),
    ("Sweep", "dynamodb:Query", "StorageSnapshots.Arn/index/ended_in", COUNTS_WEEKS),
    ("Sweep", "cloudtrail:LookupEvents", "*", NAMES),
    ("Deliver*", "events:DescribeEventBus", "*", "it probes after a refused put; the local bus refuses none"),
    (
        "Deliverevents",
        "sqs:ChangeMessageVisibility",
        "*",
        "it puts off what a bus refuses; the local bus refuses nothing",
    ),
    ("Delivermail", "sqs:SendMessage", "DelivermailQueue.Arn", RENEWS),
    ("Delivermail", "sqs:SendMessage", "DeliverteamslackQueue.Arn", PASSES_ON),
    ("Deliverteamslack", "sqs:SendMessage", "DelivermailQueue.Arn", PASSES_ON),
    ("Deliverdm", "sqs:SendMessage", "DeliverteamslackQueue.Arn", PASSES_ON),
    (
        "SweepSchedule",
        "*",
        "*",
        "EventBridge Scheduler needs it; the local cloud starts without it (`tests/local/test_cloud_gaps.py`)",
    ),
    (
        "(forwarding)",
        "*",
        "*",
        "EventBridge needs it; the local cloud has no bus in another region (`tests/local/test_cloud_gaps.py`)",
    ),
)

Words = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Permission:
    """An action on one resource, and its place: stack, policy and role by their logical ids, statement."""

    stack: str
    policy: str
    role: str
    statement: int
    action: str
    resource: str
    """The resource in the template's JSON."""

    @property
    def words(self) -> Words:
        """Role, action and resource as the page shows them."""
        on = str(plain(json.loads(self.resource)))
        return name(self.role).removesuffix("Role") or "(forwarding)", self.action, on

    @property
    def shown_elsewhere(self) -> str:
        return reason(self.words)


def permissions(assembly: Path) -> list[Permission]:
    """The permissions of the home stack, then of one forwarding stack, because the others are like it."""
    return [
        each for path in template_files(assembly)[:2] for each in _granted(json.loads(path.read_text()), _stack(path))
    ]


def _stack(template: Path) -> str:
    return template.name.removesuffix(".template.json")


def _granted(template: Template, stack: str) -> Iterator[Permission]:
    for id_, each in template["Resources"].items():
        if each["Type"] == "AWS::IAM::Policy":
            [role] = each["Properties"]["Roles"]
            for number, said in enumerate(each["Properties"]["PolicyDocument"]["Statement"]):
                for action in listed(said["Action"]) if said["Effect"] == "Allow" else ():
                    for resource in listed(said["Resource"]):
                        yield Permission(stack, id_, role["Ref"], number, action, json.dumps(resource))


def place(template: Template, permission: Permission) -> int:
    """The index of its resource in the statement, because a deployed policy has the resources in the same order."""
    document = template["Resources"][permission.policy]["Properties"]["PolicyDocument"]
    resources = listed(document["Statement"][permission.statement]["Resource"])
    return [json.dumps(each) for each in resources].index(permission.resource)


def policy_without(document: dict[str, Any], statement: int, action: str, resource: int) -> dict[str, Any]:
    """The policy without one action on one of a statement's resources."""
    said = document["Statement"][statement]
    actions, resources = listed(said["Action"]), listed(said["Resource"])
    other = [each for number, each in enumerate(resources) if number != resource]
    parts = [
        {**said, "Action": [each for each in actions if each != action]},
        {**said, "Action": action, "Resource": other},
    ]
    left = [part for part in parts if part["Action"] and part["Resource"]]
    statements = document["Statement"]
    return {**document, "Statement": [*statements[:statement], *left, *statements[statement + 1 :]]}


def written(verdicts: Mapping[Words, str]) -> str:
    """A line for each permission: role, action, resource and verdict."""
    return "".join("\t".join((*words, says)) + "\n" for words, says in verdicts.items())


def read(text: str) -> dict[Words, str]:
    rows = [line.split("\t") for line in text.splitlines()]
    return {(whose, action, on): says for whose, action, on, says in rows}


def reason(words: Words) -> str:
    """The reason why the local cloud cannot show the need, or ''."""
    return next((says for *patterns, says in ELSEWHERE if all(map(fnmatchcase, words, patterns))), "")
