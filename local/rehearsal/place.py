"""A run that stays up, found by the environment that it wrote."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from braket_notifier.settings.notifier_toml import read_settings

CLOUD, BRAKET, SLACK = "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BRAKET", "SLACK_ENDPOINT_URL"
LOOPBACK = "127.0.0.1"
PATIENCE_S = 60


class NotHereError(Exception):
    """The environment leads to no run on this machine, or the run has no such alarm."""


@dataclass(frozen=True, slots=True)
class Place:
    """The run's name and home, and the addresses of its cloud, Braket and Slack."""

    name: str
    home: str
    urls: Mapping[str, str]

    def client(self, service: str, url: str = CLOUD) -> Any:  # noqa: ANN401  typed by literal names only
        return boto3.client(service, self.home, endpoint_url=self.urls[url])  # type: ignore[call-overload]  # likewise

    def call(self, method: str, url: str, path: str, content: Mapping[str, object] | None = None) -> None:
        """Call Braket or Slack. Raises RuntimeError unless it agrees."""
        connection = HTTPConnection(urlsplit(self.urls[url]).netloc, timeout=PATIENCE_S)
        connection.request(method, path, json.dumps(content or {}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {said}")

    def queue(self, name: str) -> str:
        return str(self.client("sqs").get_queue_url(QueueName=f"{self.name}-{name}")["QueueUrl"])

    def topic(self, channel: str) -> str:
        wanted = f":{self.name}-deliver-{channel}"
        topics = (str(each["TopicArn"]) for each in self.client("sns").list_topics()["Topics"])
        return next(each for each in topics if each.endswith(wanted))


def place_of(environ: Mapping[str, str] = os.environ) -> Place:
    """Only a run on this machine, because a fault must never reach an AWS account."""
    urls = {name: environ.get(name, "") for name in (CLOUD, BRAKET, SLACK)}
    if any(urlsplit(each).hostname != LOOPBACK for each in urls.values()):
        raise NotHereError("no run on this machine; start `make run KEEP=1`, then `. build/local/environment`")
    settings = read_settings(Path(environ["BRAKET_NOTIFIER_SETTINGS"]))
    return Place(settings.name, settings.home, urls)
