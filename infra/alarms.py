"""What rings when the notifier itself is in trouble, by a way of its own: metrics → alarms → a topic of their own.

Each alarm has a heading in docs/runbook.md. Eight is the most: each costs ten cents a month after the first ten.
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
    """One metric, and the value above which it rings."""

    says: str
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    namespace: str = NAMESPACE
    statistic: str = "Maximum"
    period_s: int = 5 * MINUTE_S
    above: float = 0
    of_periods: tuple[int, int] = (1, 1)
    #: Whether silence is the trouble.
    silence_rings: bool = False


def watched(name: str, sweep_every_s: int) -> dict[str, AlarmSpec]:
    """Every alarm, by the name of its heading in the runbook."""
    return {
        "undelivered": AlarmSpec(
            "Something was given up: an event nobody understood, or a notification refused for good.",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": f"{name}-undelivered"},
            "AWS/SQS",
        ),
        "pending": AlarmSpec(
            "A notification has waited for its channel for more than an hour.",
            "OldestPendingSeconds",
            {"service": "deliver"},
            period_s=30 * MINUTE_S,  # what waits is tried again after a quarter of an hour at the latest
            above=3600,
        ),
        "silent-sweep": AlarmSpec(
            "A region was not swept in two intervals: what events missed there is not found.",
            "OldestSweepSeconds",
            {"service": "sweep"},
            period_s=sweep_every_s,
            above=1.5 * sweep_every_s,  # a run ends within its interval; one alone may fail
            of_periods=(2, 2),
            silence_rings=True,
        ),
        "waiting-events": AlarmSpec(
            "Braket's events have waited for more than five minutes for a quarter of an hour: observe is behind.",
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
            "At three sweeps records waited where nobody reads: of a channel, or what a region could not forward.",
            "UnreadRecords",
            {"service": "sweep"},
            statistic="Minimum",
            period_s=sweep_every_s,
            of_periods=(3, 3),
        ),
        "errors": AlarmSpec(
            "Functions have logged errors, timed out or died in two of three five-minute periods.",
            "Errors",
            statistic="Sum",
            of_periods=(2, 3),
        ),
        "unconfirmed-mailbox": AlarmSpec(
            "A mailbox of the settings has not confirmed its subscription, or SNS has removed it: it gets no mail.",
            "UnconfirmedSubscriptions",
            {"service": "sweep"},
            statistic="Minimum",
            period_s=3600,
        ),
    }


class Alarms(Construct):
    """The alarms of one installation, and whom they tell."""

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
        """Its policy must name CloudWatch: the one that refuses plain http replaces the one that would let it in."""
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
        alarm_description=f"{it.says} {RUNBOOK}#{short}",
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
        treat_missing_data=missing.BREACHING if it.silence_rings else missing.NOT_BREACHING,
    )
