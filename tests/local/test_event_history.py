"""The event history of the local cloud is as unkind as CloudTrail's: late, in pages of fifty, two requests a second."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local.braket_world import BraketWorld, braket_world

BY_NAME = {"AttributeKey": "EventName", "AttributeValue": "CreateQuantumTask"}


def cloudtrail(it: BraketWorld, region: str = "us-east-1") -> Any:
    config = Config(retries={"total_max_attempts": 1})
    made_up: dict[str, Any] = {"aws_access_key_id": "anna", "aws_secret_access_key": "-"}
    return boto3.client("cloudtrail", region_name=region, endpoint_url=it.braket.url, config=config, **made_up)


def listed(it: BraketWorld, name: str = "CreateQuantumTask", **more: object) -> list[dict[str, Any]]:
    client = cloudtrail(it)
    request: dict[str, Any] = {"LookupAttributes": [{**BY_NAME, "AttributeValue": name}], **more}
    found = []
    while True:
        it.push(1)
        answer = client.lookup_events(**request)
        found += [json.loads(each["CloudTrailEvent"]) for each in answer["Events"]]
        if not answer.get("NextToken"):
            return found
        request["NextToken"] = answer["NextToken"]


def test_an_event_appears_within_fifteen_minutes_and_not_at_once() -> None:
    with braket_world() as it:
        arns = [it.task() for _ in range(20)]
        seen = []
        for _ in range(16):
            seen.append(len(listed(it)))
            it.push(60)

        assert seen[0] == 0
        assert len(set(seen)) > 3  # not all at once
        assert seen[-1] == 20
        assert {each["responseElements"]["quantumTaskArn"] for each in listed(it)} == set(arns)


def test_an_event_has_the_caller_and_a_jobs_own_task_has_the_jobs_role() -> None:
    with braket_world(signed_in_as=lambda key: f"arn:aws:iam::000000000000:user/{key}", late=lambda _: 0) as it:
        job = it.job()
        it.task()
        it.push(1)
        it.task(jobToken=it.braket.job_token(job))

        by_job, alone = (each["userIdentity"] for each in listed(it))
        [created] = listed(it, "CreateJob")

    assert alone == {"type": "IAMUser", "arn": "arn:aws:iam::000000000000:user/made-up", "accountId": "000000000000"}
    assert by_job["arn"].startswith("arn:aws:sts::000000000000:assumed-role/AmazonBraketJobsExecutionRole/")
    assert created["responseElements"]["jobArn"] == job


def test_pages_have_fifty_events_and_a_range_has_both_its_ends() -> None:
    with braket_world(late=lambda _: 0) as it:
        arns = [it.task() for _ in range(120)]
        now: datetime = it.braket.clock.now()
        everything = listed(it)
        nothing = listed(it, StartTime=now + timedelta(hours=1), EndTime=now + timedelta(hours=2))

        assert {each["responseElements"]["quantumTaskArn"] for each in everything} == set(arns)
        assert nothing == []
        assert it.braket.calls["LookupEvents"] == 3 + 1


def test_the_third_request_of_a_second_and_region_is_throttled() -> None:
    with braket_world() as it:
        here, elsewhere = cloudtrail(it), cloudtrail(it, "eu-north-1")
        for client in (here, here, elsewhere):
            client.lookup_events(LookupAttributes=[BY_NAME])
        with pytest.raises(ClientError) as refused:
            here.lookup_events(LookupAttributes=[BY_NAME])
        it.push(1)
        here.lookup_events(LookupAttributes=[BY_NAME])

    assert refused.value.response["Error"]["Code"] == "ThrottlingException"


def test_a_caller_without_the_right_is_refused() -> None:
    with (
        braket_world(may=lambda _, action, __: action != "cloudtrail:LookupEvents") as it,
        pytest.raises(ClientError) as refused,
    ):
        cloudtrail(it).lookup_events(LookupAttributes=[BY_NAME])

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
