"""IAM statements of the functions: exact actions on exact resources."""

from collections.abc import Iterable, Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

#: Actions of Lambda's poller, and of a function that defers a record.
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")


def allow(actions: Sequence[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def acting_for(stack: Stack, service: str, sources: str | Sequence[str]) -> iam.ServicePrincipal:
    """A service as principal, restricted to these resources of this account; otherwise any account could use it."""
    conditions = {
        "ArnEquals": {"aws:SourceArn": sources},
        "StringEquals": {"aws:SourceAccount": stack.account},
    }
    return iam.ServicePrincipal(service, conditions=conditions)


def enqueue(queues: Iterable[sqs.Queue]) -> iam.PolicyStatement:
    return allow(["sqs:SendMessage"], *(queue.queue_arn for queue in queues))


def count_records(queues: Iterable[sqs.IQueue]) -> iam.PolicyStatement:
    return allow(["sqs:GetQueueAttributes"], *(queue.queue_arn for queue in queues))


def read_published(snapshots: dynamodb.Table) -> iam.PolicyStatement:
    """The right to read the row in which the operator publishes settings."""
    one_row = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["settings"]}}
    return iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[snapshots.table_arn], conditions=one_row)


def read_braket(stack: Stack) -> list[iam.PolicyStatement]:
    """The right to read every quantum task and hybrid job of the account, because their ids are not known before."""
    braket = f"arn:{stack.partition}:braket:*:{stack.account}"
    return [
        allow(["braket:GetQuantumTask"], f"{braket}:quantum-task/*"),
        allow(["braket:GetJob"], f"{braket}:job/*"),
    ]


def search_braket() -> iam.PolicyStatement:
    """The right to search the account; Braket defines no resource for searches."""
    return allow(["braket:SearchQuantumTasks", "braket:SearchJobs"], "*")
