"""Spending limits through the sweep: a notice in a channel's queue, and a Braket or a row that refuses."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from braket_notifier.bootstrap import shared
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import Allowance
from braket_notifier.errors import BusyError, UnreadableError
from braket_notifier.sending.wire import decode
from tests.conftest import GARNET
from tests.lambdas.test_functions import counted, logged

ASnapshot = Callable[..., Snapshot]
REGION = "eu-north-1"
ARN = f"arn:aws:braket:{REGION}:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"


@pytest.fixture
def sweep(account: Any) -> Any:  # noqa: ARG001 - the environment first
    import sweep as function  # noqa: PLC0415 - imported after the environment is set, as in Lambda

    return function.lambda_handler


def limit(spent: str) -> Allowance:
    since = shared.now() - timedelta(days=1)
    return Allowance(ARN, Decimal(500), Decimal(spent), since, queued=Decimal(50), device=GARNET, region=REGION)


def statuses(account: Any) -> list[str]:
    found = [decode(each["Body"]).transition.status for each in account.waiting("slack")]
    return [each.partition(" since")[0] for each in found]


def test_a_limit_that_most_is_used_of_is_announced_once(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot
) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING", device=GARNET)
    account.braket.limits[REGION] = [limit("360")]

    for _ in range(4):
        sweep({}, context)

    assert statuses(account) == ["SPENDING_LIMIT 80 of 500"]


@pytest.mark.parametrize("error", [UnreadableError("AccessDeniedException"), BusyError("ThrottlingException")])
def test_refused_limits_are_logged_and_counted_and_the_sweep_goes_on(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    *,
    error: Exception,
) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING", device=GARNET)
    account.braket.limits[REGION] = error
    for _ in range(2):
        sweep({}, context)
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=None)

    answer = sweep({}, context)

    assert answer == {"relayed": 0, "found": 1}
    assert statuses(account) == ["COMPLETED"]
    assert counted(logged(capsys), "SpendingLimitLooksFailed") == 2
    assert caplog.messages.count("spending limits could not be read") == 2


def test_a_row_of_a_newer_version_raises_the_alarm_and_stops_no_sweep(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING", device=GARNET)
    account.braket.limits[REGION] = [limit("360")]
    newer = {"arn": {"S": f"watched#{REGION}"}, "format": {"N": "2"}}
    boto3.client("dynamodb").put_item(TableName="snapshots", Item=newer)
    for _ in range(2):
        sweep({}, context)

    assert "spending limits could not be announced" in caplog.messages
    assert counted(logged(capsys), "SpendingLimitLooksFailed") == 1
    assert statuses(account) == []
