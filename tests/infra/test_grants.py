"""Who may do what: the whole list, so that a grant more or less is seen."""

import json

import pytest

from tests.infra.template import Template

TASKS = "arn:{AWS::Partition}:braket:*:{AWS::AccountId}:quantum-task/*"
JOBS = "arn:{AWS::Partition}:braket:*:{AWS::AccountId}:job/*"
TOKEN = "arn:{AWS::Partition}:ssm:us-east-1:{AWS::AccountId}:parameter/braket-notifier/slack-token"

LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
WRITE = {"dynamodb:UpdateItem"}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
SEND = {"sqs:SendMessage"}

GRANTS: dict[str, dict[str, set[str]]] = {
    "Observe": {
        "ObserveLog.Arn": LOG,
        "*": TRACE,  # X-Ray knows no resources
        "ObserveQueue.Arn": CONSUME,
        TASKS: {"braket:GetQuantumTask"},
        JOBS: {"braket:GetJob"},
        "StorageSnapshots.Arn": WRITE,
        "DeliverteamslackQueue.Arn": SEND,
        "DelivermailQueue.Arn": SEND,
        "Undelivered.Arn": SEND,
    },
    "Sweep": {
        "SweepLog.Arn": LOG,
        "*": TRACE | {"braket:SearchQuantumTasks", "braket:SearchJobs"},  # nor do Braket's searches
        TASKS: {"braket:GetQuantumTask"},
        JOBS: {"braket:GetJob"},
        "StorageSnapshots.Arn": WRITE | {"dynamodb:GetItem", "dynamodb:BatchGetItem"},
        "StorageSnapshots.Arn/index/work": {"dynamodb:Query"},
        "DeliverteamslackQueue.Arn": SEND,
        "DelivermailQueue.Arn": SEND,
    },
    "Deliverteamslack": {
        "DeliverteamslackLog.Arn": LOG,
        "*": TRACE,
        "DeliverteamslackQueue.Arn": CONSUME,
        "StorageDeliveries.Arn": WRITE | {"dynamodb:Query"},
        "Undelivered.Arn": SEND,
        TOKEN: {"ssm:GetParameter"},
    },
    "Delivermail": {
        "DelivermailLog.Arn": LOG,
        "*": TRACE,
        "DelivermailQueue.Arn": CONSUME,
        "StorageDeliveries.Arn": WRITE | {"dynamodb:Query"},
        "Undelivered.Arn": SEND,
        "DelivermailTopic": {"sns:Publish"},
    },
}


@pytest.mark.parametrize("function", GRANTS)
def test_a_function_may_do_what_it_does_and_nothing_else(template: Template, function: str) -> None:
    assert template.grants(function) == GRANTS[function]


def test_the_scheduler_may_start_the_sweep_and_report_that_it_could_not(template: Template) -> None:
    [schedule] = template.of("Scheduler::Schedule").values()
    role = template.read(schedule["Target"]["RoleArn"]).removesuffix(".Arn")

    assert template.allowed(role) == {
        "SweepFunction.Arn": {"lambda:InvokeFunction"},
        "SweepFunction.Arn:*": {"lambda:InvokeFunction"},  # its versions, of which there are none
        "Undelivered.Arn": SEND,
    }


def test_no_role_has_more_than_its_one_policy(template: Template) -> None:
    roles = template.of("IAM::Role")
    policies = [template.read(policy["Roles"]) for policy in template.of("IAM::Policy").values()]

    assert len(roles) == len(GRANTS) + 1
    assert sorted(policies) == sorted([role] for role in roles)
    assert all(role.keys() == {"AssumeRolePolicyDocument"} for role in roles.values())


def test_a_service_acts_for_this_account_only(template: Template) -> None:
    """A service works for everybody; unless a condition says for whom, anybody could send it here."""
    conditions = {
        (name, statement["Principal"]["Service"]): json.dumps(statement.get("Condition", {}))
        for kind, document in (("SQS::QueuePolicy", "PolicyDocument"), ("IAM::Role", "AssumeRolePolicyDocument"))
        for name, each in template.of(kind).items()
        for statement in template.read(each[document]["Statement"])
        if statement["Effect"] == "Allow"
    }
    # Lambda hands a role to functions of its own account only, and gives no condition key to say so.
    services = {key: value for key, value in conditions.items() if key[1] != "lambda.amazonaws.com"}

    assert {service for _, service in services} == {"events.amazonaws.com", "scheduler.amazonaws.com"}
    assert all("aws:SourceArn" in value or "aws:SourceAccount" in value for value in services.values()), services


def test_cdk_is_told_to_let_no_foreign_rule_send_to_our_queues(template: Template) -> None:
    """CDK leaves the condition out by default, for queues with a key of their own."""
    manifest = json.loads((template.assembly / "manifest.json").read_text())
    flags = manifest["artifacts"]["aws-cdk-lib/feature-flag-report"]["properties"]["flags"]

    assert flags["@aws-cdk/aws-events:eventsTargetQueueSameAccount"]["userValue"] is True


def test_no_policy_opens_anything_to_the_world(template: Template) -> None:
    for kind in ("SQS::QueuePolicy", "SNS::TopicPolicy"):
        for policy in template.of(kind).values():
            allows = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
            assert all(each["Principal"].keys() == {"Service"} for each in allows)
    assert not template.of("Lambda::Permission")
    assert not template.of("Lambda::Url")
