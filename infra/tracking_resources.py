"""The tables and queues that observe and sweep share."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.grants import allow, enqueue, read_braket


@dataclass(frozen=True, slots=True)
class TrackingResources:
    """The tables and each channel's queue."""

    snapshots: dynamodb.Table
    deliveries: dynamodb.Table
    queues: Mapping[str, sqs.Queue]

    def environment(self) -> dict[str, str]:
        stack = Stack.of(self.snapshots)
        return {
            "SNAPSHOTS_TABLE": self.snapshots.table_name,
            "CHANNEL_QUEUES": stack.to_json_string({name: queue.queue_url for name, queue in self.queues.items()}),
            "ACCOUNT_ID": stack.account,
            "PARTITION": stack.partition,
        }

    def grants(self) -> list[iam.PolicyStatement]:
        """The rights to read Braket, to read and record snapshots, and to enqueue notifications."""
        return [
            *read_braket(Stack.of(self.snapshots)),
            allow(["dynamodb:UpdateItem", "dynamodb:BatchGetItem"], self.snapshots.table_arn),
            allow(["dynamodb:Query"], f"{self.snapshots.table_arn}/index/parent"),
            enqueue(self.queues.values()),
        ]
