"""Deploys lambdas/observe.py: EventBridge rule → queue → function."""

from aws_cdk import Duration
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.desk import Desk
from infra.function import Function, Parts
from infra.grants import enqueue, read_published
from infra.queues import work_queue
from infra.region import changes, home_bus

TIMEOUT = Duration.seconds(60)
WINDOW = Duration.seconds(1)

#: An event waits some seconds for Braket to catch up with it, and again while Braket is busy; after that it is poison.
RECEIVES = 100


class Observe(Construct):
    """Braket's events of this region and the forwarded ones, kept in a queue until Braket itself was asked."""

    def __init__(
        self, scope: Construct, *, parts: Parts, desk: Desk, undelivered: sqs.Queue, event_source: str
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
        for rule in (changes(self, parts.name, event_source), changes(self, parts.name, event_source, bus)):
            rule.add_target(targets.SqsQueue(queue, dead_letter_queue=undelivered))
        function = Function(
            self,
            "observe",
            parts=parts,
            name="observe",
            timeout=TIMEOUT,
            environment={
                **desk.environment(),
                "EVENT_SOURCE": event_source,
                "EVENTS_QUEUE_URL": queue.queue_url,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
            },
            may=[*desk.grants(), read_published(desk.snapshots), enqueue([undelivered])],
        )
        function.consume(queue, batch_size=100, window=WINDOW)
