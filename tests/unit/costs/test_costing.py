"""Costs as ends are recorded: which prices they use, and that no failure reaches the recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Event, Thread

import pytest

from braket_notifier.adapters.memory.prices import MemoryEndedTasks, MemoryPrices
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.costs.bundled import bundled
from braket_notifier.costs.costing import Costing, update_prices
from braket_notifier.costs.prices import Prices, parse_prices
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Arn, Children, Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.errors import UnusablePricesError
from local.braket.prices import price_list
from tests.conftest import GARNET, NOON, SV1, job_arn

ASnapshot = Callable[..., Snapshot]
PRICES = parse_prices(price_list().splitlines(keepends=True), NOON.date())
PAID = Cost(Decimal("3.20"))


@dataclass
class Counted(MemoryPrices):
    reads: int = 0

    def prices(self) -> Prices | None:
        self.reads += 1
        return super().prices()


@dataclass
class CostingWorld:
    store: Counted = field(default_factory=Counted)
    snapshots: MemorySnapshots = field(default_factory=MemorySnapshots)
    now: datetime = NOON
    failures: list[Exception] = field(default_factory=list)

    def costing(self) -> Costing:
        return Costing(self.store, MemoryEndedTasks(self.snapshots), lambda: self.now, self.failures.append)


@pytest.fixture
def world() -> CostingWorld:
    return CostingWorld()


def test_an_end_costs_what_the_stored_prices_say(world: CostingWorld, a_task: ASnapshot) -> None:
    world.store.saved = PRICES

    assert world.costing()(a_task(successful_shots=2000)) == PAID


def test_prices_are_read_once_an_hour(world: CostingWorld, a_task: ASnapshot) -> None:
    world.store.saved = PRICES
    costing = world.costing()
    for minutes in (0, 1, 59, 60, 61):
        world.now = NOON + timedelta(minutes=minutes)
        assert costing(a_task(successful_shots=2000)) == PAID

    assert world.store.reads == 2


def test_the_first_prices_are_noticed_within_a_minute(world: CostingWorld, a_task: ASnapshot) -> None:
    costing = world.costing()
    costs = [costing(a_task(successful_shots=2000)) for _ in range(3)]
    world.store.saved = PRICES
    world.now += timedelta(minutes=1)

    assert (*costs, costing(a_task(successful_shots=2000))) == (None, None, None, PAID)
    assert world.store.reads == 2


def test_the_releases_prices_apply_until_they_are_too_old(world: CostingWorld, a_task: ASnapshot) -> None:
    fresh = datetime.combine(bundled().as_of, NOON.timetz()) + timedelta(days=45)

    costs = [world.costing()(a_task(successful_shots=2000, ended_at=at)) for at in (fresh, NOON)]

    assert costs == [PAID, None]
    assert bundled().of("eu-north-1", "shot", GARNET) == Decimal("0.00145")


def test_a_failed_read_gives_no_cost_and_is_not_repeated_for_each_end(world: CostingWorld, a_task: ASnapshot) -> None:
    def broken() -> Prices | None:
        raise OSError("the table is away")

    world.store.prices = broken  # type: ignore[method-assign]  # the fault
    costing = world.costing()

    assert [costing(a_task(successful_shots=2000)) for _ in range(3)] == [None, None, None]
    assert [str(each) for each in world.failures] == ["the table is away"]


def test_a_failed_read_leaves_the_prices_that_were_read_before(world: CostingWorld, a_task: ASnapshot) -> None:
    def broken() -> Prices | None:
        raise OSError("the table is away")

    world.store.saved, costing = PRICES, world.costing()
    costing(a_task(successful_shots=2000))
    world.store.prices, world.now = broken, NOON + timedelta(hours=1)  # type: ignore[method-assign]  # the fault

    assert [costing(a_task(successful_shots=2000)) for _ in range(2)] == [PAID, PAID]
    assert [str(each) for each in world.failures] == ["the table is away"]


def test_regions_that_record_ends_at_once_all_wait_for_the_first_prices(world: CostingWorld, a_task: ASnapshot) -> None:
    reading, other_asked = Event(), Event()

    @dataclass
    class Slow(Counted):
        def prices(self) -> Prices | None:
            reading.set()
            other_asked.wait(0.5)  # only a costing that does not wait answers meanwhile
            return super().prices()

    world.store = Slow(saved=PRICES)
    costing, found = world.costing(), list[Cost | None]()

    def first() -> None:
        found.append(costing(a_task(successful_shots=2000)))

    def second() -> None:
        reading.wait()
        found.append(costing(a_task(number=2, successful_shots=2000)))
        other_asked.set()

    regions = [Thread(target=each) for each in (first, second)]
    for each in regions:
        each.start()
    for each in regions:
        each.join()

    assert found == [PAID, PAID]
    assert world.store.reads == 1


def test_a_job_costs_what_its_ended_tasks_on_qpus_cost(
    world: CostingWorld, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    tasks = [
        a_task("COMPLETED", 1, job_arn=job_arn(), cost=PAID),
        a_task("COMPLETED", 2, job_arn=job_arn(), cost=Cost(Decimal("1.75"), "at most")),
        a_task("FAILED", 3, job_arn=job_arn()),
        a_task("RUNNING", 4, job_arn=job_arn()),
        a_task("COMPLETED", 5, job_arn=job_arn(), cost=Cost(Decimal(0), reserved=1)),
        a_task("COMPLETED", 6, job_arn=job_arn(), device=SV1),
        a_task("COMPLETED", 7, cost=PAID),
    ]
    for task in tasks:
        world.snapshots.record(task, Step(task.status, NOON, "event"), announce=True, now=NOON)

    assert world.costing()(a_job(children=Children(6))) == Cost(Decimal("4.95"), "at most", unknown=1, reserved=1)
    assert world.costing()(a_job(children=None)) is None
    assert world.costing()(a_job(number=2, children=Children(1))) is None


def test_a_failure_to_read_a_jobs_tasks_gives_no_cost(world: CostingWorld, a_job: ASnapshot) -> None:
    class Away(MemoryEndedTasks):
        def of_job(self, job: Arn) -> Iterator[Snapshot]:
            raise OSError(job.text)

    costing = Costing(world.store, Away(world.snapshots), lambda: NOON, world.failures.append)

    assert costing(a_job(children=Children(1))) is None
    assert len(world.failures) == 1


def test_the_list_is_fetched_once_a_day() -> None:
    store = MemoryPrices(listed=PRICES)

    found = [
        update_prices(store.saved or bundled(), store, store, NOON + timedelta(hours=hours)) for hours in (0, 1, 2)
    ]

    assert found == [PRICES, None, None]
    assert store.saved == PRICES
    assert update_prices(PRICES, store, store, NOON + timedelta(days=1)) == PRICES


def test_a_list_that_was_stored_under_a_clock_of_the_future_is_replaced() -> None:
    future = Prices(date(2027, 11, 19), PRICES.by_key)
    store = MemoryPrices(saved=future, listed=PRICES, tried_at=NOON + timedelta(days=364))

    assert update_prices(future, store, store, NOON) == PRICES
    assert store.saved == PRICES
    assert update_prices(future, store, store, NOON + timedelta(minutes=5)) is None


def test_an_unusable_list_leaves_the_last_good_prices_and_is_tried_again_an_hour_later() -> None:
    last = Prices(date(2026, 11, 19), PRICES.by_key)
    store = MemoryPrices(saved=last, listed=UnusablePricesError("an HTML page"))

    with pytest.raises(UnusablePricesError):
        update_prices(last, store, store, NOON)
    assert update_prices(last, store, store, NOON + timedelta(minutes=5)) is None
    assert store.saved == last
    store.listed = PRICES
    assert update_prices(last, store, store, NOON + timedelta(minutes=61)) == PRICES
