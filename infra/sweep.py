"""Deploys lambdas/sweep.py: EventBridge Scheduler → function."""

from aws_cdk import Duration
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.desk import Desk
from infra.function import Function, Parts
from infra.grants import allow, search_braket

#: Lambda's own limit.
LONGEST_S = 900


class Sweep(Construct):
    """Looks at regular times for what events missed; the next time is the only retry."""

    def __init__(self, scope: Construct, *, parts: Parts, desk: Desk, undelivered: sqs.Queue, every: Duration) -> None:
        super().__init__(scope, "Sweep")
        table = desk.snapshots.table_arn
        function = Function(
            self,
            "sweep",
            parts=parts,
            name="sweep",
            timeout=Duration.seconds(min(every.to_seconds(), LONGEST_S)),  # over before the next one begins
            environment=desk.environment(),
            may=[
                *desk.grants(),
                search_braket(),
                allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], table),
                allow(["dynamodb:Query"], f"{table}/index/work"),
            ],
        )
        function.configure_async_invoke(retry_attempts=0, max_event_age=Duration.minutes(1))
        scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=f"{parts.name}-sweep",
            schedule=scheduler.ScheduleExpression.rate(every),
            target=targets.LambdaInvoke(function, dead_letter_queue=undelivered, retry_attempts=0),
        )
