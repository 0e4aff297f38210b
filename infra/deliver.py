"""Deploys lambdas/deliver.py, once for each channel: the channel's queue → function → Slack or a topic of e-mail."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import Function, Parts
from infra.grants import allow, enqueue
from infra.queues import work_queue
from infra.settings import Channel, Email, SlackBot, SlackWebhook

TIMEOUT = Duration.seconds(120)

#: People do not mind two seconds, and what comes together is sent by one sender in its turn, at the channel's pace.
WINDOW = Duration.seconds(2)

#: The ledger decides when to give up, and a record must outlast it: 72 hours of the longest back-off, down to 11
#: minutes by its jitter, are 400 receives, and waiting in a line that is held up costs more. SQS counts to a thousand.
RECEIVES = 1000


class Deliver(Construct):
    """One channel: its queue, its function, and the only role that may use its secret or its topic."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        channel: Channel,
        *,
        parts: Parts,
        deliveries: dynamodb.Table,
        undelivered: sqs.Queue,
    ) -> None:
        super().__init__(scope, f"Deliver-{name}")
        full_name = f"{parts.name}-deliver-{name}"
        self.queue = work_queue(
            self, full_name, function_timeout=TIMEOUT, receives=RECEIVES, undelivered=undelivered, window=WINDOW
        )
        environment, grant = self._destination(channel, full_name)
        function = Function(
            self,
            "deliver",
            parts=parts,
            name=f"deliver-{name}",
            timeout=TIMEOUT,
            environment={
                "CHANNEL": name,
                "CHANNEL_TYPE": channel.type,
                "DELIVERIES_TABLE": deliveries.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
                **environment,
            },
            may=[allow(["dynamodb:Query", "dynamodb:UpdateItem"], deliveries.table_arn), enqueue([undelivered]), grant],
        )
        function.consume(self.queue, batch_size=100, window=WINDOW)

    def _destination(self, channel: Channel, full_name: str) -> tuple[dict[str, str], iam.PolicyStatement]:
        """Where the channel leads, as environment and as the one thing that only this channel may do."""
        match channel:
            case SlackBot(slack_channel, token):
                return {"SLACK_CHANNEL": slack_channel, "SLACK_TOKEN": token}, self._read_secret(token)
            case SlackWebhook(webhook):
                return {"SLACK_WEBHOOK": webhook}, self._read_secret(webhook)
            case Email(addresses):
                topic = self._topic(full_name, addresses)
                return {"TOPIC_ARN": topic.topic_arn}, allow(["sns:Publish"], topic.topic_arn)

    def _topic(self, full_name: str, addresses: tuple[str, ...]) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=full_name, enforce_ssl=True)
        for address in addresses:
            topic.add_subscription(subscriptions.EmailSubscription(address))
        return topic

    def _read_secret(self, reference: str) -> iam.PolicyStatement:
        parameter = f"parameter{reference.removeprefix('ssm:')}"
        stack = Stack.of(self)
        return allow(["ssm:GetParameter"], f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:{parameter}")
