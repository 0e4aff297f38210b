"""The local cloud's queues, rule, topic and tables, as the notifier uses them."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from local.braket.serving import Response, serving
from local.cloud.cloud import Cloud, Stack

Eventually = Callable[[Callable[[], Any]], Any]


def test_a_refused_record_comes_back_and_ends_in_the_dead_letter_queue(
    cloud: Cloud, probe: Stack, eventually: Eventually
) -> None:
    """Partial batch failures, a visibility set by the function, and the redrive policy work together."""
    sqs = cloud.client("sqs")
    entries = [{"Id": body, "MessageBody": body} for body in ("keep", "refuse")]
    sqs.send_message_batch(QueueUrl=probe.resources["Records"], Entries=entries)

    dead = sqs.receive_message(QueueUrl=probe.resources["Undelivered"], WaitTimeSeconds=20)["Messages"]

    assert [message["Body"] for message in dead] == ["refuse"]
    eventually(
        lambda: cloud.logs().count('"body": "refuse"') == 2 * 2
    )  # received once by the function's choice, once by the emulator's
    assert cloud.logs().count('"body": "keep"') == 1 * 2


def test_an_event_reaches_the_queue_of_the_rule_that_matches_it(cloud: Cloud, unread: Callable[[], list[Any]]) -> None:
    detail_types = ["Braket Task State Change", "Braket Device Status Change"]
    entries = [{"Source": "probe", "DetailType": each, "Detail": '{"status": "QUEUED"}'} for each in detail_types]
    cloud.client("events").put_events(Entries=entries)

    [event] = unread()

    assert event["detail"] == {"status": "QUEUED"}


def test_an_event_of_another_region_arrives_as_it_was(
    cloud: Cloud, probe: Stack, unread: Callable[[], list[Any]]
) -> None:
    """Its own region's rule names a bus at home, and that bus's rule a queue."""
    home, away = cloud.client("events"), cloud.client("events", "us-west-2")
    pattern = '{"source": ["probe"]}'
    bus = home.create_event_bus(Name="ours")["EventBusArn"]
    home.put_rule(Name="forwarded", EventPattern=pattern, EventBusName="ours")
    queue = cloud.client("sqs").get_queue_attributes(QueueUrl=probe.resources["Unread"], AttributeNames=["QueueArn"])
    into = [{"Id": "1", "Arn": queue["Attributes"]["QueueArn"]}]
    home.put_targets(Rule="forwarded", EventBusName="ours", Targets=into)
    away.put_rule(Name="changes", EventPattern=pattern)
    away.put_targets(Rule="changes", Targets=[{"Id": "1", "Arn": bus, "RoleArn": "arn:aws:iam::1:role/any"}])
    event = {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Braket Task State Change",
        "source": "probe",
        "account": cloud.account,
        "time": "2026-11-20T11:53:01Z",
        "region": "us-west-2",
        "resources": [],
        "detail": {},
    }
    cloud.forward(event)
    cloud.forward({**event, "source": "aws.s3"})
    cloud.forward({**event, "region": "eu-west-2"})  # a region without a forwarding rule

    assert unread() == [event]


def test_a_table_answers_as_the_notifier_asks(cloud: Cloud, probe: Stack) -> None:
    dynamodb, table = cloud.client("dynamodb"), probe.resources["Table"]
    item = {"arn": {"S": "1"}, "work": {"S": "open"}, "status": {"S": "QUEUED"}, "detail": {"S": "not projected"}}
    dynamodb.put_item(TableName=table, Item=item)

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.update_item(
            TableName=table,
            Key={"arn": item["arn"]},
            UpdateExpression="REMOVE #w",
            ConditionExpression="attribute_not_exists(arn)",
            ExpressionAttributeNames={"#w": "work"},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"] == item
    found = dynamodb.query(
        TableName=table,
        IndexName="work",
        KeyConditionExpression="#w = :w",
        ExpressionAttributeNames={"#w": "work"},
        ExpressionAttributeValues={":w": item["work"]},
    )
    assert found["Items"] == [{name: item[name] for name in ("arn", "work", "status")}]
    batch = dynamodb.batch_get_item(RequestItems={table: {"Keys": [{"arn": {"S": "1"}}, {"arn": {"S": "none"}}]}})
    assert batch["Responses"] == {table: [item]}


@pytest.fixture
def unread(cloud: Cloud, probe: Stack) -> Callable[[], list[Any]]:
    """Everything in the queue behind the rule, which is empty when the test begins."""

    def read() -> list[Any]:
        queue = {"QueueUrl": probe.resources["Unread"]}
        messages = cloud.client("sqs").receive_message(**queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    cloud.client("sqs").purge_queue(QueueUrl=probe.resources["Unread"])
    return read


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Any]]]:
    """An HTTP endpoint that confirms its subscription with a delay, and SNS's posts to it."""
    posted: list[Any] = []

    def take(letter: Any) -> Iterator[bytes]:
        yield b""  # the answer leaves before the confirmation
        if letter["Type"] == "SubscriptionConfirmation":
            time.sleep(0.2)
            urlopen(letter["SubscribeURL"]).close()  # noqa: S310  the emulator's own link
        posted.append(letter)

    with serving(lambda request: Response(take(json.loads(request.body)))) as url:
        yield f"{url}/sns", posted


def test_a_topic_posts_to_an_endpoint_beside_its_mailboxes(
    cloud: Cloud, probe: Stack, endpoint: tuple[str, list[Any]], eventually: Eventually
) -> None:
    url, posted = endpoint
    cloud.subscribe_http(probe.outputs["TopicArn"], url)
    letter = {"TopicArn": probe.outputs["TopicArn"], "Subject": "[Braket] ghz-12", "Message": "Done."}
    cloud.client("sns").publish(**letter)

    arrived = eventually(lambda: posted[1:])

    assert [{name: each[name] for name in letter} for each in arrived] == [letter]
