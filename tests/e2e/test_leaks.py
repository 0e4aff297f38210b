"""The search for secrets finds a secret in every kind of place."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud.cloud import ACCOUNT, Cloud
from tests import canary
from tests.e2e.leaks import leaks

REGION = "eu-north-1"
SAID = f"said {canary.TOKEN}"
TEMPLATE = {
    "Resources": {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "talks",
                "Runtime": "python3.14",
                "Handler": "index.handle",
                "Role": f"arn:aws:iam::{ACCOUNT}:role/talks",
                "Code": {"ZipFile": "def handle(*_): ..."},
                "Environment": {"Variables": {"TOKEN": SAID}},
            },
        },
        "Rows": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "rows",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "arn", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "arn", "KeyType": "HASH"}],
            },
        },
    },
    "Outputs": {"Said": {"Value": SAID}},
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A cloud with a secret in every kind of place."""
    with Cloud() as cloud:
        cloud.client("cloudformation", REGION).create_stack(StackName="talks", TemplateBody=json.dumps(TEMPLATE))
        cloud.client("dynamodb", REGION).put_item(TableName="rows", Item={"arn": {"S": "1"}, "why": {"S": SAID}})
        sqs, logs = cloud.client("sqs", REGION), cloud.client("logs", REGION)
        queue = sqs.create_queue(QueueName="delayed")["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=SAID, DelaySeconds=900)
        logs.create_log_group(logGroupName="lines")
        logs.create_log_stream(logGroupName="lines", logStreamName="1")
        line = {"timestamp": int(time.time() * 1000), "message": SAID}
        logs.put_log_events(logGroupName="lines", logStreamName="1", logEvents=[line])
        yield cloud


def test_a_leaked_secret_is_found_in_every_kind_of_place(cloud: Cloud, tmp_path: Path) -> None:
    asset = tmp_path / "asset.1" / "settings.json"
    asset.parent.mkdir()
    asset.write_text(SAID)

    found = leaks(cloud.url, tmp_path, {"a post": SAID, "a mail": "nothing"})

    assert [each.partition(":")[0] for each in found] == [
        "queues",
        *(f"{REGION} {kind}" for kind in ("rows", "lines", "stacks", "functions")),
        f"{asset}",
        "a post",
    ]
    assert all(SAID in each for each in found)
