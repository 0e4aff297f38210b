"""Deploys lambdas/deliver.py, once for each channel: the channel's queue → function → Slack, a topic or a handler."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from braket_notifier.settings.channels import (
    Bus,
    Channel,
    Email,
    Handler,
    SlackBotSettings,
    SlackWebhookSettings,
    Topic,
    UrlSettings,
)
from braket_notifier.settings.handlers import module
from infra.function import Function, Parts, dependencies
from infra.grants import (
    CONFIRMED,
    allow,
    enqueue,
    keep_published,
    of_channel,
    put_events,
    read_published,
    read_published_and_passes,
)
from infra.queues import work_queue
from infra.storage import VISIT_IN, Storage
from infra.topic import new_topic

TIMEOUT = Duration.seconds(120)

#: Window that gathers a batch, so that one sender sends it at the channel's rate; people do not mind two seconds.
WINDOW = Duration.seconds(2)

#: Seconds that a claim outlasts a handler's function, because clocks differ and a second call must wait for the end.
MARGIN_S = 10

#: Receives of a record, SQS's maximum, because the ledger decides when to give up: 72 hours of a channel that is down,
#: 11 minutes apart with jitter, are 400 receives, and a held-up queue takes more.
RECEIVES = 1000


@dataclass(frozen=True, slots=True)
class Batching:
    """A function's batch size, batching window and timeout."""

    batch_size: int
    window: Duration | None
    timeout: Duration


PEOPLE = Batching(100, WINDOW, TIMEOUT)
MACHINES = Batching(10, None, TIMEOUT)

#: The message attribute by which each person's subscription filters, as `adapters/aws/sns.py` publishes it.
PERSON = "person"

#: The ledger, and the channel's health.
LEDGER = ("dynamodb:UpdateItem", "dynamodb:GetItem")
#: Functions of channels that people read also read later statuses, groups and cards.
READERS = ("dynamodb:Query",)


