"""Deploys lambdas/sweep.py: EventBridge Scheduler → function."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from braket_notifier.settings.policy_document import ALARMS
from infra.function import Function, Parts
from infra.grants import (
    allow,
    count_records,
    enqueue,
    keep_published_but_end_it,
    look_up_events,
    of_channel,
    read_devices,
    read_leases,
    search_braket,
)
from infra.key import USE
from infra.storage import ENDED_IN, VISIT_IN
from infra.tracking_resources import TrackingResources

#: Lambda's longest timeout in seconds.
LONGEST_S = 900


class Sweep(Construct):
    """The schedule and the function that find transitions without an event; the next sweep is the only retry."""

    def __init__(
        self,
        scope: Construct,
        *,
        parts: Parts,
        ports: TrackingResources,
        undelivered: sqs.Queue,
        every: Duration,
        mail: Mapping[str, int],
        forwarding: Mapping[str, sqs.IQueue],
    ) -> None:
        super().__init__(scope, "Sweep")
        stack = Stack.of(self)
        self._deliveries = ports.deliveries
        table = ports.snapshots.table_arn
        self.function = function = Function(
            self,
            "sweep",
            parts=parts,
            name="sweep",
            timeout=Duration.seconds(min(every.to_seconds(), LONGEST_S)),  # ends before the next sweep begins
            environment={
                **ports.environment(),
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
                "DELIVERIES_TABLE": ports.deliveries.table_name,
                "MAIL_TOPICS": stack.to_json_string([list(each) for each in mail.items()]),
                "FORWARDING_QUEUES": stack.to_json_string({name: each.queue_url for name, each in forwarding.items()}),
            },
            may=[
                *ports.grants(),
                *keep_published_but_end_it(ports.snapshots),
                search_braket(),
                read_devices(stack),
                allow(["dynamodb:GetItem"], table),
                read_leases(ports.queues, ports.deliveries),
                allow(["dynamodb:Query"], *(f"{table}/index/{each}" for each in ("work", "open_in", ENDED_IN))),
                allow(["dynamodb:Query"], f"{ports.deliveries.table_arn}/index/{VISIT_IN}"),
                *([allow(["sns:ListSubscriptionsByTopic"], *mail)] if mail else []),
                count_records([*ports.queues.values(), *forwarding.values(), undelivered]),
            ],
        )
        function.configure_async_invoke(retry_attempts=0, max_event_age=Duration.minutes(1))
        may = [allow(["lambda:InvokeFunction"], function.function_arn), enqueue([undelivered])]
        with_key = [allow(USE, parts.key.key_arn)] if parts.key else []
        role = self._role([*may, *with_key])
        scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=f"{parts.name}-sweep",
            schedule=scheduler.ScheduleExpression.rate(every),
            target=targets.LambdaInvoke(function, dead_letter_queue=undelivered, retry_attempts=0, role=role),
        )

    def look_up_submitters(self) -> None:
        """Let the function read who submitted; the settings must ask for it, because it names people."""
        self.function.add_to_role_policy(look_up_events())

    def send_weekly_line(self, topic: sns.Topic) -> None:
        """Let the function send the weekly line to the alarms' addresses, which have no queue."""
        self.function.add_environment("ALARMS_TOPIC", topic.topic_arn)
        self.function.add_to_role_policy(allow(["sns:Publish"], topic.topic_arn))
        self.function.add_to_role_policy(of_channel(ALARMS, ["dynamodb:UpdateItem"], self._deliveries.table_arn))

    def _role(self, may: Sequence[iam.PolicyStatement]) -> iam.IRole:
        """Create a role for this account's schedules that CDK cannot extend, because CDK's grants contain wildcards."""
        stack = Stack.of(self)
        group = stack.format_arn(service="scheduler", resource="schedule-group", resource_name="default")
        own_schedules = {"StringEquals": {"aws:SourceAccount": stack.account, "aws:SourceArn": group}}
        principal = iam.ServicePrincipal("scheduler.amazonaws.com", conditions=own_schedules)
        role = iam.Role(self, "ScheduleRole", assumed_by=principal)
        for statement in may:
            role.add_to_policy(statement)
        return role.without_policy_updates()
