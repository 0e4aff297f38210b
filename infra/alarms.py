"""The alarms about the notifier itself: metrics → alarms → a topic of their own.

Each alarm has a heading in docs/runbook.md. There are eight at most, because each metric that an alarm watches costs
ten cents a month after an account's tenth.
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

from infra.function import namespace
from infra.grants import acting_for
from infra.topic import new_topic

MINUTE_S = 60
RUNBOOK = "docs/runbook.md"
#: The larger of two metrics; a missing value counts as nothing, because each metric may be missing for a while.
LARGER = "MAX([FILL(a, 0), FILL(b, 0)])"


@dataclass(frozen=True, slots=True)
class WatchedMetric:
    """A metric by its namespace, its name and exactly its dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """The metric of an alarm, or two of which the larger counts, and the value above which it goes off."""

    description: str
    metrics: tuple[WatchedMetric, ...]
    statistic: str = "Maximum"
    period_s: int = 5 * MINUTE_S
    above: float = 0
    of_periods: tuple[int, int] = (1, 1)
    #: Whether missing data sets the alarm off.
    missing_data_alarms: bool = False


def watched(name: str, sweep_every_s: int) -> dict[str, AlarmSpec]:
    """Every alarm, by its heading in the runbook."""

    def ours(metric: str, service: str) -> WatchedMetric:
        return WatchedMetric(namespace(name), metric, {"service": service})

    def queue(metric: str, of: str) -> WatchedMetric:
        return WatchedMetric("AWS/SQS", metric, {"QueueName": f"{name}-{of}"})

    return {
        "undelivered": AlarmSpec(
            "A record is undelivered: a malformed event, or a notification that was refused for good or given up.",
            (queue("ApproximateNumberOfMessagesVisible", "undelivered"),),
        ),
        "channel-down": AlarmSpec(
            "Two sweeps in a row found a channel that has accepted nothing since it refused a message.",
            (ours("RefusingChannels", "sweep"),),
            statistic="Minimum",
            period_s=sweep_every_s,
            of_periods=(2, 2),
        ),
        "silent-sweep": AlarmSpec(
            "A region was not swept in two intervals, so missed events are not found there.",
            (ours("OldestSweepSeconds", "sweep"),),
            period_s=sweep_every_s,
            above=1.5 * sweep_every_s,  # a sweep ends within its interval; one sweep may fail
            of_periods=(2, 2),
            missing_data_alarms=True,
        ),
        "waiting-events": AlarmSpec(
            "An event of Braket has waited for more than 15 minutes: observe is behind, or Braket is.",
            # SQS does not count what came back three times, and observe does not count what it never received
            (queue("ApproximateAgeOfOldestMessage", "events"), ours("OldestDeferredSeconds", "observe")),
            period_s=15 * MINUTE_S,  # the longest wait of an event that observe puts back
            above=15 * MINUTE_S,
            of_periods=(1, 2),  # such an event may come just after a period
        ),
        "refused-events": AlarmSpec(
            "EventBridge could put an event of the home region neither into the queue nor into its dead-letter queue.",
            (WatchedMetric("AWS/Events", "InvocationsFailedToBeSentToDlq", {"RuleName": f"{name}-changes"}),),
            "Sum",
        ),
        "unread-queue": AlarmSpec(
            "Three sweeps in a row found stalled records, of a channel or of a region that could not forward events.",
            (ours("UnreadRecords", "sweep"),),
            statistic="Minimum",
            period_s=sweep_every_s,
            of_periods=(3, 3),
        ),
        "errors": AlarmSpec(
            "Functions logged errors, timed out or died in two of three five-minute periods.",
            (WatchedMetric(namespace(name), "Errors"),),
            statistic="Sum",
            of_periods=(2, 3),
        ),
        "unconfirmed-mailbox": AlarmSpec(
            "An e-mail address of the settings has no confirmed subscription, so it gets no mail.",
            (ours("UnconfirmedSubscriptions", "sweep"),),
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
        self.topic: sns.Topic | None = None
        if addresses:
            self.topic = topic = self._topic(name, addresses, key, undelivered)
            self.mailboxes = {topic.topic_arn: len(addresses)}
            for alarm in self.each:
                alarm.add_alarm_action(actions.SnsAction(topic))
                alarm.add_ok_action(actions.SnsAction(topic))

    def _topic(self, name: str, addresses: tuple[str, ...], key: kms.IKey | None, undelivered: sqs.Queue) -> sns.Topic:
        """The topic; its policy names CloudWatch, because the policy against plain http replaces the default one."""
        topic = new_topic(self, f"{name}-alarms", key)
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
        metric=_metric(it),
        threshold=it.above,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=of,
        datapoints_to_alarm=to_alarm,
        treat_missing_data=missing.BREACHING if it.missing_data_alarms else missing.NOT_BREACHING,
    )


def _metric(it: AlarmSpec) -> cloudwatch.IMetric:
    period = Duration.seconds(it.period_s)
    metrics: list[cloudwatch.IMetric] = [
        cloudwatch.Metric(
            namespace=each.namespace,
            metric_name=each.name,
            dimensions_map=each.dimensions,
            statistic=it.statistic,
            period=period,
        )
        for each in it.metrics
    ]
    if len(metrics) == 1:
        return metrics[0]
    return cloudwatch.MathExpression(
        expression=LARGER, using_metrics=dict(zip("ab", metrics, strict=True)), period=period
    )
