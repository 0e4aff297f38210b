"""A real publish to a real topic of the local cloud arrives in the mailbox."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.inbox import Inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


@pytest.fixture
def sns() -> Iterator[Any]:
    """SNS of a local cloud of its own; MINISTACK_HOST is what its confirmation URLs name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    own = {"GATEWAY_PORT": port, "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1", "SERVICES": "sns"}
    command = [sys.executable, "-m", "ministack.app"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env={**os.environ, **own}, stdout=quiet, stderr=quiet) as it:  # noqa: S603 (ours)
        until(lambda: _listens(int(port)))
        yield boto3.client(
            "sns",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        it.terminate()


def test_what_is_published_to_a_topic_arrives(inbox: Inbox, sns: Any) -> None:
    topic = sns.create_topic(Name="mail")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{inbox.url}/sns")
    until(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1")

    attributes = {"status": {"DataType": "String", "StringValue": "COMPLETED"}}
    published = sns.publish(TopicArn=topic, Subject="ghz-12 done", Message="Hello,\nü", MessageAttributes=attributes)

    until(lambda: inbox.mails)
    [mail] = inbox.mails
    assert (mail.subject, mail.body, mail.attributes) == ("ghz-12 done", "Hello,\nü", {"status": "COMPLETED"})
    assert (mail.message_id, mail.topic_arn) == (published["MessageId"], topic)


def until(true: Any, patience: float = 10) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
