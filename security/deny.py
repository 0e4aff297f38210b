"""The actions that no function of the notifier may perform, even with faulty code: role by role."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from security.statements import roles, statements
from security.template import Template

TASK = "arn:{AWS::Partition}:braket:us-east-1:{AWS::AccountId}:quantum-task/1"
JOB = "arn:{AWS::Partition}:braket:us-east-1:{AWS::AccountId}:job/1"
FOREIGN = "arn:{AWS::Partition}:%s:us-east-1:999999999999:%s"
OTHER = "arn:{AWS::Partition}:%s:us-east-1:{AWS::AccountId}:%s"

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
    ("*", "braket:GetDevice", "*"),
    ("*", "braket:GetQuantumTask", FOREIGN % ("braket", "quantum-task/1")),
    ("*", "braket:GetJob", FOREIGN % ("braket", "job/1")),
    ("Deliver*", "braket:GetQuantumTask", TASK),
    ("Deliver*", "braket:SearchQuantumTasks", "*"),
    ("Observe*", "braket:SearchQuantumTasks", "*"),
    # no function reads or writes results and code
    ("*", "s3:GetObject", "arn:{AWS::Partition}:s3:::amazon-braket-results/x"),
    ("*", "s3:PutObject", "arn:{AWS::Partition}:s3:::amazon-braket-results/x"),
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
    ("Deliverteamslack*", "sns:Publish", "DelivermailTopic"),
    ("Observe*", "sns:Publish", "DelivermailTopic"),
    ("*", "sns:Subscribe", "DelivermailTopic"),
    ("*", "sns:SetTopicAttributes", "DelivermailTopic"),
    ("*", "sns:Publish", OTHER % ("sns", "another")),
    # secrets: no function reads another channel's secret, none changes one
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


def allowed_though_denied(template: Template) -> Iterator[str]:
    """Each role that may perform a denied action."""
    may = [each for each in statements(template) if each.effect == "Allow" and not each.principals]
    for pattern, action, resource in DENIED:
        for role in sorted(role for role in roles(template) if fnmatchcase(role, pattern)):
            if any(each.of == role and each.covers(action, resource) for each in may):
                yield f"{role} may {action} on {resource}"