class Deliver(Construct):
    """A channel: its queue, its function, and the only role with its secret, its topic or its rights."""

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
        self._source = parts.name
        batching = _batching(channel)
        people = batching is PEOPLE
        self.queue = work_queue(
            self,
            full_name,
            function_timeout=batching.timeout,
            receives=RECEIVES,
            undelivered=undelivered,
            key=parts.key,
            window=batching.window,
        )
        environment, grants = self._destination(name, channel, full_name)
        self.function = function = Function(
            self,
            "deliver",
            parts=parts,
            name=f"deliver-{name}",
            timeout=batching.timeout,
            environment={
                "CHANNEL": name,
                "CHANNEL_TYPE": channel.type,
                "DELIVERIES_TABLE": storage.deliveries.table_name,
                "SNAPSHOTS_TABLE": storage.snapshots.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "UNDELIVERED_QUEUE_URL": undelivered.queue_url,
                **environment,
            },
            may=[
                of_channel(name, [*LEDGER, *(READERS if people else ())], storage.deliveries.table_arn),
                keep_published(storage.snapshots),
                *(
                    self._follow_and_group(name, storage, mail=isinstance(channel, Email))
                    if people
                    else [read_published(storage.snapshots)]
                ),
                enqueue([undelivered, *([self.queue] if people else ())]),
                *grants,
            ],
        )
        if people:
            function.allow_rounds()
        if name in parts.own_layers:
            function.add_own_layer(dependencies(self, full_name, parts.own_layers[name], parts.python))
        function.consume(self.queue, batch_size=batching.batch_size, window=batching.window)

    def pass_on_to(self, queues: Mapping[str, sqs.Queue]) -> None:
        """Allow putting into the queues of its fallbacks, in their order, what this channel cannot send."""
        urls = Stack.of(self).to_json_string({name: queue.queue_url for name, queue in queues.items()})
        self.function.add_environment("FALLBACK", urls)
        self.function.add_to_role_policy(enqueue(queues.values()))

    def read_results(self, buckets: Sequence[str]) -> None:
        """Allow reading results in these buckets, and the files that list the failed executables of program sets."""
        partition = Stack.of(self).partition
        names = ("results.json", "metadata.json")
        objects = (f"arn:{partition}:s3:::{bucket}/*/{name}" for bucket in buckets for name in names)
        self.function.add_to_role_policy(allow(["s3:GetObject"], *objects))

    def _destination(
        self, name: str, channel: Channel, full_name: str
    ) -> tuple[dict[str, str], list[iam.PolicyStatement]]:
        """The channel's destination as environment, and the rights that only this channel has."""
        match channel:
            case SlackBotSettings(slack_channel, token):
                where = {} if channel.to_owner else {"SLACK_CHANNEL": slack_channel}
                return {**where, "SLACK_TOKEN": token}, [self._read_secret(token)]
            case SlackWebhookSettings(webhook):
                return {"SLACK_WEBHOOK": webhook}, [self._read_secret(webhook)]
            case Bus(bus):
                return {"BUS": bus, "SOURCE": self._source}, self._put_on(bus)
            case UrlSettings(host=host, url=url, key=key):
                signed = {"KEY": key} if key else {}
                return {"HOST": host, "URL": url, **signed}, [self._read_secret(each) for each in (url, key) if each]
            case Handler():
                secret = [self._read_secret(channel.secret)] if channel.secret else []
                lease = {"LEASE_S": str(int(_batching(channel).timeout.to_seconds()) + MARGIN_S)}
                return {"HANDLER": module(name), **lease}, [*secret, *_rights(channel)]
            case _:
                topic = self._topic(full_name, channel if isinstance(channel, Email) else Email(()))
                return {"TOPIC_ARN": topic.topic_arn}, [
                    allow(["sns:Publish", "sns:GetTopicAttributes"], topic.topic_arn)
                ]

    @staticmethod
    def _follow_and_group(name: str, storage: Storage, *, mail: bool) -> list[iam.PolicyStatement]:
        """The rights to follow published settings and, by indexes alone, to list the channel's groups to visit.

        It may also count open members of a group and a reservation's quantum tasks, and read when a sweep began. An
        e-mail channel reads which addresses are confirmed.
        """
        table = storage.snapshots.table_arn
        return [
            read_published_and_passes(storage.snapshots, *([CONFIRMED] if mail else [])),
            allow(["dynamodb:Query"], f"{table}/index/open_in", f"{table}/index/parent"),
            of_channel(name, ["dynamodb:Query"], f"{storage.deliveries.table_arn}/index/{VISIT_IN}"),
        ]

    def _topic(self, full_name: str, mail: Email) -> sns.Topic:
        topic = new_topic(self, full_name, self._key)
        self.mailboxes |= {topic.topic_arn: len(mail.to)} if mail.to else {}
        for address in mail.to:
            of_person = sns.SubscriptionFilter.string_filter(allowlist=[mail.people[address]]) if mail.people else None
            filter_policy = {PERSON: of_person} if of_person else None
            topic.add_subscription(
                subscriptions.EmailSubscription(
                    address, dead_letter_queue=self._undelivered, filter_policy=filter_policy
                )
            )
        return topic

    def _put_on(self, bus: str) -> list[iam.PolicyStatement]:
        stack = Stack.of(self)
        arn = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:event-bus/{bus}"
        return [put_events(arn, self._source), allow(["events:DescribeEventBus"], arn)]

    def _read_secret(self, reference: str) -> iam.PolicyStatement:
        parameter = f"parameter{reference.removeprefix('ssm:')}"
        stack = Stack.of(self)
        return allow(["ssm:GetParameter"], f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:{parameter}")


def _rights(handler: Handler) -> Iterator[iam.PolicyStatement]:
    """Rights beside those to read its secret. Creating a hybrid job also takes iam:PassRole on the job's role."""
    for permission in handler.permissions:
        yield allow(permission.actions, *permission.resources)
    if handler.job_role:
        to_braket = {"StringEquals": {"iam:PassedToService": "braket.amazonaws.com"}}
        yield iam.PolicyStatement(actions=["iam:PassRole"], resources=[handler.job_role], conditions=to_braket)


def is_read_by_people(channel: Channel) -> bool:
    return _batching(channel) is PEOPLE


def _batching(channel: Channel) -> Batching:
    """A handler gets one notification at a time, so that its failure concerns no other notification."""
    if isinstance(channel, Handler) and not channel.gets_digests:
        return Batching(1, None, Duration.seconds(channel.timeout_s))
    return MACHINES if isinstance(channel, Topic | Bus) else PEOPLE
