"""The local cloud: a function's permissions and surroundings."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud.cloud import Cloud, Stack

ARN = {"arn": {"S": "a quantum task"}}


def calls(stack: Stack) -> dict[str, list[Any]]:
    """The notifier's calls of AWS, in the probe's form."""
    names, batch = stack.resources, [{"Id": "1", "MessageBody": "-"}]
    return {
        "dynamodb:UpdateItem": ["dynamodb", "update_item", {"TableName": names["Table"], "Key": ARN}],
        "sqs:SendMessage": ["sqs", "send_message", {"QueueUrl": names["Unread"], "MessageBody": "-"}],
        "sqs:SendMessage, in a batch": ["sqs", "send_message_batch", {"QueueUrl": names["Unread"], "Entries": batch}],
        "sns:Publish": ["sns", "publish", {"TopicArn": names["Topic"], "Message": "-"}],
        "ssm:GetParameter": ["ssm", "get_parameter", {"Name": "/probe/token", "WithDecryption": True}],
    }


@pytest.mark.parametrize(
    "action",
    ["dynamodb:UpdateItem", "sqs:SendMessage", "sqs:SendMessage, in a batch", "sns:Publish", "ssm:GetParameter"],
)
def test_a_function_may_do_what_its_role_grants_and_nothing_else(cloud: Cloud, probe: Stack, action: str) -> None:
    """The queue and the topic also deny plain http, which no function uses on AWS."""
    cloud.client("ssm").put_parameter(Name="/probe/token", Value="xoxb", Type="SecureString", Overwrite=True)
    call = {"call": calls(probe)[action]}

    assert cloud.invoke(probe.resources["Granted"], call) == "OK"
    assert cloud.invoke(probe.resources["Bare"], call) in {
        "AccessDeniedException",  # DynamoDB, SSM
        "AccessDenied",  # SQS
        "AuthorizationError",  # SNS
    }


def test_a_grant_is_for_one_action_on_one_resource(cloud: Cloud, probe: Stack) -> None:
    get = ["dynamodb", "get_item", {"TableName": probe.resources["Table"], "Key": ARN}]
    elsewhere = ["sqs", "send_message", {"QueueUrl": probe.resources["Ungranted"], "MessageBody": "-"}]

    assert cloud.invoke(probe.resources["Granted"], {"call": get}) == "AccessDeniedException"
    assert cloud.invoke(probe.resources["Granted"], {"call": elsewhere}) == "AccessDenied"
    assert [each.split()[1:] for each in cloud.refusals()[-2:]] == [
        ["dynamodb:GetItem", f"arn:aws:dynamodb:{cloud.region}:{cloud.account}:table/{probe.resources['Table']}"],
        ["sqs:SendMessage", queue_arn(cloud, probe.resources["Ungranted"])],
    ]


def test_a_service_emulated_elsewhere_knows_a_function_s_permissions(cloud: Cloud, probe: Stack) -> None:
    """`Stage` makes Braket ask in this way."""
    granted, bare = (
        cloud.invoke(probe.resources[name])["environment"]["AWS_ACCESS_KEY_ID"] for name in ("Granted", "Bare")
    )
    unread, ungranted = (queue_arn(cloud, probe.resources[name]) for name in ("Unread", "Ungranted"))

    assert cloud.may(granted, "sqs:SendMessage", unread)
    assert not cloud.may(granted, "sqs:SendMessage", ungranted)
    assert not cloud.may(granted, "braket:GetJob", unread)
    assert not cloud.may(bare, "sqs:SendMessage", unread)
    assert cloud.refusals()[-1].split()[1:] == ["sqs:SendMessage", unread]


def requests(table: str, own: str, other: str) -> dict[str, list[Any]]:
    """Every form in which a request names the keys of rows; all but the first touch a row of another's."""
    where = {"TableName": table}
    row, foreign = {"arn": {"S": own}}, {"arn": {"S": other}}
    query = {"KeyConditionExpression": "#arn = :arn", "ExpressionAttributeNames": {"#arn": "arn"}}
    writes = [{"PutRequest": {"Item": row}}, {"DeleteRequest": {"Key": foreign}}]
    update = {**where, "Key": foreign, "UpdateExpression": "SET #a = :a"}
    update |= {"ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":a": {"S": "1"}}}
    return {
        "own": ["dynamodb", "get_item", {**where, "Key": row}],
        "get": ["dynamodb", "get_item", {**where, "Key": foreign}],
        "put": ["dynamodb", "put_item", {**where, "Item": foreign}],
        "query": ["dynamodb", "query", {**where, **query, "ExpressionAttributeValues": {":arn": {"S": other}}}],
        "read a batch": ["dynamodb", "batch_get_item", {"RequestItems": {table: {"Keys": [row, foreign]}}}],
        "write a batch": ["dynamodb", "batch_write_item", {"RequestItems": {table: writes}}],
        "a transaction": ["dynamodb", "transact_write_items", {"TransactItems": [{"Update": update}]}],
    }


@pytest.fixture
def of_one(cloud: Cloud, probe: Stack) -> Iterator[dict[str, list[Any]]]:
    """A role that may use the rows of `one#` only; the requests touch rows of `one-two#`."""
    names = {"RoleName": probe.resources["BareRole"], "PolicyName": "rows"}
    table = probe.resources["Table"]
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:*",
        "Resource": f"arn:aws:dynamodb:{cloud.region}:{cloud.account}:table/{table}",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["one#*"]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("iam").put_role_policy(**names, PolicyDocument=document)
    yield requests(table, "one#lease", "one-two#lease")
    cloud.client("iam").delete_role_policy(**names)


def test_a_condition_on_rows_holds_for_every_request(cloud: Cloud, probe: Stack, of_one: dict[str, list[Any]]) -> None:
    answers = {name: cloud.invoke(probe.resources["Bare"], {"call": call}) for name, call in of_one.items()}

    assert answers == {name: "OK" if name == "own" else "AccessDeniedException" for name in of_one}


def queue_arn(cloud: Cloud, url: str) -> str:
    return f"arn:aws:sqs:{cloud.region}:{cloud.account}:{url.rpartition('/')[2]}"


def test_a_function_knows_its_region_and_the_endpoints_given_from_outside_the_template(
    cloud: Cloud, probe: Stack
) -> None:
    seen = cloud.invoke(probe.resources["Bare"])["environment"]

    assert seen["AWS_ENDPOINT_URL"] == cloud.url
    assert seen["AWS_ENDPOINT_URL_BRAKET"] == "http://127.0.0.1:1"
    assert seen["AWS_REGION"] == cloud.region
    assert seen["QUEUE_URL"] == probe.resources["Records"]


def test_a_function_finds_its_layer_and_no_package_that_its_layer_does_not_bring(assembly: Path) -> None:
    with Cloud() as cloud:
        function = cloud.deploy(assembly).resources["Bare"]

        assert cloud.invoke(function, {"find": "greeting"})
        assert not cloud.invoke(function, {"find": "boto3"})


def test_nothing_of_the_callers_environment_reaches_a_function(cloud: Cloud, probe: Stack) -> None:
    seen = cloud.invoke(probe.resources["Bare"])["environment"]

    assert seen["HOME"] != os.environ["HOME"]
    assert seen.keys().isdisjoint({"AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "PYTEST_CURRENT_TEST"})


def test_a_failed_invocation_raises_with_its_reason(cloud: Cloud, probe: Stack) -> None:
    with pytest.raises(RuntimeError, match="nonsense"):
        cloud.invoke(probe.resources["Bare"], {"call": ["nonsense", "none", {}]})
