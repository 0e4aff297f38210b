"""All emulators on this machine: the local cloud with the notifier, Braket, Slack and a mailbox."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.braket.availability import Availability
from braket_notifier.costs.limits import parse_limit
from braket_notifier.domain.policy import DIGEST_HANDLER, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import Allowance
from braket_notifier.rendering.words.money import sum_over
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.channels import Bus, Topic
from braket_notifier.settings.notifier_toml import Settings, read_settings
from braket_notifier.watching.watched import Seen, Watched
from local.braket.emulator import Braket, Choose, Event, put_event
from local.cloud.cloud import Cloud, Stack
from local.inbox.inbox import Inbox, Mail, Post
from local.inbox.sns import FilterPolicy
from local.story import chapters, story
from local.story.assembly import SETTINGS, SOURCE
from local.story.ledger import Ledger, read_ledger
from local.story.price import Price, price_of
from local.story.workspace import channel_of, secrets_of, services_of, workspace_of

NAME = "braket-notifier"
SESSION = "ASIA"  # prefix of a role's access key, which is a function's


@dataclass
class Stage:
    """The emulators around the deployed notifier, for as long as `up` lasts."""

    choose: Choose = chapters.choose
    settings: Settings = field(default_factory=lambda: read_settings(SETTINGS))
    on_arrival: Callable[[Post | Mail], None] | None = None
    on_edit: Callable[[Post], None] | None = None
    cloud: Cloud = field(init=False)
    braket: Braket = field(init=False)
    inbox: Inbox = field(init=False)
    stack: Stack = field(init=False)
    _clients: dict[str, Any] = field(default_factory=dict)
    _buckets: set[str] = field(default_factory=set)

    @contextmanager
    def up(self) -> Iterator["Stage"]:
        with ExitStack() as running:
            running.callback(self._close)
            workspace = workspace_of(self.settings.channels, self.policy)
            self.inbox = running.enter_context(Inbox(workspace, self.on_arrival, self.on_edit))
            self.inbox.services = services_of(self.settings.channels)
            emulator = Braket(
                choose=self.choose,
                events=self.send_event,
                put_result=self.keep,
                may=self.may,
                has_bucket=self.has_bucket,
                source=SOURCE,
            )
            self.braket = running.enter_context(emulator)
            environment = {"AWS_ENDPOINT_URL_BRAKET": self.braket.url, "SLACK_ENDPOINT_URL": self.inbox.url}
            environment["SERVICES_ENDPOINT_URL"] = self.inbox.url
            environment |= {f"AWS_ENDPOINT_URL_{each}": self.braket.url for each in ("CLOUDTRAIL", "PRICING")}
            self.cloud = running.enter_context(Cloud(environment, self.settings.home))
            yield self

    @property
    def policy(self) -> Policy:
        return parse_policy(self.settings.policy())

    def deploy(self, assembly: Path) -> None:
        """Deploy, and do the operator's manual steps: each bus, the secrets, and a mailbox on each topic."""
        for each in self.settings.channels.values():
            if isinstance(each, Bus) and each.bus != "default":
                self.cloud.client("events").create_event_bus(Name=each.bus)
        self.stack = self.cloud.deploy(assembly)
        ssm, inbox = self.cloud.client("ssm"), self.inbox
        for name, value in secrets_of(self.settings.channels, inbox.workspace.token, inbox.url).items():
            ssm.put_parameter(Name=name, Value=value, Type="SecureString")
        for topic in self.stack.of_type("AWS::SNS::Topic").values():
            if self._is_read(topic):
                inbox.mailboxes[topic] = self._subscribed(topic)
                self.cloud.subscribe_http(topic, f"{inbox.url}/sns")
        home = self.settings.home
        there = {} if home == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": home}}
        self.cloud.client("s3").create_bucket(Bucket=story.BUCKET, **there)
        inbox.board = self.board if self.settings.dashboard else None

    def board(self, theme: str = "") -> str:
        """The status board as CloudWatch gets it."""
        return str(self.cloud.invoke(f"{self.settings.name}-board", {"widgetContext": {"theme": theme}}))

    def watched_since(self, moment: datetime) -> None:
        """Set the time of installation, before which ends are not announced."""
        for region in self.settings.regions:
            row = {"arn": {"S": f"start#{region}"}, "at": {"S": moment.isoformat()}}
            self.cloud.client("dynamodb").put_item(TableName=self._table("Snapshots"), Item=row)

    def take_out(self, device: str, since: datetime) -> None:
        """Take a device out, as if a sweep had seen so at that time."""
        region, table = device.split(":")[3], Table(self.cloud.client("dynamodb"), self._table("Snapshots"))
        self.braket.set_device_status(device, "OFFLINE")
        out = Watched({device: Seen(Availability("OFFLINE"), since)})
        DynamoWatchedRows(table).save_watched(region, out)

    def limit(self, device: str, amount: str) -> None:
        """Limit what the device may cost in US dollars."""
        self._braket_client(device.split(":")[3]).create_spending_limit(deviceArn=device, spendingLimit=amount)

    def limits(self, region: str) -> list[Allowance]:
        """The region's spending limits as the emulator lists them."""
        return [*map(parse_limit, self._braket_client(region).search_spending_limits()["spendingLimits"])]

    def spent(self) -> str:
        """The sum of what the recorded ends cost, with what it leaves out; empty without one."""
        return sum_over(chain.from_iterable(map(self._ended, self.settings.regions))) if self.policy.money else ""

    def price(self, act: story.Act, arn: str) -> Price | None:
        """The price of an act's ended task beside its recorded cost; None if the settings read no price list."""
        policy = self.policy
        if not (policy.money and policy.fetch_prices and act.region in policy.regions):
            return None
        cost = next((each.cost for each in self._ended(act.region) if each.arn.text == arn), None)
        return price_of(act, self.braket.prices, cost.amount if cost and cost.bound == "exact" else None)

    def _ended(self, region: str) -> Iterator[Snapshot]:
        """The recorded ends of a region."""
        ended = DynamoEndedTasks(Table(self.cloud.client("dynamodb"), self._table("Snapshots")))
        until = datetime.now(UTC) + timedelta(days=1)
        yield from ended.between(region, until - timedelta(days=2), until)

    def ledger(self) -> Ledger:
        return read_ledger(self.cloud.client("dynamodb"), self._table("Deliveries"))

    def environment(self, settings: Path = SETTINGS) -> dict[str, str]:
        """The environment that leads `braket-notifier` to this stage, which has the settings of this file."""
        return {
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_ENDPOINT_URL_BRAKET": self.braket.url,
            "SLACK_ENDPOINT_URL": self.inbox.url,
            "AWS_ACCESS_KEY_ID": self.cloud.account,
            "AWS_SECRET_ACCESS_KEY": "-",
            "BRAKET_NOTIFIER_SETTINGS": str(settings.absolute()),
            "NO_PROXY": "127.0.0.1",
        }

    def submit(self, act: story.Act, job: str = "") -> str:
        """Submit the act's resource in its region and return the ARN. `job` is the hybrid job that submits it."""
        return story.submit(act, self._braket_client(act.region), self.braket, job)

    def submit_all(self, act: story.Act, job: str) -> list[tuple[story.Act, str, str]]:
        """Submit the act's resource and a job's own tasks: each with its ARN and that of its hybrid job."""
        client = self._braket_client(act.region)
        arn = story.create(act, client, self.braket, job)
        tasks = [(each, story.create(each, client, self.braket, arn), arn) for each in story.own_tasks(act)]
        return [(act, arn, job), *tasks]

    def sweep(self) -> dict[str, int]:
        return dict(self.cloud.invoke(f"{self.settings.name}-sweep"))

    def send_event(self, event: Event) -> None:
        """Act as EventBridge: put home events on the bus, and forward other regions' events as their rule does."""
        if event["region"] == self.cloud.region:
            put_event(self.cloud.client("events"), event)
        else:
            self.cloud.forward(event)

    def may(self, access_key: str, action: str, resource: str) -> bool:
        """Ask the function's role, except for creations, because policies name two resources for them."""
        asked = access_key.startswith(SESSION) and not action.startswith("braket:Create")
        return not asked or self.cloud.may(access_key, action, resource)

    def keep(self, bucket: str, key: str, content: bytes) -> None:
        self.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def has_bucket(self, name: str) -> bool:
        """Whether the local cloud has the bucket. S3 is asked again only for a missing one."""
        if name not in self._buckets:
            self._buckets.update(each["Name"] for each in self.cloud.client("s3").list_buckets()["Buckets"])
        return name in self._buckets

    def printed(self) -> list[str]:
        """The lines that users' handlers printed, each with its channel. The functions' own log lines are JSON."""
        describe = self.cloud.client("lambda").get_function_configuration
        functions = (describe(FunctionName=each) for each in self.stack.of_type("AWS::Lambda::Function").values())
        pairs = ((each["FunctionName"], each.get("Environment", {}).get("Variables", {})) for each in functions)
        handlers = {
            f"/aws/lambda/{name}": its["CHANNEL"]
            for name, its in pairs
            if its.get("CHANNEL_TYPE") in ("handler", DIGEST_HANDLER)
        }
        lines = (line.partition(" ") for line in self.cloud.logs().splitlines())
        return [f"{handlers[group]}: {text}" for group, _, text in lines if group in handlers and _is_printed(text)]

    def _is_read(self, topic: str) -> bool:
        """Whether people subscribe, or programs do whose subscriptions are not part of the settings."""
        subscriptions = self.cloud.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        channel = self.settings.channels.get(channel_of(topic, self.settings))
        return isinstance(channel, Topic) or any(each["Protocol"] == "email" for each in subscriptions)

    def _subscribed(self, topic: str) -> dict[str, FilterPolicy]:
        """The addresses of a topic that takes e-mail, with the filter policy of each subscription."""
        sns = self.cloud.client("sns")
        every = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        mail = [each for each in every if each["Protocol"] == "email"]
        attributes = sns.get_subscription_attributes
        found = {each["Endpoint"]: attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] for each in mail}
        return {address: json.loads(each.get("FilterPolicy") or "{}") for address, each in found.items()}

    def _table(self, name: str) -> str:
        [table] = [each for each in self.stack.of_type("AWS::DynamoDB::Table").values() if name in each]
        return table

    def _braket_client(self, region: str) -> Any:  # noqa: ANN401  the stubs ask for tokens that boto3 fills in
        if region not in self._clients:
            self._clients[region] = boto3.client(
                "braket",
                region,
                endpoint_url=self.braket.url,
                aws_access_key_id="made-up",
                aws_secret_access_key="made-up",  # noqa: S106 - opens nothing
                config=Config(proxies={}),  # a proxy cannot reach this machine
            )
        return self._clients[region]

    def _close(self) -> None:
        for client in self._clients.values():
            client.close()


def _is_printed(text: str) -> bool:
    return not text.startswith(("{", "START ", "END ", "REPORT "))
