"""Every permission of every role of an assembly, a policy without one of them, and the page that lists each."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.asset import ROOT
from security.template import Template, listed, name, plain, template_files

PAGE = ROOT / "docs" / "permissions.md"
#: Role, action, resource, and why it is granted although the local cloud cannot show the need.
POLLER = "Lambda's poller; the local cloud collects without it (`tests/local/test_cloud_gaps.py`)"
RENEWS = "it replaces a record that has waited for ten days, which no trial lasts"
ELSEWHERE = (
    ("*", "logs:*", "*", "CloudWatch Logs takes no line without it; the local cloud writes logs without asking"),
    ("*", "xray:*", "*", "Lambda's active tracing; the local cloud has no X-Ray"),
    ("*", "kms:*", "*", 'the key of one\'s own (`key = "own"`); the local cloud encrypts nothing'),
    ("*", "sqs:ReceiveMessage", "*", POLLER),
    ("*", "sqs:DeleteMessage", "*", POLLER),
    ("Deliver*", "sns:GetTopicAttributes", "*", "the probe after a refused publish; the local SNS refuses none"),
    ("Observe", "sqs:GetQueueAttributes", "*", POLLER),
    ("Deliver*", "sqs:GetQueueAttributes", "*", POLLER),
    ("Delivermail", "sqs:SendMessage", "DelivermailQueue.Arn", RENEWS),
    (
        "SweepSchedule",
        "*",
        "*",
        "EventBridge Scheduler; the local cloud starts without it (`tests/local/test_cloud_gaps.py`)",
    ),
    ("(forwarding)", "*", "*", "EventBridge, of a rule; the local cloud has no bus in another region (as above)"),
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
        """The reason why the local cloud cannot show the need, or ''."""
        return next((says for *patterns, says in ELSEWHERE if all(map(fnmatchcase, self.words, patterns))), "")


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


INTRO = """# Permissions

`make check-permissions` took each permission of each role away once on the local cloud, one at a time. Then quantum
tasks failed and hybrid jobs ended, some of them without events; Braket and a channel were busy, a reservation left
tasks over, and malformed records arrived. In every row of the first table the function was refused this action on this
resource. The last column lists the effects that remained after a quarter of a minute without a further message; when
observe cannot read a resource, it announces it still later, from the event alone. The command tries the permissions
that are not on this page yet (`AGAIN=1`: all of them). The statements with their conditions are in
[`security/statements/`](../security/statements/). A topic or a webhook has no permission that none of these channels
has: `tests/infra/test_permissions.py`. `Board` is the status board's function (`infra/board.py`).

The command line has no role; each command runs with its caller's rights. `settings show`, `settings push`, `preflight`
and `doctor` read the deployed settings by `cloudformation:GetTemplate`. `braket-notifier verify` needs
`braket:GetDevice`, `braket:CreateQuantumTask`, `braket:TagResource`, `braket:GetQuantumTask`,
`cloudformation:DescribeStacks`, `cloudformation:ListStackResources`, `dynamodb:GetItem`, `dynamodb:Query`,
`sqs:GetQueueAttributes`, and `s3:ListBucket` and `s3:CreateBucket` where the bucket does not exist yet.
"""
OTHERS = "\n## Not shown by the local cloud\n"


def page(shown: Iterable[tuple[Words, str]], reasoned: Iterable[tuple[Words, str]]) -> str:
    tables = _table("without it", shown), _table("why it is granted", reasoned)
    return "\n".join([INTRO, *tables[0], OTHERS, *tables[1], ""])


def _table(last: str, rows: Iterable[tuple[Words, str]]) -> Iterator[str]:
    yield f"| role | action | resource | {last} |"
    yield "|---|---|---|---|"
    for (whose, action, on), says in rows:
        yield f"| {whose} | `{action}` | `{on}` | {says} |"


def listed_in(text: str) -> dict[Words, str]:
    """The rows of a page."""
    found = re.findall(r"^\| (\S+) \| `(\S+)` \| `(\S+)` \| (.+) \|$", text, re.MULTILINE)
    return {(whose, action, on): says for whose, action, on, says in found}
