"""Thresholds once each: under a death or a failed call at every moment, two sweeps at once, restores, any order."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braket_notifier.domain.cost import Cost
from braket_notifier.domain.policy import Budget, Quiet
from braket_notifier.domain.spending import Allowance, spending_of
from tests.prove.world import START, TICK, World
from tests.prove.world_braket import DEVICE, REGIONS, event
from tests.prove.world_check import account
from tests.prove.world_worker import Plan

HOUR = timedelta(hours=1)
ARN = f"arn:aws:braket:{REGIONS[0]}:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"
LIMIT = Allowance(ARN, Decimal(100), Decimal(0), START - HOUR, START + 90 * 24 * HOUR, device=DEVICE, region=REGIONS[0])


def limited(spent: str = "0") -> World:
    """A limit, and a task that waits on its device, so that each sweep reads it."""
    world = World(digests=True)
    world.sweeps()
    resource = world.braket.submit("task", REGIONS[0], world.now)
    resource.moves("QUEUED", world.now)
    world.events.put(event(resource.truth, world.now))
    world.settles()
    spends(world, spent)
    return world


def spends(world: World, spent: str, amount: str = "100", since: timedelta = timedelta(0)) -> None:
    world.braket.limits = [replace(LIMIT, amount=Decimal(amount), spent=Decimal(spent), since=LIMIT.since + since)]


def passes(world: World, span: timedelta = 2 * TICK) -> None:
    end = world.now + span
    while world.now < end:
        world.works()
        world.now += TICK


def announced(world: World) -> Counter[str]:
    """How often each threshold was accepted: threshold, amount and channel."""
    posts = [(channel, each.status) for (_, channel), found in world.accepted.posts.items() for each in found]
    return Counter(
        f"{status.split(' since ')[0].partition(' ')[2]} in {channel}"
        for channel, status in posts
        if spending_of(status)
    )


@pytest.mark.parametrize("fault", [lambda at: Plan(dies_at=at), lambda at: Plan(fails_at=at)], ids=["dies", "fails"])
def test_a_sweep_that_dies_or_fails_at_any_moment_announces_once(fault: Callable[[int], Plan]) -> None:
    enqueued_before_the_fault = 0
    for moment in range(1, 60):
        it = limited("55")
        it.sweeps(fault(moment))
        enqueued_before_the_fault += bool(it.queues["team-slack"].records) and not it.spending.rows
        passes(it, HOUR)
        assert announced(it) == {"50 of 100 in team-slack": 1}, moment
        assert account(it, given_up=False).good
    assert enqueued_before_the_fault


def test_two_sweeps_at_once_announce_once() -> None:
    for moment in range(1, 60):
        it = limited("55")
        it.sweeps(Plan(overtaken_at=moment), meanwhile=it.sweeps)
        passes(it, HOUR)
        assert announced(it) == {"50 of 100 in team-slack": 1}, moment


def test_a_deliverer_that_dies_sends_a_notice_again_and_marks_it() -> None:
    for moment in range(1, 25):
        it = limited("55")
        it.sweeps()
        it.delivers("team-slack", Plan(dies_at=moment))
        passes(it, HOUR)
        posts = [each for found in it.accepted.posts.values() for each in found if spending_of(each.status)]
        assert [each.may_repeat for each in posts] in ([False], [True], [False, True]), moment


def test_a_restored_table_of_snapshots_repeats_no_threshold() -> None:
    world = limited("55")
    backup = deepcopy((world.snapshots, world.spending))
    passes(world)
    spends(world, "85")
    passes(world)

    world.snapshots, world.spending = backup
    passes(world, HOUR)
    spends(world, "55")  # a task was cancelled
    passes(world, HOUR)

    assert announced(world) == {"50 of 100 in team-slack": 1, "80 of 100 in team-slack": 1}


def test_a_raised_limit_and_a_new_period_are_announced_anew_and_once() -> None:
    world = limited("85")
    passes(world, HOUR)
    spends(world, "85", "150")
    passes(world, HOUR)
    spends(world, "130", "150")
    passes(world, HOUR)
    spends(world, "85", "150", since=HOUR)
    passes(world, HOUR)

    assert announced(world) == {
        "80 of 100 in team-slack": 1,
        "50 of 150 in team-slack": 2,  # one of each period
        "80 of 150 in team-slack": 1,
    }


def test_no_lower_threshold_is_sent_after_a_higher_one_that_waited_for_the_channel_too() -> None:
    orders = set[tuple[str, ...]]()
    for seed in range(8):
        world = limited()
        world.random.seed(seed)
        world.fault = lambda channel: "mendable" if channel == "team-slack" else ""
        for spent, amount in (("55", "100"), ("85", "100"), ("85", "150")):
            spends(world, spent, amount)
            passes(world, HOUR)
        world.fault = lambda _: ""
        passes(world, HOUR)
        orders.add(tuple(each for each in announced(world) if "of 100" in each))
        assert "50 of 150 in team-slack" in announced(world)

    assert orders == {("80 of 100 in team-slack",), ("50 of 100 in team-slack", "80 of 100 in team-slack")}


def test_a_limit_that_is_deleted_and_comes_back_is_announced_once() -> None:
    world = limited("85")
    passes(world)
    world.braket.limits = []
    passes(world)
    spends(world, "85")
    world.braket.limits.append(replace(LIMIT, id=f"{ARN[:-1]}0"))
    passes(world)
    world.braket.limits.pop(0)
    passes(world)
    assert world.spending.rows[REGIONS[0]] == {}
    spends(world, "85")
    passes(world)

    assert announced(world) == {"80 of 100 in team-slack": 1}


def test_a_busy_braket_delays_no_end_and_a_later_sweep_announces() -> None:
    world = limited("85")
    [resource] = world.braket.resources.values()
    resource.moves("COMPLETED", world.now)
    world.events.put(event(resource.truth, world.now))
    world.braket.refuses_limits = True
    passes(world)
    posts = [each.status for found in world.accepted.posts.values() for each in found]
    assert "COMPLETED" in posts
    assert not announced(world)

    world.braket.refuses_limits = False
    passes(world, 2 * HOUR)  # nothing is open any more, so the limits are read once an hour

    assert announced(world) == {"80 of 100 in team-slack": 1}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 45), min_size=1, max_size=12))
def test_a_limit_that_no_task_fills_exactly_is_announced_full_once(costs: list[int]) -> None:
    """Braket rejects a task whose estimate exceeds what remains; afterwards tasks of other costs may still fit."""
    world, spent, passed = limited(), 0, list[str]()
    for cost in costs:
        if spent + cost <= 100:
            spent, world.costs.cost = spent + cost, Decimal(cost)
        spends(world, f"{spent}")
        passes(world, TICK)
        is_full = world.costs.cost is not None and 100 - spent < world.costs.cost
        reached = "full" if is_full or spent == 100 else "80" if spent >= 80 else "50" if spent >= 50 else ""
        order = ["", "50", "80", "full"]
        if order.index(reached) > max((order.index(each) for each in passed), default=0):
            passed.append(reached)
    passes(world)

    assert announced(world) == {f"{each} of 100 in team-slack": 1 for each in passed}


def budgeted() -> World:
    """Three tasks of three dollars each ended this month, and a batch may spend ten."""
    world = World(digests=True, cost_of=lambda _: Cost(Decimal(3)))
    world.policy = replace(world.policy, budgets=(Budget(10, device="*"), Budget(10, batch="another")))
    world.sweeps()
    for _ in range(3):
        resource = world.braket.submit("task", REGIONS[0], world.now)
        resource.moves("COMPLETED", world.now)
        world.events.put(event(resource.truth, world.now))
    world.settles()
    world.now += HOUR
    return world


@pytest.mark.parametrize("fault", [lambda at: Plan(dies_at=at), lambda at: Plan(fails_at=at)], ids=["dies", "fails"])
def test_a_budget_is_announced_once_under_a_death_or_a_failure_at_any_moment(fault: Callable[[int], Plan]) -> None:
    enqueued_before_the_fault = 0
    for moment in range(35, 75):
        it = budgeted()
        it.sweeps(fault(moment))
        enqueued_before_the_fault += bool(it.queues["team-slack"].records) and "BUDGET" not in str(it.spending.rows)
        passes(it, 2 * HOUR)
        assert announced(it) == {"full of 10 in team-slack": 1}, moment
        assert account(it, given_up=False).good
    assert enqueued_before_the_fault


def test_two_sweeps_at_once_announce_a_budget_once() -> None:
    for moment in range(35, 75):
        it = budgeted()
        it.sweeps(Plan(overtaken_at=moment), meanwhile=it.sweeps)
        passes(it, 2 * HOUR)
        assert announced(it) == {"full of 10 in team-slack": 1}, moment


def test_a_budget_begins_anew_with_its_period() -> None:
    world = budgeted()
    world.policy = replace(world.policy, budgets=(Budget(10, "day", device="*"),))
    passes(world, 25 * HOUR)
    for _ in range(2):
        resource = world.braket.submit("task", REGIONS[0], world.now)
        resource.moves("COMPLETED", world.now)
        world.events.put(event(resource.truth, world.now))
    passes(world, 3 * HOUR)

    assert announced(world) == {"full of 10 in team-slack": 1, "50 of 10 in team-slack": 1}


@pytest.mark.parametrize(("mute", "expected"), [(timedelta(0), 1), (HOUR * 24, 1), (HOUR * 24 * 4, 0)])
def test_what_quiet_hours_or_a_mute_keep_over_the_end_of_a_period_is_announced_at_their_end(
    mute: timedelta, expected: int
) -> None:
    """Three dollars each, of ten a day, that ended within the hold; a budget of yesterday is news for three days."""
    world = World(digests=True, cost_of=lambda _: Cost(Decimal(3)))
    world.now = START.replace(hour=21)
    world.policy = replace(
        world.policy,
        budgets=(Budget(10, "day", device="*"),),
        quiet={"team-slack": Quiet(time(22), time(7))},
        muted_until={"team-slack": world.now + mute},
    )
    passes(world, 2 * HOUR)
    for _ in range(3):
        resource = world.braket.submit("task", REGIONS[0], world.now)
        resource.moves("COMPLETED", world.now)
        world.events.put(event(resource.truth, world.now))
    passes(world, 7 * HOUR)
    assert not announced(world)

    passes(world, mute + 26 * HOUR)

    assert announced(world) == ({"full of 10 in team-slack": 1} if expected else {})
    assert "#held" not in world.spending.rows["budgets"]
