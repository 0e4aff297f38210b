"""The local cloud: AWS, as far as the notifier needs it, on the loopback, with the synthesised template."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import boto3
from botocore.config import Config

from local.cloud.deployment import DeploymentError, Stack, deploy
from local.cloud.emulator import LOOPBACK, REFUSED, WHO_MAY, running_emulator

__all__ = ["ACCOUNT", "Cloud", "DeploymentError", "Stack"]

ACCOUNT = "000000000000"
_PATIENCE_S = 60
_POLL_S = 0.02
# Repeats would hide what the emulator answers; a proxy cannot reach the loopback.
_DIRECT = Config(retries={"total_max_attempts": 1}, read_timeout=900, proxies={})


class Cloud:
    """A cloud inside its `with` block; its clients may do everything, its functions what their roles allow.

    `environment` is added to the template's environment of the functions: the endpoints of other emulators. `region` is
    the region of deployments, and of clients unless they name another.
    """

    account = ACCOUNT

    def __init__(self, environment: Mapping[str, str] | None = None, region: str = "us-east-1") -> None:
        self.region = region
        self._environment = environment or {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = boto3.Session()  # the default session may be used in other threads, or be replaced meanwhile
        self._making_clients = threading.Lock()  # a session makes clients in one thread at a time
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._emulator = self._running.enter_context(running_emulator(self._environment, self.region))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for client in self._clients.values():
            client.close()
        self._running.__exit__(kind, error, at)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._emulator.port}"

    @property
    def process_group(self) -> int:
        """The process group of the emulator and its functions."""
        return self._emulator.group

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401  typed by literal names only
        at = (service, region or self.region)
        with self._making_clients:
            if at not in self._clients:
                self._clients[at] = self._session.client(  # type: ignore[call-overload]  # likewise
                    *at,
                    endpoint_url=self.url,
                    aws_access_key_id=ACCOUNT,  # the account's root, whose signature is not verified
                    aws_secret_access_key="-",  # noqa: S106  opens nothing
                    config=_DIRECT,
                )
            return self._clients[at]

    def deploy(self, assembly: Path) -> Stack:
        """Create or update the stacks of a cloud assembly as synthesised. Returns the home stack."""
        return deploy(self.client, assembly, self.account, self.region)

    def invoke(self, function_name: str, event: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  any JSON
        """Invoke a function and return its answer. Raises if the function raised."""
        answer = self.client("lambda").invoke(FunctionName=function_name, Payload=json.dumps(event or {}))
        result = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"{function_name} failed: {result}")
        return result

    def logs(self) -> str:
        """The functions' logs, then the emulator's own log."""
        lines = (f"{group} {line}" for group, _, line in logged(self.client("logs")))
        return "\n".join([*lines, self._emulator.log.read_text(errors="replace")])

    def refusals(self) -> list[str]:
        """Role, action and resource of each refused call of a function, in order."""
        lines = self._emulator.log.read_text(errors="replace").splitlines()
        return [line.removeprefix(REFUSED) for line in lines if line.startswith(REFUSED)]

    def may(self, access_key: str, action: str, resource: str) -> bool:
        """Whether the owner of an access key may perform this action, for a service that is emulated elsewhere."""
        asked = {"access_key": access_key, "action": action, "service": action.partition(":")[0]}
        where = {"region": self.region, "resource_arn": resource}
        connection = http.client.HTTPConnection(LOOPBACK, self._emulator.port, timeout=_PATIENCE_S)
        with closing(connection):
            connection.request("GET", f"{WHO_MAY}?{urlencode(asked | where)}")
            return connection.getresponse().status == http.client.NO_CONTENT

    def subscribe_http(self, topic_arn: str, url: str) -> None:
        """Subscribe an endpoint to a topic, and wait until it has confirmed."""
        sns = self.client("sns")
        sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=url)
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
        [its_arn] = [each["SubscriptionArn"] for each in subscriptions if each["Endpoint"] == url]
        deadline = time.monotonic() + _PATIENCE_S
        while sns.get_subscription_attributes(SubscriptionArn=its_arn)["Attributes"]["PendingConfirmation"] == "true":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} has not confirmed its subscription to {topic_arn}")
            time.sleep(_POLL_S)

    def forward(self, event: Mapping[str, Any]) -> None:
        """Carry an event of another region to the queues of the rules there and at home, through a bus."""
        sqs = self.client("sqs")
        for bus in self._targets(event, event["region"]):
            for target in self._targets(event, self.region, bus.rpartition("/")[2]):
                queue = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
                sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))

    def _targets(self, event: Mapping[str, Any], region: str, bus: str = "default") -> Iterator[str]:
        """The ARNs of the queues that a bus's rules match the event to."""
        events, text = self.client("events", region), json.dumps(event)
        for rule in events.list_rules(EventBusName=bus)["Rules"]:
            if events.test_event_pattern(EventPattern=rule["EventPattern"], Event=text)["Result"]:
                found = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
                yield from (target["Arn"] for target in found)


def logged(logs: Any) -> Iterator[tuple[str, float, str]]:  # noqa: ANN401  a client of CloudWatch Logs
    """The functions' log lines: log group, time in seconds, line."""
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                yield group["logGroupName"], event["timestamp"] / 1000, event["message"]
