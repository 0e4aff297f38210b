"""Deploys lambdas/observe.py: EventBridge rule → queue → function."""

from collections.abc import Sequence

from aws_cdk import Annotations, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import Function, Parts
from infra.grants import PRICES, acting_for, enqueue, keep_published, read_published
from infra.queues import work_queue
from infra.region import changes, home_bus
from infra.tracking_resources import TrackingResources

TIMEOUT = Duration.seconds(60)
WINDOW = Duration.seconds(1)

#: Receives before an event is poison. It may wait for Braket's own status to catch up, while Braket throttles, or 72
#: hours, with a quarter of an hour between receives, because only a newer version can read its resource's row.
RECEIVES = 300

#: CDK's warning about a rule and a target of unknown accounts, and why it does not apply.
OF_THE_SAME_ACCOUNT = (
    "@aws-cdk/aws-events:ruleUnresolvedEnvironment",
    "The rules and their queue are in this stack, whose account is known when it is deployed.",
)


class Observe(Construct):
    """The queue of Braket's events, local and forwarded, and the function that confirms them with Braket."""

    def __init__(
        self, scope: Construct, *, parts: Parts, ports: TrackingResources, undelivered: sqs.Queue, event_source: str
    ) -> None:
        super().__init__(scope, "Observe")
        queue = work_queue(
            self,
            f"{parts.name}-events",
            function_timeout=TIMEOUT,
            receives=RECEIVES,
            undelivered=undelivered,
            key=parts.key,
            window=WINDOW,
        )
        bus = home_bus(self, parts.name)
        rules = [changes(self, parts.name, event_source), changes(self, parts.name, event_source, bus)]
        _let_in(queue, rules)
        # CDK would let every rule of the account send to a queue with a key, unless the queue is imported by its ARN.
        events_queue = sqs.Queue.from_queue_arn(self, "Events", queue.queue_arn)
        for rule in rules:
            Annotations.of(rule).acknowledge_warning(*OF_THE_SAME_ACCOUNT)
            rule.add_target(targets.SqsQueue(events_queue, dead_letter_queue=undelivered))
        self.function = Function(
            self,
            "observe",
            parts=parts,
            name="observe",
            timeout=TIMEOUT,
            environment={
                **ports.environment(),
                "EVENT_SOURCE": event_source,
                "EVENTS_QUEUE_URL": queue.queue_url,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
            },
            may=[
                *ports.grants(),
                read_published(ports.snapshots),
                keep_published(ports.snapshots, PRICES),
                enqueue([undelivered]),
            ],
        )
        self.function.consume(queue, batch_size=100, window=WINDOW)


def _let_in(queue: sqs.Queue, rules: Sequence[events.Rule]) -> None:
    these_rules = acting_for(Stack.of(queue), "events.amazonaws.com", [rule.rule_arn for rule in rules])
    queue.add_to_resource_policy(
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn], principals=[these_rules])
    )
