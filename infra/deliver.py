"""Deploys lambdas/deliver.py, once for each channel: the channel's queue → function → Slack, a topic or a handler."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from braket_notifier.settings.handlers import module
from braket_notifier.settings.notifier_toml import (
    Channel,
    Email,
    Handler,
    SlackBotSettings,
    SlackWebhookSettings,
    Topic,
)
from infra.function import Function, Parts, dependencies
from infra.grants import allow, enqueue, read_published
from infra.handler import rights
from infra.queues import work_queue
from infra.storage import Storage

TIMEOUT = Duration.seconds(120)

#: People do not mind two seconds, and what comes together is sent by one sender in its turn, at the channel's pace.
WINDOW = Duration.seconds(2)

#: A claim outlasts the handler's function, and what clocks differ by: nobody calls it again while it may still run.
MARGIN_S = 10

#: The ledger decides when to give up, and a record must outlast it: 72 hours of the longest back-off, down to 11
#: minutes by its jitter, are 400 receives, and waiting in a line that is held up costs more. SQS counts to a thousand.
RECEIVES = 1000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many notifications a function takes at once, how long it waits for them, and how long it may take."""

    batch_size: int
    window: Duration | None
    timeout: Duration


PEOPLE = Rhythm(100, WINDOW, TIMEOUT)
MACHINES = Rhythm(10, None, TIMEOUT)

LEDGER = ("dynamodb:UpdateItem",)
#: Where people read, what came later is looked for, and groups and cards; a bot's channel also reminds itself.
READERS = ("dynamodb:GetItem", "dynamodb:Query")


class Deliver(Construct):
    """One channel: its queue, its function, and the only role that may use its secret, its topic or its rights."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        channel: Channel,
        *,
        parts: Parts,
        storage: Storage,
        undelivered: sqs.Queue,
    ) -> None:
        super().__init__(scope, f"Deliver-{name}")
        full_name = f"{parts.name}-deliver-{name}"
        self._undelivered = undelivered
        self.mailboxes: dict[str, int] = {}
        self._key = parts.key
        rhythm = _rhythm(channel)
        people = rhythm is PEOPLE
        self.queue = work_queue(
            self,
            full_name,
            function_timeout=rhythm.timeout,
            receives=RECEIVES,
            undelivered=undelivered,
            key=parts.key,
            window=rhythm.window,
        )
        environment, grants = self._destination(name, channel, full_name)
        self._function = function = Function(
            self,
            "deliver",
            parts=parts,
            name=f"deliver-{name}",
            timeout=rhythm.timeout,
            environment={
                "CHANNEL": name,
                "CHANNEL_TYPE": channel.type,
                "DELIVERIES_TABLE": storage.deliveries.table_name,
                **({"SNAPSHOTS_TABLE": storage.snapshots.table_name} if people else {}),
                "QUEUE_URL": self.queue.queue_url,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
                **environment,
            },
            may=[
                allow([*LEDGER, *(READERS if people else ())], storage.deliveries.table_arn),
                *([read_published(storage.snapshots), self._count(storage)] if people else ()),
                enqueue([undelivered, *([self.queue] if isinstance(channel, SlackBotSettings) else ())]),
                *grants,
            ],
        )
        if name in parts.own_layers:
            function.add_layers(dependencies(self, full_name, parts.own_layers[name]))
        function.consume(self.queue, batch_size=rhythm.batch_size, window=rhythm.window)

    def read_results(self, buckets: Sequence[str]) -> None:
        """Let it read what Braket wrote into these buckets: which executables of a program set failed."""
        partition = Stack.of(self).partition
        objects = (f"arn:{partition}:s3:::{bucket}/*/results.json" for bucket in buckets)
        self._function.add_to_role_policy(allow(["s3:GetObject"], *objects))

    def _destination(
        self, name: str, channel: Channel, full_name: str
    ) -> tuple[dict[str, str], list[iam.PolicyStatement]]:
        """Where the channel leads, as environment and as what only this channel may do."""
        match channel:
            case SlackBotSettings(slack_channel, token):
                return {"SLACK_CHANNEL": slack_channel, "SLACK_TOKEN": token}, [self._read_secret(token)]
            case SlackWebhookSettings(webhook):
                return {"SLACK_WEBHOOK": webhook}, [self._read_secret(webhook)]
            case Handler():
                secret = [self._read_secret(channel.secret)] if channel.secret else []
                lease = {"LEASE_S": str(channel.timeout_s + MARGIN_S)}
                return {"HANDLER": module(name), **lease}, [*secret, *rights(channel)]
            case _:
                topic = self._topic(full_name, channel.to if isinstance(channel, Email) else ())
                return {"TOPIC_ARN": topic.topic_arn}, [allow(["sns:Publish"], topic.topic_arn)]

    @staticmethod
    def _count(storage: Storage) -> iam.PolicyStatement:
        """How many of a group are still open, and how a reservation's quantum tasks stand, by indexes alone."""
        table = storage.snapshots.table_arn
        return allow(["dynamodb:Query"], f"{table}/index/open_in", f"{table}/index/parent")

    def _topic(self, full_name: str, addresses: tuple[str, ...]) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=full_name, enforce_ssl=True, master_key=self._key)
        self.mailboxes |= {topic.topic_arn: len(addresses)} if addresses else {}
        for address in addresses:
            topic.add_subscription(subscriptions.EmailSubscription(address, dead_letter_queue=self._undelivered))
        return topic

    def _read_secret(self, reference: str) -> iam.PolicyStatement:
        parameter = f"parameter{reference.removeprefix('ssm:')}"
        stack = Stack.of(self)
        return allow(["ssm:GetParameter"], f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:{parameter}")


def is_read_by_people(channel: Channel) -> bool:
    return not isinstance(channel, Handler | Topic)


def _rhythm(channel: Channel) -> Rhythm:
    """A handler has each notification to itself, so that what it does to one is done to no other."""
    if isinstance(channel, Handler):
        return Rhythm(1, None, Duration.seconds(channel.timeout_s))
    return MACHINES if isinstance(channel, Topic) else PEOPLE
