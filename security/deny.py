"""The actions that no function of the notifier may perform, even with faulty code: role by role."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from infra.grants import PRICES, PUBLISHED_ATTRIBUTES, UPDATE, WRITES
from security.statements import roles, statements
from security.template import Template

TASK = "arn:aws:braket:us-east-1:{AWS::AccountId}:quantum-task/1"
JOB = "arn:aws:braket:us-east-1:{AWS::AccountId}:job/1"
FOREIGN = "arn:aws:%s:us-east-1:999999999999:%s"
OTHER = "arn:aws:%s:us-east-1:{AWS::AccountId}:%s"

#: Actions on rows, and the rows of each kind in the table `deliveries`, after the channel.
ROW_ACTIONS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem")
ROWS = (TASK, "lease", "group#quiet")
DELIVERIES = "StorageDeliveries.Arn"

#: Role (a pattern), action, resource.
DENIED = (
    # no function starts, stops or tags anything at Braket
    ("*", "braket:CreateQuantumTask", TASK),
    ("*", "braket:CancelQuantumTask", TASK),
    ("*", "braket:CreateJob", JOB),
    ("*", "braket:CancelJob", JOB),
    ("*", "braket:TagResource", TASK),
    ("*", "braket:UntagResource", TASK),
    ("*", "braket:ListTagsForResource", TASK),
    ("Observe*", "braket:GetDevice", "*"),
    ("Deliver*", "braket:GetDevice", "*"),
    ("Board*", "braket:GetDevice", "*"),
    ("Observe*", "braket:SearchSpendingLimits", "*"),
    ("Deliver*", "braket:SearchSpendingLimits", "*"),
    ("Board*", "braket:SearchSpendingLimits", "*"),
    ("*", "braket:CreateSpendingLimit", "*"),
    ("*", "braket:UpdateSpendingLimit", OTHER % ("braket", "spending-limit/1")),
    ("*", "braket:DeleteSpendingLimit", OTHER % ("braket", "spending-limit/1")),
    ("*", "braket:GetQuantumTask", FOREIGN % ("braket", "quantum-task/1")),
    ("*", "braket:GetJob", FOREIGN % ("braket", "job/1")),
    ("Deliver*", "braket:GetQuantumTask", TASK),
    ("Deliver*", "braket:SearchQuantumTasks", "*"),
    ("Observe*", "braket:SearchQuantumTasks", "*"),
    # the sweep alone reads the event history, and only where the settings ask for it; nobody changes trails
    ("Deliver*", "cloudtrail:LookupEvents", "*"),
    ("Observe*", "cloudtrail:LookupEvents", "*"),
    ("Board*", "cloudtrail:LookupEvents", "*"),
    ("*", "cloudtrail:StopLogging", "*"),
    ("*", "cloudtrail:DescribeTrails", "*"),
    # no function reads or writes results and code
    ("*", "s3:GetObject", "arn:aws:s3:::amazon-braket-results/x"),
    ("*", "s3:PutObject", "arn:aws:s3:::amazon-braket-results/x"),
    ("*", "lambda:UpdateFunctionCode", "ObserveFunction.Arn"),
    ("*", "lambda:AddPermission", "ObserveFunction.Arn"),
    # no function changes permissions
    ("*", "iam:PassRole", "ObserveRole.Arn"),
    ("*", "iam:PutRolePolicy", "ObserveRole.Arn"),
    ("*", "iam:CreateUser", "*"),
    ("*", "sts:AssumeRole", "*"),
    ("*", "kms:Encrypt", OTHER % ("kms", "key/another")),
    ("*", "kms:Decrypt", OTHER % ("kms", "key/another")),
    ("*", "kms:ScheduleKeyDeletion", "Key.Arn"),
    ("*", "kms:PutKeyPolicy", "Key.Arn"),
    # tables: no function deletes rows, scans or changes tables, or uses another table
    ("*", "dynamodb:DeleteTable", "StorageSnapshots.Arn"),
    ("*", "dynamodb:DeleteItem", "StorageSnapshots.Arn"),
    ("*", "dynamodb:PutItem", "StorageDeliveries.Arn"),
    ("*", "dynamodb:UpdateItem", OTHER % ("dynamodb", "table/another")),
    ("*", "dynamodb:ExportTableToPointInTime", "StorageSnapshots.Arn"),
    ("Deliver*", "dynamodb:UpdateItem", "StorageSnapshots.Arn"),
    ("Observe*", "dynamodb:UpdateItem", "StorageDeliveries.Arn"),
    ("Sweep*", "dynamodb:UpdateItem", "StorageDeliveries.Arn"),
    # the board's function changes nothing and reads no queue
    ("Board*", "braket:GetQuantumTask", TASK),
    ("Board*", "dynamodb:UpdateItem", "StorageSnapshots.Arn"),
    ("Board*", "dynamodb:Scan", "StorageSnapshots.Arn"),
    ("Board*", "dynamodb:GetItem", "StorageDeliveries.Arn"),
    ("Board*", "sqs:ReceiveMessage", "Undelivered.Arn"),
    ("Board*", "sqs:SendMessage", "ObserveQueue.Arn"),
    # queues and topics: each function uses its own; none purges or opens one
    ("*", "sqs:PurgeQueue", "Undelivered.Arn"),
    ("*", "sqs:DeleteQueue", "Undelivered.Arn"),
    ("*", "sqs:SetQueueAttributes", "ObserveQueue.Arn"),
    ("*", "sqs:AddPermission", "ObserveQueue.Arn"),
    ("*", "sqs:SendMessage", FOREIGN % ("sqs", "queue")),
    ("Deliver*", "sqs:ReceiveMessage", "ObserveQueue.Arn"),
    ("Deliver*", "sqs:ReceiveMessage", "Undelivered.Arn"),
    ("Delivermail*", "sqs:ReceiveMessage", "DeliverteamslackQueue.Arn"),
    ("Deliverteamslack*", "sqs:ReceiveMessage", "DelivermailQueue.Arn"),
    ("Deliverteamslack*", "sqs:ChangeMessageVisibility", "DelivermailQueue.Arn"),
    ("Deliver*", "sqs:SendMessage", "ObserveQueue.Arn"),
    ("Deliverteamslack*", "sns:Publish", "DelivermailTopic"),
    ("Observe*", "sns:Publish", "DelivermailTopic"),
    ("*", "sns:Subscribe", "DelivermailTopic"),
    ("*", "sns:SetTopicAttributes", "DelivermailTopic"),
    ("*", "sns:Publish", OTHER % ("sns", "another")),
    # a bus gets events of its own channel's function alone, and nobody changes a bus or its rules
    ("Observe*", "events:PutEvents", OTHER % ("events", "event-bus/lab-events")),
    ("Sweep*", "events:PutEvents", OTHER % ("events", "event-bus/lab-events")),
    ("*", "events:PutEvents", OTHER % ("events", "event-bus/default")),
    ("*", "events:PutEvents", FOREIGN % ("events", "event-bus/lab-events")),
    ("*", "events:PutRule", OTHER % ("events", "rule/lab-events/any")),
    ("*", "events:DeleteEventBus", OTHER % ("events", "event-bus/lab-events")),
    # secrets: no function reads another channel's secret, none changes one
    ("Deliverchat*", "ssm:GetParameter", OTHER % ("ssm", "parameter/braket-notifier/hook-url")),
    ("Deliverhook*", "ssm:GetParameter", OTHER % ("ssm", "parameter/braket-notifier/discord-url")),
    ("Delivermail*", "ssm:GetParameter", OTHER % ("ssm", "parameter/braket-notifier/slack-token")),
    ("Observe*", "ssm:GetParameter", OTHER % ("ssm", "parameter/braket-notifier/slack-token")),
    ("*", "ssm:GetParameter", OTHER % ("ssm", "parameter/another")),
    ("*", "ssm:PutParameter", OTHER % ("ssm", "parameter/braket-notifier/slack-token")),
    ("*", "secretsmanager:GetSecretValue", OTHER % ("secretsmanager", "secret:another")),
    # no function removes traces
    ("*", "logs:DeleteLogGroup", "ObserveLog.Arn"),
    ("*", "logs:PutRetentionPolicy", "ObserveLog.Arn"),
    ("*", "events:DisableRule", "ObserveChanges.Arn"),
    ("*", "cloudwatch:DisableAlarmActions", "*"),
)

#: Role, action, resource, partition key of a row, and an attribute in some: each channel has its own rows, and the
#: operator alone the settings, of which the sweep may take the deployment away.
DENIED_ROWS = (
    *(("Deliverteamslack*", each, DELIVERIES, f"mail#{row}") for each in ROW_ACTIONS for row in ROWS),
    *(("Delivermail*", each, DELIVERIES, f"team-slack#{row}") for each in ROW_ACTIONS for row in ROWS),
    # a channel whose name begins with another channel's, and a row of no channel
    ("Delivermail*", "dynamodb:UpdateItem", DELIVERIES, "mail-2#lease"),
    ("Delivermail*", "dynamodb:UpdateItem", DELIVERIES, TASK),
    ("Deliver*", "dynamodb:GetItem", "StorageSnapshots.Arn", TASK),
    ("Deliverteamslack*", "dynamodb:GetItem", "StorageSnapshots.Arn", "confirmed"),
    ("Deliverevents*", "dynamodb:GetItem", "StorageSnapshots.Arn", "cursor#us-east-1"),
    *(("*", each, "StorageSnapshots.Arn", "settings") for each in WRITES if each != UPDATE),
    *(("*", UPDATE, "StorageSnapshots.Arn", "settings", each) for each in PUBLISHED_ATTRIBUTES),
    *((each, UPDATE, "StorageSnapshots.Arn", "settings", "base") for each in ("Deliver*", "Observe*", "Board*")),
    # the prices that the sweep fetched
    *((each, UPDATE, "StorageSnapshots.Arn", PRICES) for each in ("Deliver*", "Observe*", "Board*")),
)
#: The same for rights that a condition must leave.
GRANTED_ROWS = (
    *(("Deliverteamslack*", each, DELIVERIES, f"team-slack#{row}") for each in ROW_ACTIONS for row in ROWS),
    *(("Delivermail*", each, DELIVERIES, f"mail#{row}") for each in ROW_ACTIONS for row in ROWS),
    ("Deliver*", "dynamodb:GetItem", "StorageSnapshots.Arn", "settings"),
    ("Delivermail*", "dynamodb:GetItem", "StorageSnapshots.Arn", "confirmed"),
    ("ObserveRole", "dynamodb:UpdateItem", "StorageSnapshots.Arn", TASK),
    ("SweepRole", "dynamodb:UpdateItem", "StorageSnapshots.Arn", TASK),
    ("SweepRole", UPDATE, "StorageSnapshots.Arn", "settings", "base"),
    ("SweepRole", UPDATE, "StorageSnapshots.Arn", PRICES),
)


def allowed_though_denied(template: Template) -> Iterator[str]:
    """Each role that may perform a denied action."""
    for pattern, action, resource, *row in (*DENIED, *DENIED_ROWS):
        for role in _roles(template, pattern):
            if _may(template, role, action, resource, *row):
                yield f"{role} may {action} on {resource}{' with the key ' if row else ''}{' '.join(row)}"


def refused_though_granted(template: Template) -> Iterator[str]:
    """Each role that a condition refuses its own rows."""
    for pattern, action, resource, *row in GRANTED_ROWS:
        for role in _roles(template, pattern):
            if not _may(template, role, action, resource, *row):
                yield f"{role} may not {action} on {resource} with the key {' '.join(row)}"


def _roles(template: Template, pattern: str) -> list[str]:
    return sorted(role for role in roles(template) if fnmatchcase(role, pattern))


def _may(template: Template, role: str, action: str, resource: str, key: str = "", attribute: str = "") -> bool:
    """A Deny outweighs every Allow."""
    own = (each for each in statements(template) if each.of == role and not each.principals)
    effects = {each.effect for each in own if each.covers(action, resource, key, attribute)}
    return effects == {"Allow"}
