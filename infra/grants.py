"""What a function may do, as exact actions on exact resources."""

from collections.abc import Iterable, Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

#: What Lambda's poller does for a function, and what the function does to put a record back for later.
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")


def allow(actions: Sequence[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def acting_for(stack: Stack, service: str, sources: str | Sequence[str]) -> iam.ServicePrincipal:
    """A service, only where it acts for these resources of this account: it acts for everybody else's too."""
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
    """The one row in which the operator publishes settings."""
    one_row = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["settings"]}}
    return iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[snapshots.table_arn], conditions=one_row)


def read_braket(stack: Stack) -> list[iam.PolicyStatement]:
    """Every quantum task and hybrid job of the account, in every region: ids are not known beforehand."""
    braket = f"arn:{stack.partition}:braket:*:{stack.account}"
    return [
        allow(["braket:GetQuantumTask"], f"{braket}:quantum-task/*"),
        allow(["braket:GetJob"], f"{braket}:job/*"),
    ]


def search_braket() -> iam.PolicyStatement:
    """Braket defines no resource for its searches; they list the caller's own account."""
    return allow(["braket:SearchQuantumTasks", "braket:SearchJobs"], "*")
