"""Deploys lambdas/board.py: CloudWatch dashboard → function, called with the viewer's credentials.

It has no resource policy and no endpoint, because a viewer has lambda:InvokeFunction on this function.
"""

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import Function, Parts
from infra.grants import allow, count_records, read_published

TIMEOUT = Duration.seconds(30)


class StatusBoard(Construct):
    """The function behind the status board. It costs nothing unless a dashboard calls it."""

    def __init__(self, scope: Construct, *, parts: Parts, snapshots: dynamodb.Table, undelivered: sqs.Queue) -> None:
        super().__init__(scope, "Board")
        table = snapshots.table_arn
        self.function = Function(
            self,
            "board",
            parts=parts,
            name="board",
            timeout=TIMEOUT,
            environment={
                "SNAPSHOTS_TABLE": snapshots.table_name,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
            },
            may=[
                allow(["dynamodb:Query"], f"{table}/index/work", f"{table}/index/ended_in"),
                allow(["dynamodb:BatchGetItem"], table),
                read_published(snapshots),
                count_records([undelivered]),
            ],
        )
