"""All emulators on this machine: the local cloud with the notifier, Braket, Slack and a mailbox."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config

from local.braket.devices import REGIONS
from local.braket.emulator import Braket, Choose, Event, put_event
from local.cloud.cloud import Cloud, Stack
from local.inbox.inbox import Inbox, Mail, Post
from local.story import chapters, story

SETTINGS = Path("local/notifier.toml")
OUT = Path("build/local/cdk.out")
CUSTOM = Path("lambdas/custom")
SOURCE = "braket.local"  # clients cannot put events of `aws.*`, here as on AWS
NAME = "braket-notifier"
SESSION = "ASIA"  # prefix of a role's access key, which is a function's


@dataclass
class Stage:
    """The emulators around the deployed notifier, for as long as `up` lasts."""

    choose: Choose = chapters.choose
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
            self.inbox = running.enter_context(Inbox(on_arrival=self.on_arrival, on_edit=self.on_edit))
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
            self.cloud = running.enter_context(Cloud(environment))
            yield self

    def deploy(self, assembly: Path) -> None:
        """Deploy, and do the operator's manual steps: the secret, and a mailbox on each topic."""
        self.stack = self.cloud.deploy(assembly)
        ssm, token = self.cloud.client("ssm"), self.inbox.workspace.token
        ssm.put_parameter(Name=f"/{NAME}/slack-token", Value=token, Type="SecureString")
        for topic in self.stack.of_type("AWS::SNS::Topic").values():
            if self._has_mailboxes(topic):
                self.cloud.subscribe_http(topic, f"{self.inbox.url}/sns")
        self.cloud.client("s3").create_bucket(Bucket=story.BUCKET)
        self.inbox.board = self.board

    def board(self, theme: str = "") -> str:
        """The status board as CloudWatch gets it."""
        return str(self.cloud.invoke(f"{NAME}-board", {"widgetContext": {"theme": theme}}))

    def watched_since(self, moment: datetime) -> None:
        """Set the time of installation, before which ends are not announced."""
        [table] = [name for name in self.stack.of_type("AWS::DynamoDB::Table").values() if "Snapshots" in name]
        for region in REGIONS:
            row = {"arn": {"S": f"start#{region}"}, "at": {"S": moment.isoformat()}}
            self.cloud.client("dynamodb").put_item(TableName=table, Item=row)

    def environment(self) -> dict[str, str]:
        """The environment that leads `braket-notifier` to this stage."""
        return {
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_ENDPOINT_URL_BRAKET": self.braket.url,
            "SLACK_ENDPOINT_URL": self.inbox.url,
            "AWS_ACCESS_KEY_ID": self.cloud.account,
            "AWS_SECRET_ACCESS_KEY": "-",
            "BRAKET_NOTIFIER_SETTINGS": str(SETTINGS.absolute()),
            "NO_PROXY": "127.0.0.1",
        }

    def submit(self, act: story.Act, job: str = "") -> str:
        """Submit the act's resource in its region and return the ARN. `job` is the hybrid job that submits it."""
        if act.region not in self._clients:
            self._clients[act.region] = boto3.client(
                "braket",
                act.region,
                endpoint_url=self.braket.url,
                aws_access_key_id="made-up",
                aws_secret_access_key="made-up",  # noqa: S106 - opens nothing
                config=Config(proxies={}),  # a proxy cannot reach this machine
            )
        return story.submit(act, self._clients[act.region], self.braket, job)

    def sweep(self) -> dict[str, int]:
        return dict(self.cloud.invoke(f"{NAME}-sweep"))

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
            f"/aws/lambda/{name}": its["CHANNEL"] for name, its in pairs if its.get("CHANNEL_TYPE") == "handler"
        }
        lines = (line.partition(" ") for line in self.cloud.logs().splitlines())
        return [f"{handlers[group]}: {text}" for group, _, text in lines if group in handlers and _is_printed(text)]

    def _has_mailboxes(self, topic: str) -> bool:
        subscriptions = self.cloud.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        return any(each["Protocol"] == "email" for each in subscriptions)

    def _close(self) -> None:
        for client in self._clients.values():
            client.close()


def _is_printed(text: str) -> bool:
    return not text.startswith(("{", "START ", "END ", "REPORT "))


def synthesise(settings: Path = SETTINGS, out: Path = OUT, custom: Path = CUSTOM) -> Path:
    """The cloud assembly of local settings; only the events' source differs from a deployed one.

    CDK starts a process of Node. A terminal's Ctrl-C would reach it too and leave its files and CDK's traceback behind.
    Therefore it runs in a session of its own, and ends with its files before anything else begins.
    """
    command = [sys.executable, "-m", "local.cloud.synthesis", str(settings), str(out), SOURCE, str(custom)]
    with TemporaryDirectory(prefix="braket-notifier-synth-", ignore_cleanup_errors=True) as files:
        subprocess.run(command, env=os.environ | {"TMPDIR": files}, start_new_session=True, check=True)  # noqa: S603 - our own words
    return out
