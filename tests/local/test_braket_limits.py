"""Quotas, and errors on demand."""

import math

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import Clock, Script
from local.braket.errors import BraketError
from local.braket.quotas import QUOTAS, Quotas
from tests.local.braket_world import SV1, BraketWorld, braket_world, client_of


def refusals(it: BraketWorld, arn: str, times: int) -> list[str]:
    seen = []
    for _ in range(times):
        try:
            it.get(arn)
            seen.append("")
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])
    return seen


def test_a_burst_goes_through_and_the_next_is_throttled() -> None:
    with braket_world(quotas=True) as it:
        job = it.job()

        assert refusals(it, job, 26) == [""] * 25 + ["ThrottlingException"]


def test_the_bucket_fills_with_time() -> None:
    """GetJob: 5 requests a second."""
    with braket_world(quotas=True) as it:
        job = it.job()
        refusals(it, job, 26)
        it.push(1)

        assert refusals(it, job, 6) == [""] * 5 + ["ThrottlingException"]


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    with braket_world(quotas=True) as it:
        job = it.job()
        refusals(it, job, 1)
        it.push(3600)

        assert refusals(it, job, 26).count("") == 25


def test_each_region_and_operation_has_a_bucket_of_its_own() -> None:
    with braket_world(Script(steps=()), quotas=True) as it:
        job = it.job()
        refusals(it, job, 26)
        elsewhere = client_of(it.braket, "us-west-2")

        assert it.client.search_jobs(filters=[])["jobs"]
        assert elsewhere.get_device(deviceArn=SV1)
        elsewhere.close()


def test_all_requests_together_have_a_quota_too() -> None:
    """The quota is 600 at once. Tags have no quota of their own."""
    clock = Clock(held=True)
    quotas = Quotas(clock.now)
    for _ in range(600):
        quotas.spend("us-east-1", "ListTagsForResource")

    with pytest.raises(BraketError, match="Rate exceeded"):
        quotas.spend("us-east-1", "ListTagsForResource")


def test_without_quotas_nothing_is_throttled() -> None:
    with braket_world() as it:
        assert refusals(it, it.job(), QUOTAS["GetJob"][1] + 1).count("") == 26


def test_an_error_on_demand_comes_as_often_as_asked() -> None:
    with braket_world() as it:
        arn = it.task()
        it.braket.fail("GetQuantumTask", "ThrottlingException", times=3)

        assert refusals(it, arn, 4) == ["ThrottlingException"] * 3 + [""]


def test_an_error_on_demand_may_concern_one_arn_for_good() -> None:
    with braket_world() as it:
        gone, other = it.task(), it.task()
        it.braket.fail("GetQuantumTask", "ResourceNotFoundException", math.inf, arn=gone)
        seen = refusals(it, gone, 2), refusals(it, other, 1)
        it.braket.recover()

        assert seen == (["ResourceNotFoundException"] * 2, [""])
        assert refusals(it, gone, 1) == [""]


def test_errors_on_demand_come_in_the_order_they_were_asked_for() -> None:
    with braket_world() as it:
        arn = it.task()
        for code in ("InternalServiceException", "AccessDeniedException"):
            it.braket.fail("GetQuantumTask", code)

        assert refusals(it, arn, 3) == ["InternalServiceException", "AccessDeniedException", ""]


def test_an_error_braket_does_not_have_is_a_mistake() -> None:
    with braket_world() as it, pytest.raises(ValueError, match="ThrottlingException"):
        it.braket.fail("GetQuantumTask", "TooManyRequests")


def test_calls_are_counted() -> None:
    with braket_world() as it:
        arn = it.task()
        refusals(it, arn, 3)

        assert it.braket.calls == {"CreateQuantumTask": 1, "GetQuantumTask": 3}


def test_the_given_function_decides_who_may_do_what() -> None:
    asked: list[tuple[str, str, str]] = []

    def may(access_key: str, action: str, resource: str) -> bool:
        asked.append((access_key, action, resource))
        return action != "braket:GetQuantumTask"

    with braket_world(may=may) as it:
        arn = it.task()

        assert refusals(it, arn, 1) == ["AccessDeniedException"]
        it.client.search_quantum_tasks(
            filters=[{"name": "createdAt", "operator": "GTE", "values": ["2020-01-01T00:00:00Z"]}]
        )
        it.client.get_device(deviceArn=SV1)
        assert [each[1:] for each in asked[1:]] == [
            ("braket:GetQuantumTask", arn),
            ("braket:SearchQuantumTasks", "*"),
            ("braket:GetDevice", SV1),
        ]
        assert {each[0] for each in asked} == {"made-up"}
