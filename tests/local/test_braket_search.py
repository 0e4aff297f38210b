"""The filters and pages of SearchQuantumTasks, SearchJobs and SearchDevices."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import CreateRequest, Script
from tests.local.braket_world import FORTE, SV1, BraketWorld, braket_world

Filter = dict[str, Any]


def by(name: str, operator: str, *values: str) -> Filter:
    return {"name": name, "operator": operator, "values": list(values)}


def tasks(it: BraketWorld, *filters: Filter) -> list[str]:
    pages = it.client.get_paginator("search_quantum_tasks").paginate(filters=list(filters))
    return [task["quantumTaskArn"] for page in pages for task in page["quantumTasks"]]


def jobs(it: BraketWorld, *filters: Filter) -> list[str]:
    pages = it.client.get_paginator("search_jobs").paginate(filters=list(filters))
    return [job["jobArn"] for page in pages for job in page["jobs"]]


def by_tag(asked: CreateRequest) -> Script:
    """Tasks with the tag `end` for their last status and the tag `age` for the hours since their creation."""
    end = asked.tags.get("end")
    return Script(steps=((0, end),) if end else (), aged=timedelta(hours=int(asked.tags.get("age", "0"))))


@pytest.fixture
def it() -> Iterator[BraketWorld]:
    with braket_world(choose=by_tag) as world:
        yield world


def test_without_filters_everything_is_found_newest_first(it: BraketWorld) -> None:
    arns = [it.task() for _ in range(5)]

    assert tasks(it) == arns[::-1]


def test_all_filters_must_hold(it: BraketWorld) -> None:
    wanted = it.task(tags={"end": "QUEUED"})
    it.task(tags={"end": "QUEUED"}, deviceArn=FORTE)
    it.task()
    it.push(0)

    assert tasks(it, by("status", "EQUAL", "QUEUED"), by("deviceArn", "EQUAL", SV1)) == [wanted]


def test_equal_holds_for_any_of_its_values(it: BraketWorld) -> None:
    first, _, third = (it.task(tags={"end": end}) for end in ("RUNNING", "FAILED", "QUEUED"))
    it.push(0)

    assert tasks(it, by("status", "EQUAL", "RUNNING", "QUEUED")) == [third, first]


def test_a_jobs_own_tasks_are_found_by_its_arn(it: BraketWorld) -> None:
    job = it.job()
    children = [it.task(jobToken=it.braket.job_token(job)) for _ in range(3)]
    it.task()

    assert tasks(it, by("jobArn", "EQUAL", job)) == children[::-1]


@pytest.mark.parametrize(
    ("operator", "bounds", "ages"),
    [
        ("LT", [2], [3]),
        ("LTE", [2], [2, 3]),
        ("EQUAL", [2], [2]),
        ("GT", [2], [1]),
        ("GTE", [2], [1, 2]),
        ("BETWEEN", [3, 2], [2, 3]),  # both ends are included
        ("BETWEEN", [2, 3], []),  # a reversed range matches nothing
    ],
)
@pytest.mark.parametrize("kind", ["task", "job"])
def test_created_at_is_compared_as_a_time(
    it: BraketWorld, kind: str, operator: str, bounds: list[int], ages: list[int]
) -> None:
    make, find = (it.task, tasks) if kind == "task" else (it.job, jobs)
    arns = {age: make(tags={"age": str(age)}) for age in (1, 2, 3)}
    moments = [(it.braket.clock.now() - timedelta(hours=age)).astimezone(UTC).isoformat() for age in bounds]

    assert find(it, by("createdAt", operator, *moments)) == [arns[age] for age in ages]


def test_a_job_may_be_found_by_part_of_its_arn(it: BraketWorld) -> None:
    arns = [it.job() for _ in range(2)]

    assert jobs(it, by("jobArn", "CONTAINS", arns[0].rsplit("/", 1)[-1])) == arns[:1]


@pytest.mark.parametrize(
    "asked",
    [
        by("tags", "EQUAL", "x"),  # there is no tag filter anywhere
        by("outputS3Bucket", "EQUAL", "x"),
        by("status", "CONTAINS", "QUEUED"),  # CONTAINS is for jobs alone
        by("status", "LIKE", "QUEUED"),
        by("createdAt", "GT", "yesterday"),
        by("createdAt", "GT", "2026-01-01", "2026-01-02"),
        by("createdAt", "BETWEEN", "2026-01-01"),
        by("status", "EQUAL", *["QUEUED"] * 11),
        by("status", "EQUAL", ""),
    ],
)
def test_another_filter_on_tasks_is_refused(it: BraketWorld, asked: Filter) -> None:
    with pytest.raises(it.client.exceptions.ValidationException):
        tasks(it, asked)


@pytest.mark.parametrize("asked", [by("status", "EQUAL", "QUEUED"), by("deviceArn", "EQUAL", SV1)])
def test_another_filter_on_jobs_is_refused(it: BraketWorld, asked: Filter) -> None:
    with pytest.raises(it.client.exceptions.ValidationException, match=r"jobArn, createdAt"):
        jobs(it, asked)


def test_pages_have_each_task_once_while_others_come_and_end(it: BraketWorld) -> None:
    arns = [it.task() for _ in range(7)]
    seen: list[str] = []
    for page in it.client.get_paginator("search_quantum_tasks").paginate(filters=[], PaginationConfig={"PageSize": 3}):
        seen += [task["quantumTaskArn"] for task in page["quantumTasks"]]
        it.task()

    assert seen == arns[::-1]


def test_the_last_page_has_no_token(it: BraketWorld) -> None:
    for _ in range(4):
        it.task()
    first = it.client.search_quantum_tasks(filters=[], maxResults=2)
    last = it.client.search_quantum_tasks(filters=[], maxResults=2, nextToken=first["nextToken"])

    assert (len(first["quantumTasks"]), len(last["quantumTasks"])) == (2, 2)
    assert "nextToken" not in last


def test_a_page_has_at_most_a_hundred(it: BraketWorld) -> None:
    for _ in range(101):
        it.task()

    assert len(it.client.search_quantum_tasks(filters=[])["quantumTasks"]) == 100


@pytest.mark.parametrize("token", ["", "nonsense", "bnVsbA==", "WzEsMiwzXQ==", "[]", "\N{SNOWMAN}"])
def test_a_bad_token_is_refused(it: BraketWorld, token: str) -> None:
    with pytest.raises(it.client.exceptions.ValidationException, match="nextToken"):
        it.client.search_quantum_tasks(filters=[], nextToken=token)


def test_a_token_belongs_to_its_own_search(it: BraketWorld) -> None:
    for _ in range(2):
        it.task()
    token = it.client.search_quantum_tasks(filters=[], maxResults=1)["nextToken"]

    with pytest.raises(ClientError, match="nextToken"):
        it.client.search_jobs(filters=[], nextToken=token)
    with pytest.raises(ClientError, match="nextToken"):
        it.client.search_quantum_tasks(filters=[by("status", "EQUAL", "QUEUED")], nextToken=token)


@pytest.mark.parametrize("size", [0, 101, -1])
def test_a_page_has_one_to_a_hundred(it: BraketWorld, size: int) -> None:
    with pytest.raises(ClientError, match="maxResults"):
        it.client.search_quantum_tasks(filters=[], maxResults=size)


def test_devices_are_found_by_arn_and_in_pages(it: BraketWorld) -> None:
    devices = it.client.get_paginator("search_devices").paginate(filters=[], PaginationConfig={"PageSize": 2})
    names = [device["deviceName"] for page in devices for device in page["devices"]]
    found = it.client.search_devices(filters=[{"name": "deviceArn", "values": [FORTE, "unknown"]}])["devices"]

    assert sorted(names) == ["Aquila", "Aria 1", "DM1", "Forte 1", "SV1"]
    assert [device["deviceName"] for device in found] == ["Forte 1"]


def test_devices_are_found_by_nothing_but_arn(it: BraketWorld) -> None:
    with pytest.raises(it.client.exceptions.ValidationException, match="deviceArn"):
        it.client.search_devices(filters=[{"name": "deviceName", "values": ["SV1"]}])
