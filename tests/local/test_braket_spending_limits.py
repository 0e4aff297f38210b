"""Spending limits: what they list, which tasks they refuse, and that waiting tasks reserve their estimate."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import Script, usual
from tests.local.braket_world import (
    ANALOG,
    AQUILA,
    FORTE,
    GARNET,
    RESERVATION,
    SV1,
    BraketWorld,
    braket_world,
    client_of,
)

STAYS = Script(steps=((1, "QUEUED"),))
#: What a task of ten shots on Aquila costs: $0.30 and ten times $0.01.
TEN_SHOTS = {"deviceArn": AQUILA, "action": ANALOG, "shots": 10}


def limits(it: BraketWorld, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = it.client.search_spending_limits(**asked)["spendingLimits"]
    return found


def spend(it: BraketWorld) -> tuple[float, float]:
    """What is spent and what is queued under the first limit."""
    [limit] = limits(it)
    return float(limit["totalSpend"]), float(limit["queuedSpend"])


def test_waiting_tasks_reserve_their_estimate_and_completed_ones_spend_it() -> None:
    with braket_world(Script(steps=usual("task"))) as it:
        it.task(**TEN_SHOTS)  # before the limit, so it does not count
        it.push(1)
        it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="5.00")
        it.task(**TEN_SHOTS)
        it.task(**TEN_SHOTS, associations=[{"arn": RESERVATION, "type": "RESERVATION_TIME_WINDOW_ARN"}])
        it.task()  # on another device
        assert spend(it) == (0, 0.4)

        it.push(60)

        assert spend(it) == (0.4, 0)


@pytest.mark.parametrize(
    ("script", "spent"),
    [
        (Script(steps=((1, "FAILED"),)), 0),
        (Script(steps=((1, "CANCELLED"),)), 0),
        (Script(steps=((1, "COMPLETED"),), successful_shots=5), 0.35),  # adjusted for what succeeded
    ],
)
def test_an_end_releases_what_it_did_not_cost(script: Script, spent: float) -> None:
    with braket_world(script) as it:
        it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="5.00")
        it.task(**TEN_SHOTS)
        it.push(2)

        assert spend(it) == (spent, 0)


def test_a_task_whose_estimate_exceeds_what_remains_is_refused_and_the_limit_is_never_full() -> None:
    with braket_world(STAYS) as it:
        it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="1")
        it.task(**TEN_SHOTS)
        it.task(**TEN_SHOTS)

        with pytest.raises(ClientError, match=r"Spending limit: 1, current spend: 0, estimated cost: 0\.4") as refused:
            it.task(**TEN_SHOTS)

        assert refused.value.response["Error"]["Code"] == "ValidationException"
        assert spend(it) == (0, 0.8)


def test_the_same_client_token_is_no_second_task() -> None:
    with braket_world(STAYS) as it:
        it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="0.50")
        first = it.task(**TEN_SHOTS, clientToken="again")

        assert it.task(**TEN_SHOTS, clientToken="again") == first


def test_a_raised_limit_accepts_and_a_deleted_one_limits_nothing() -> None:
    with braket_world(STAYS) as it:
        arn = it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="0")["spendingLimitArn"]
        with pytest.raises(ClientError, match="Attempted to spend over"):
            it.task(**TEN_SHOTS)
        it.client.update_spending_limit(spendingLimitArn=arn, spendingLimit="0.5")
        it.task(**TEN_SHOTS)

        it.client.delete_spending_limit(spendingLimitArn=arn)

        it.task(**TEN_SHOTS)
        assert limits(it) == []
        with pytest.raises(ClientError, match="was not found"):
            it.client.delete_spending_limit(spendingLimitArn=arn)


def test_a_period_that_has_not_begun_refuses_every_task() -> None:
    with braket_world(STAYS) as it:
        period = {"startAt": 4_000_000_000, "endAt": 4_100_000_000}
        it.client.create_spending_limit(deviceArn=AQUILA, spendingLimit="5", timePeriod=period)

        with pytest.raises(ClientError, match="outside the spending limit time window"):
            it.task(**TEN_SHOTS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"deviceArn": SV1},  # a simulator
        {"deviceArn": GARNET},  # of another region
        {"deviceArn": FORTE},  # has one already
        {"spendingLimit": "1.234"},
        {"spendingLimit": "-1"},
        {"timePeriod": {"startAt": 2_000_000_000, "endAt": 1_900_000_000}},
    ],
)
def test_a_limit_that_braket_would_refuse_is_refused(wrong: dict[str, Any]) -> None:
    with braket_world() as it:
        it.client.create_spending_limit(deviceArn=FORTE, spendingLimit="5")

        with pytest.raises(ClientError, match="ValidationException"):
            it.client.create_spending_limit(**{"deviceArn": AQUILA, "spendingLimit": "5"} | wrong)


def test_search_has_pages_filters_and_regions() -> None:
    with braket_world() as it:
        arns = [
            it.client.create_spending_limit(deviceArn=each, spendingLimit="5")["spendingLimitArn"]
            for each in (FORTE, AQUILA)
        ]
        page = it.client.search_spending_limits(maxResults=1)
        rest = it.client.search_spending_limits(maxResults=1, nextToken=page["nextToken"])

        assert [each["spendingLimitArn"] for each in page["spendingLimits"] + rest["spendingLimits"]] == arns[::-1]
        assert "nextToken" not in rest
        by_device = [{"name": "deviceArn", "operator": "EQUAL", "values": [AQUILA]}]
        assert [each["deviceArn"] for each in limits(it, filters=by_device)] == [AQUILA]
        by_arn = [{"name": "spendingLimitArn", "operator": "EQUAL", "values": arns[:1]}]
        assert [each["deviceArn"] for each in limits(it, filters=by_arn)] == [FORTE]
        with pytest.raises(ClientError, match="Unsupported filter name"):
            limits(it, filters=[{"name": "status", "operator": "EQUAL", "values": ["x"]}])
        other = client_of(it.braket, "eu-north-1")
        assert other.search_spending_limits()["spendingLimits"] == []
        other.close()
