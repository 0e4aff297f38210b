"""The alarms about the notifier itself: metrics → alarms → a topic of their own.

Each alarm has a heading in docs/runbook.md. There are eight at most, because each alarm after an
account's tenth costs ten cents a month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import NAMESPACE
from infra.grants import acting_for

MINUTE_S = 60
RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """One metric, and the value above which the alarm goes off."""

    description: str
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    namespace: str = NAMESPACE
    statistic: str = "Maximum"
    period_s: int = 5 * MINUTE_S
    above: float = 0
    of_periods: tuple[int, int] = (1, 1)
    #: Whether missing data sets the alarm off.
    missing_data_alarms: bool = False


def watched(name: str, sweep_every_s: int) -> dict[str, AlarmSpec]:
    """Every alarm, by its heading in the runbook."""
    return {
        "undelivered": AlarmSpec(
            "A record is undelivered: an unparseable event, or a permanently refused notification.",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": f"{name}-undelivered"},
            "AWS/SQS",
        ),
        "pending": AlarmSpec(
            "A notification has waited for its channel for more than an hour.",
            "OldestPendingSeconds",
            {"service": "deliver"},
            period_s=30 * MINUTE_S,  # a pending notification is tried again within 15 minutes
            above=3600,
        ),
        "silent-sweep": AlarmSpec(
            "A region was not swept in two intervals, so missed events are not found there.",
            "OldestSweepSeconds",
            {"service": "sweep"},
            period_s=sweep_every_s,
            above=1.5 * sweep_every_s,  # a sweep ends within its interval; one sweep may fail
            of_periods=(2, 2),
            missing_data_alarms=True,
        ),
        "waiting-events": AlarmSpec(
            "The oldest event of Braket has waited for more than 5 minutes, for 15 minutes: observe is behind.",
            "ApproximateAgeOfOldestMessage",
            {"QueueName": f"{name}-events"},
            "AWS/SQS",
            above=300,
            of_periods=(3, 3),
        ),
        "refused-events": AlarmSpec(
            "EventBridge could not put an event of the home region into the queue.",
            "FailedInvocations",
            {"RuleName": f"{name}-changes"},
            "AWS/Events",
            "Sum",
        ),
        "unread-queue": AlarmSpec(
            "Three sweeps in a row found stalled records, of a channel or of a region that could not forward events.",
            "UnreadRecords",
            {"service": "sweep"},
            statistic="Minimum",
            period_s=sweep_every_s,
            of_periods=(3, 3),
        ),
        "errors": AlarmSpec(
            "Functions logged errors, timed out or died in two of three five-minute periods.",
            "Errors",
            statistic="Sum",
            of_periods=(2, 3),
        ),
        "unconfirmed-mailbox": AlarmSpec(
            "An e-mail address of the settings has no confirmed subscription, so it gets no mail.",
            "UnconfirmedSubscriptions",
            {"service": "sweep"},
            statistic="Minimum",
            period_s=3600,
        ),
    }


class Alarms(Construct):
    """The alarms of one installation, and the topic that they notify."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        sweep_every_s: int,
        addresses: tuple[str, ...],
        key: kms.IKey | None,
        undelivered: sqs.Queue,
    ) -> None:
        super().__init__(scope, "Alarms")
        self.each = [_alarm(self, name, short, each) for short, each in watched(name, sweep_every_s).items()]
        self.mailboxes: dict[str, int] = {}
        if addresses:
            topic = self._topic(name, addresses, key, undelivered)
            self.mailboxes = {topic.topic_arn: len(addresses)}
            for alarm in self.each:
                alarm.add_alarm_action(actions.SnsAction(topic))
                alarm.add_ok_action(actions.SnsAction(topic))

    def _topic(self, name: str, addresses: tuple[str, ...], key: kms.IKey | None, undelivered: sqs.Queue) -> sns.Topic:
        """The topic; its policy names CloudWatch, because the policy against plain http replaces the default one."""
        topic = sns.Topic(self, "Topic", topic_name=f"{name}-alarms", enforce_ssl=True, master_key=key)
        own_alarms = [alarm.alarm_arn for alarm in self.each]
        cloudwatch_of_these = acting_for(Stack.of(self), "cloudwatch.amazonaws.com", own_alarms)
        topic.add_to_resource_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn], principals=[cloudwatch_of_these])
        )
        for address in addresses:
            topic.add_subscription(subscriptions.EmailSubscription(address, dead_letter_queue=undelivered))
        return topic


def _alarm(scope: Construct, name: str, short: str, it: AlarmSpec) -> cloudwatch.Alarm:
    missing = cloudwatch.TreatMissingData
    to_alarm, of = it.of_periods
    return cloudwatch.Alarm(
        scope,
        short,
        alarm_name=f"{name}-{short}",
        alarm_description=f"{it.description} {RUNBOOK}#{short}",
        metric=cloudwatch.Metric(
            namespace=it.namespace,
            metric_name=it.metric,
            dimensions_map=it.dimensions,
            statistic=it.statistic,
            period=Duration.seconds(it.period_s),
        ),
        threshold=it.above,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=of,
        datapoints_to_alarm=to_alarm,
        treat_missing_data=missing.BREACHING if it.missing_data_alarms else missing.NOT_BREACHING,
    )
