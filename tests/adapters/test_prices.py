"""The row of prices and the ended tasks that sums read: one contract for every adapter."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import pytest

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.prices import DynamoPrices
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.submitters import DynamoSubmitterRows
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Table
from braket_notifier.adapters.memory.prices import MemoryEndedTasks, MemoryPrices
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.costs.ports import EndedTasks, PriceStore
from braket_notifier.costs.prices import Prices, parse_prices
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Step
from braket_notifier.tracking.ports import Snapshots
from local.braket.prices import price_list
from tests.conftest import GARNET, NOON, STORES, SV1, job_arn

if TYPE_CHECKING:
    from braket_notifier.watching.ports import LastCosts

ASnapshot = Callable[..., Snapshot]
PRICES = parse_prices(price_list().splitlines(keepends=True), date(2026, 11, 20))
HOUR = timedelta(hours=1)
PAID = Cost(Decimal("3.20"))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> PriceStore:
    if request.param == "memory":
        return MemoryPrices()
    return DynamoPrices(request.getfixturevalue(f"{request.param}_table")("snapshots"))


@pytest.fixture(params=STORES)
def rows(request: pytest.FixtureRequest) -> tuple[Snapshots, EndedTasks]:
    if request.param == "memory":
        memory = MemorySnapshots()
        return memory, MemoryEndedTasks(memory)
    table = request.getfixturevalue(f"{request.param}_table")("snapshots")
    return DynamoSnapshots(table, retention_days=90), DynamoEndedTasks(table)


def test_prices_are_read_as_they_were_saved(store: PriceStore) -> None:
    assert store.prices() is None
    assert store.try_now(NOON)
    assert store.prices() is None

    store.save_prices(Prices(date(2026, 11, 19), {("eu-north-1", "shot", "garnet"): Decimal(1)}))
    store.save_prices(PRICES)

    assert store.prices() == PRICES


def test_the_list_is_tried_once_an_hour(store: PriceStore) -> None:
    times = (NOON, NOON + HOUR / 2, NOON + HOUR, NOON + HOUR, NOON + 3 * HOUR)

    assert [store.try_now(at) for at in times] == [True, False, True, False, True]


def test_an_attempt_of_the_future_holds_no_other_back(store: PriceStore) -> None:
    assert [store.try_now(at) for at in (NOON + 9000 * HOUR, NOON, NOON + HOUR / 2)] == [True, True, False]


@pytest.mark.parametrize(
    "row",
    [{"format": 2, "as_of": "2026-11-20"}, {"as_of": "2026-11-20", "prices": "none"}, {"as_of": "2026-11-20"}],
)
def test_a_row_of_a_newer_version_states_no_price(table: Callable[[str], Table], row: dict[str, object]) -> None:
    snapshots = table("snapshots")
    snapshots.update({"arn": "prices"}, {name: f":{name}" for name in row}, {f":{k}": each for k, each in row.items()})
    store = DynamoPrices(snapshots)

    assert store.prices() is None
    if "format" in row:
        assert not store.try_now(NOON)
        with pytest.raises(ConditionRefusedError):
            store.save_prices(PRICES)


def test_an_end_is_recorded_with_its_cost(rows: tuple[Snapshots, EndedTasks], a_task: ASnapshot) -> None:
    snapshots, _ = rows
    for snapshot in (a_task("QUEUED"), a_task(cost=PAID)):
        snapshots.record(snapshot, Step(snapshot.status, NOON, "event"), announce=True, now=NOON)

    row = snapshots.get(a_task().arn)

    assert row
    assert row.snapshot.cost == PAID


@pytest.mark.parametrize("after", [None, PAID])
def test_a_correction_replaces_the_cost(
    rows: tuple[Snapshots, EndedTasks], a_task: ASnapshot, after: Cost | None
) -> None:
    snapshots, _ = rows
    for snapshot in (a_task("FAILED", cost=Cost(Decimal(0))), a_task(cost=after)):
        recorded = snapshots.record(snapshot, Step(snapshot.status, NOON, "event"), announce=True, now=NOON)

    assert recorded.row.corrected
    assert recorded.row.snapshot.cost == after


def test_a_refresh_of_a_job_saves_the_costs_of_its_tasks(rows: tuple[Snapshots, EndedTasks], a_job: ASnapshot) -> None:
    snapshots, _ = rows
    snapshots.record(a_job(), Step("COMPLETED", NOON, "event"), announce=True, now=NOON)

    assert snapshots.refresh(a_job(cost=Cost(Decimal("6.40"), unknown=1)), 1)

    row = snapshots.get(a_job().arn)
    assert row
    assert row.snapshot.cost == Cost(Decimal("6.40"), unknown=1)


def test_ended_tasks_are_read_by_job_and_by_time(rows: tuple[Snapshots, EndedTasks], a_task: ASnapshot) -> None:
    snapshots, ended = rows
    moves = [
        a_task("COMPLETED", 1, ended_at=NOON, job_arn=job_arn(), cost=PAID, tags={"batch": "ghz"}),
        a_task("FAILED", 2, ended_at=NOON + HOUR),
        a_task("CANCELLED", 3, ended_at=NOON + 2 * HOUR, job_arn=job_arn()),  # the end of the range is not in it
        a_task("RUNNING", 4, job_arn=job_arn()),
        *(a_task("COMPLETED", number, ended_at=NOON - HOUR) for number in range(10, 220)),  # several reads
    ]
    for task in moves:
        row = snapshots.record(task, Step(task.status, task.ended_at, "event"), announce=True, now=NOON).row
        snapshots.dispatched(row, NOON)

    found = {each.arn: each for each in ended.between("eu-north-1", NOON, NOON + 2 * HOUR)}

    assert found.keys() == {moves[0].arn, moves[1].arn}
    assert (found[moves[0].arn].cost, found[moves[0].arn].tags) == (PAID, {"batch": "ghz"})
    job = moves[0].job_arn
    assert {each.arn for each in ended.of_job(parse_arn(job))} == {moves[0].arn, moves[2].arn}
    assert sum(1 for _ in ended.between("eu-north-1", NOON - HOUR, NOON)) == 210
    assert [*ended.between("us-east-1", NOON - HOUR, NOON + HOUR)] == []


def test_the_last_cost_on_a_device_is_that_of_its_last_end_with_an_amount(
    rows: tuple[Snapshots, EndedTasks], a_task: ASnapshot
) -> None:
    snapshots, ended = rows
    ends = (
        a_task("COMPLETED", 1, ended_at=NOON - 2 * HOUR, cost=Cost(Decimal(7))),
        a_task("COMPLETED", 2, ended_at=NOON - HOUR, cost=PAID),
        a_task("COMPLETED", 3, ended_at=NOON, cost=Cost(Decimal(9)), device=SV1),
        a_task("CANCELLED", 4, ended_at=NOON, cost=Cost(Decimal(0))),
        a_task("COMPLETED", 5, ended_at=NOON),
    )
    for task in ends:
        row = snapshots.record(task, Step(task.status, task.ended_at, "event"), announce=True, now=NOON).row
        snapshots.dispatched(row, NOON)
    costs = cast("LastCosts", ended)

    assert costs.last_cost("eu-north-1", GARNET, NOON - 3 * HOUR) == PAID.amount
    assert costs.last_cost("eu-north-1", GARNET, NOON) is None
    assert costs.last_cost("us-east-1", GARNET, NOON - 3 * HOUR) is None


def test_a_submitter_who_was_found_after_the_end_is_there(table: Callable[[str], Table], a_task: ASnapshot) -> None:
    own = table("snapshots")
    snapshots, task = DynamoSnapshots(own, retention_days=90), a_task()
    snapshots.dispatched(snapshots.record(task, Step("COMPLETED", NOON, "event"), announce=True, now=NOON).row, NOON)
    DynamoSubmitterRows(own).save_submitter(task.arn, "anna")

    [found] = DynamoEndedTasks(own).between("eu-north-1", NOON - HOUR, NOON)

    assert found.submitter == "anna"


def test_the_start_of_an_ended_task_is_the_time_of_running(
    rows: tuple[Snapshots, EndedTasks], a_task: ASnapshot
) -> None:
    snapshots, ended = rows
    for status, at in (("RUNNING", NOON - HOUR), ("COMPLETED", NOON)):
        task = a_task(status, ended_at=NOON if status == "COMPLETED" else None)
        row = snapshots.record(task, Step(status, at, "event"), announce=True, now=NOON).row
    snapshots.dispatched(row, NOON)

    [found] = ended.between("eu-north-1", NOON, NOON + HOUR)

    assert found.started_at == NOON - HOUR
