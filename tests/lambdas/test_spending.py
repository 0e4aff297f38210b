"""Spending limits through the sweep: a notice in a channel's queue, and a Braket or a row that refuses."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.prices import DynamoPrices
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import shared
from braket_notifier.costs.prices import parse_prices
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import Allowance
from braket_notifier.errors import BusyError, UnreadableError
from braket_notifier.sending.wire import decode
from local.braket.prices import price_list
from tests.conftest import GARNET, NOON
from tests.lambdas.conftest import SETTINGS, counted, logged

ASnapshot = Callable[..., Snapshot]
REGION = "eu-north-1"
ARN = f"arn:aws:braket:{REGION}:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"


@pytest.fixture(autouse=True)
def no_month_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the last hours of a month earlier, because a budget of a month begins anew with the next one."""
    real, last = shared.now, timedelta(hours=6)
    if (real() + last).month != real().month:
        monkeypatch.setattr(shared, "now", lambda: real() - 2 * last)


@pytest.fixture(autouse=True)
def prices(account: Any, no_month_ends: None) -> None:  # noqa: ARG001 - the environment first
    listed = parse_prices(price_list().splitlines(keepends=True), shared.now().date())
    DynamoPrices(Table(boto3.client("dynamodb"), "snapshots")).save_prices(listed)


def limit(spent: str) -> Allowance:
    since = NOON - timedelta(days=1)
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


@pytest.mark.parametrize(("used", "expected"), [("360", "80"), ("449", "full")])
def test_a_limit_is_full_when_less_than_the_newest_open_task_is_left(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, used: str, expected: str
) -> None:
    """The task of 1,000 shots on Garnet will cost $1.75 by the price list."""
    account.braket.knows[a_task().arn] = a_task("RUNNING", device=GARNET, created_at=shared.now(), shots=1000)
    account.braket.limits[REGION] = [limit(used)]

    for _ in range(3):
        sweep({}, context)

    assert statuses(account) == [f"SPENDING_LIMIT {expected} of 500"]


def test_a_limit_is_full_when_less_than_the_last_ended_task_is_left(
    account: Any, context: Any, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = with_settings(account)
    ends(account, context, sweep, a_task)
    account.braket.limits[REGION] = [limit("449")]
    for _ in range(2):  # nothing is open any more, so the limits are read in the next hour alone
        sweep({}, context)
    before = statuses(account)
    passes_an_hour(monkeypatch)

    sweep({}, context)

    assert before == ["COMPLETED"]
    assert statuses(account) == ["SPENDING_LIMIT full of 500"]


BUDGETS = [
    {"amount": 3, "period": "month", "device": "*/iqm/*"},
    {"amount": 100, "period": "month", "batch": "ghz"},
    {"amount": 1, "period": "month", "person": "Anna"},
]
PEOPLE = [{"name": "Anna", "slack": "U01ABCDEF", "owns": ["tag:owner=anna"]}]


def with_settings(account: Any, **more: Any) -> Any:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | more))
    return account.function("sweep")


def ends(account: Any, context: Any, sweep: Any, a_task: ASnapshot, **more: Any) -> None:
    now = shared.now()
    for status in ("RUNNING", "RUNNING", "COMPLETED"):
        ended = now if status == "COMPLETED" else None
        task = a_task(status, device=GARNET, created_at=now, ended_at=ended, shots=1000, **more)
        account.braket.knows[task.arn] = task
        sweep({}, context)


def passes_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    later = shared.now() + timedelta(hours=1)
    monkeypatch.setattr(shared, "now", lambda: later)


def test_budgets_are_announced_once_by_what_ended_and_of_persons_only_if_allowed(
    account: Any, context: Any, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = with_settings(account, budgets=BUDGETS, people=PEOPLE)
    ends(account, context, sweep, a_task, tags={"owner": "anna"})
    for _ in range(2):
        passes_an_hour(monkeypatch)
        sweep({}, context)

    assert statuses(account) == ["COMPLETED", "BUDGET full of 3"]


def test_what_ends_in_the_last_hour_of_a_period_is_announced_once_after_it(
    account: Any, context: Any, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = with_settings(account, budgets=[{"amount": 3, "period": "day", "device": "*/iqm/*"}])
    midnight = shared.now().replace(hour=0, minute=0) + timedelta(days=1)

    def at(minutes: int) -> None:
        monkeypatch.setattr(shared, "now", lambda: midnight + timedelta(minutes=minutes))

    at(-55)
    sweep({}, context)
    at(-20)
    ends(account, context, sweep, a_task)
    found = []
    for minutes in (-5, 3, 8, 63):
        at(minutes)
        sweep({}, context)
        found.append(statuses(account))

    assert found == [["COMPLETED"], ["BUDGET full of 3"], [], []]


def test_the_budget_of_a_person_goes_to_the_channels_of_costs(
    account: Any, context: Any, a_task: ASnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = {"costs_by_person": True, "costs_to": ["team-slack"], "people": PEOPLE}
    sweep = with_settings(account, budgets=BUDGETS[2:], **allowed)
    ends(account, context, sweep, a_task, tags={"owner": "anna"})
    passes_an_hour(monkeypatch)
    sweep({}, context)

    assert statuses(account) == ["COMPLETED", "BUDGET full of 1"]


def test_without_money_no_limit_is_read_and_no_budget_summed(account: Any, context: Any, a_task: ASnapshot) -> None:
    sweep = with_settings(account, money=False, budgets=BUDGETS)
    account.braket.limits[REGION] = [limit("499")]
    ends(account, context, sweep, a_task)

    assert statuses(account) == ["COMPLETED"]


def test_budgets_that_cannot_be_summed_raise_the_alarm_and_stop_no_sweep(
    account: Any, context: Any, a_task: ASnapshot, caplog: pytest.LogCaptureFixture
) -> None:
    newer = {"arn": {"S": "watched#budgets"}, "format": {"N": "2"}}
    boto3.client("dynamodb").put_item(TableName="snapshots", Item=newer)
    sweep = with_settings(account, budgets=BUDGETS)
    ends(account, context, sweep, a_task)

    assert statuses(account) == ["COMPLETED"]
    assert caplog.messages.count("budgets could not be announced") == 3


def test_sums_that_find_no_time_are_left_to_the_next_sweep_and_raise_no_alarm(
    account: Any,
    context: Any,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sweep = with_settings(account, budgets=BUDGETS[:1])
    ends(account, context, sweep, a_task)
    passes_an_hour(monkeypatch)
    found = DynamoEndedTasks.between

    def slow(tasks: DynamoEndedTasks, *about: Any) -> Any:
        context.left_ms = 19_000
        return found(tasks, *about)

    monkeypatch.setattr(DynamoEndedTasks, "between", slow)
    sweep({}, context)
    assert statuses(account) == ["COMPLETED"]
    assert "no time was left for budgets" in caplog.messages
    assert [each.levelname for each in caplog.records if each.levelno >= logging.ERROR] == []
    assert any("OldestSweepSeconds" in line for line in capsys.readouterr().out.splitlines())

    monkeypatch.setattr(DynamoEndedTasks, "between", found)
    context.left_ms = 60_000
    sweep({}, context)
    assert statuses(account) == ["BUDGET full of 3"]
