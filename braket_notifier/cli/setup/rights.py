"""The rights of a template's roles in plain words: one entry for each role and action."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

Template = Mapping[str, Any]
#: Purpose of each action. Actions without an entry come from the settings of a handler.
PURPOSES = {
    "braket:GetDevice": "read the status and the execution windows of a device",
    "braket:GetJob": "read the status, name, tags and times of a hybrid job",
    "braket:GetQuantumTask": "read the status, tags, shots and times of a quantum task",
    "braket:SearchJobs": "list hybrid jobs",
    "braket:SearchQuantumTasks": "list quantum tasks",
    "braket:SearchSpendingLimits": "read how much of each spending limit is spent",
    "cloudtrail:LookupEvents": "look up who submitted, in every management event of the account (`who_submitted`)",
    "dynamodb:BatchGetItem": "read rows",
    "dynamodb:GetItem": "read a row",
    "dynamodb:Query": "list rows",
    "dynamodb:UpdateItem": "write a row",
    "events:DescribeEventBus": "look whether the bus is there",
    "events:PutEvents": "forward Braket's events, or put notifications on a bus",
    "kms:Decrypt": "read encrypted rows and records",
    "kms:DescribeKey": "read encrypted rows",
    "kms:Encrypt": "write encrypted rows",
    "kms:GenerateDataKey": "write encrypted rows and records",
    "kms:ReEncryptFrom": "write encrypted rows",
    "kms:ReEncryptTo": "write encrypted rows",
    "lambda:InvokeFunction": "start the function",
    "logs:CreateLogStream": "write its log",
    "logs:PutLogEvents": "write its log",
    "s3:GetObject": "show the most frequent results, and name the failed executables of a program set (`read_results`)",
    "sns:GetTopicAttributes": "probe the topic after an outage",
    "sns:ListSubscriptionsByTopic": "count the confirmed e-mail addresses",
    "sns:Publish": "send a message",
    "sqs:ChangeMessageVisibility": "put a record off",
    "sqs:DeleteMessage": "remove a finished record",
    "sqs:GetQueueAttributes": "count the waiting records",
    "sqs:ReceiveMessage": "receive records",
    "sqs:SendMessage": "put a record into a queue",
    "ssm:GetParameter": "read a secret when a message is sent",
    "xray:PutTelemetryRecords": "record how long its calls take",
    "xray:PutTraceSegments": "record how long its calls take",
}
#: Resources as `plain` writes them, and their names for a reader; `{0}` is a channel, or the text that matched.
_RESOURCES = (
    (r"StorageDeliveries\.Arn", "table `deliveries`"),
    (r"StorageSnapshots\.Arn", "table `snapshots`"),
    (r"StorageDeliveries\.Arn/index/(\w+)", "index `{0}` of `deliveries`"),
    (r"StorageSnapshots\.Arn/index/(\w+)", "index `{0}` of `snapshots`"),
    (r"Deliver(\w+)Queue\.Arn", "queue of `{0}`"),
    (r"Deliver(\w+)Topic", "topic of `{0}`"),
    (r"AlarmsTopic", "topic of the alarms"),
    (r"ObserveQueue\.Arn", "queue `events`"),
    (r"Undelivered\.Arn", "queue `undelivered`"),
    (r"\w+Log\.Arn", "its own log"),
    (r"Key\.Arn", "your own key"),
    (r"SweepFunction\.Arn", "function `sweep`"),
    (r"arn:\S+:braket:\*:\*:device/\*", "every device of Braket"),
    (r"arn:\S+:braket:\*:\S+:quantum-task/\*", "every quantum task of the account"),
    (r"arn:\S+:braket:\*:\S+:job/\*", "every hybrid job of the account"),
    (r"arn:\S+:ssm:\S+:parameter(/\S+)", "secret `{0}`"),
    (r"arn:\S+:s3:::(\S+)", "`{0}`"),
    (r"arn:\S+:sqs:\S+-undelivered", "queue `undelivered` of each further region"),
    (r"arn:\S+:events:\S+:event-bus/\S+", "event bus in the home region"),
)


def rights(template: Template, channels: Iterable[str], effect: str = "Allow") -> dict[tuple[str, str], list[str]]:
    """The resources in plain words, by role and action."""
    found: dict[tuple[str, str], list[str]] = {}
    for role, action, resource in _statements(template, {_letters(each): each for each in channels}, effect):
        on = found.setdefault((role, action), [])
        on += [resource] if resource not in on else []
    return found


def _statements(template: Template, channels: Mapping[str, str], effect: str) -> Iterator[tuple[str, str, str]]:
    for each in template["Resources"].values():
        if each["Type"] != "AWS::IAM::Policy":
            continue
        for statement in each["Properties"]["PolicyDocument"]["Statement"]:
            rows = _rows(statement.get("Condition", {}))
            for role in each["Properties"]["Roles"] if statement["Effect"] == effect else ():
                resources = [resource_name(plain(each), channels) for each in listed(statement["Resource"])]
                for action, resource in product(listed(statement["Action"]), resources):
                    yield role_name(plain(role), channels), action, rows + resource


def _rows(condition: Mapping[str, Mapping[str, Any]]) -> str:
    """The condition on the key and attributes of rows, as words before a table; another condition as it stands."""
    words = []
    for operator, keys in condition.items():
        for key, values in keys.items():
            names = ", ".join(f"`{each}`" for each in listed(values))
            match key:
                case "dynamodb:LeadingKeys":
                    words.append(f"rows {names} of ")
                case "dynamodb:Attributes":
                    words.insert(0, f"attributes {names} in ")
                case _:
                    words.append(f"if `{operator}` `{key}` is {names}: ")
    return "".join(words)


def role_name(role: str, channels: Mapping[str, str]) -> str:
    """The function, or the rule or schedule, that has the role; channels by the letters of their names."""
    short = role.removesuffix("Role")
    if (channel := short.removeprefix("Deliver")) != short:
        return f"`deliver-{channels.get(channel, channel)}`"
    return {"": "rule of the region", "SweepSchedule": "schedule of `sweep`"}.get(short, f"`{short.lower()}`")


def resource_name(resource: str, channels: Mapping[str, str]) -> str:
    for pattern, words in _RESOURCES:
        if found := re.fullmatch(pattern, resource):
            return words.format(*(channels.get(each, each) for each in found.groups()))
    return f"`{resource}`"


def _letters(channel: str) -> str:
    """The channel's name within a logical id."""
    return re.sub(r"[^A-Za-z0-9]", "", channel)


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - IAM writes one value as itself and several as a list
    return value if isinstance(value, list) else [value]


def plain(value: object) -> str:
    """An intrinsic function as text: `ObserveQueue.Arn`, `{AWS::AccountId}`, or a joined text with both."""
    match value:
        case {"Ref": str(name)}:
            return f"{{{name}}}" if "::" in name else _without_hash(name)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{_without_hash(name)}.{attribute}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(plain, parts))
    return value if isinstance(value, str) else json.dumps(value)


def _without_hash(logical: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical)
