"""Fifty random steps: Hypothesis searches for an order that loses, repeats or sends backwards."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from braket_notifier.domain.resource import Kind
from tests.prove.result import Result
from tests.prove.world import CALM, TICK, World
from tests.prove.world_braket import ENDS, RANKS, REGIONS, Resource, event
from tests.prove.world_channel import FAULTS
from tests.prove.world_check import account
from tests.prove.world_worker import Plan

STEPS = 50
MOST_RESOURCES = 5
#: Skews of clocks in seconds: ten minutes either way, and the usual five seconds.
SKEWS = [timedelta(seconds=seconds) for seconds in (0, 0, 0, 5, 600, -600)]
PASSES = [timedelta(seconds=s) for s in (1, 16, 31, 61, 361, 722, 3600)] + [timedelta(days=d) for d in (1, 3.1, 13)]
NOW, SOON, LATE, LATEST = timedelta(0), timedelta(seconds=30), timedelta(hours=5), timedelta(days=13)
LONG = timedelta(days=1)

indexes = st.integers(0, 9)
plans = st.one_of(
    st.just(CALM),
    st.builds(
        Plan,
        skew=st.sampled_from(SKEWS),
        dies_at=st.sampled_from([0, 0, 0]) | st.integers(1, 30),
        fails_at=st.sampled_from([0, 0, 0]) | st.integers(1, 30),
        overtaken_at=st.sampled_from([0, 0]) | st.integers(1, 30),
        hurried=st.sampled_from([False] * 9 + [True]),
    ),
)
quick = st.builds(Plan, skew=st.sampled_from(SKEWS), dies_at=st.just(0) | st.integers(1, 30))
#: A world without the channel delivers to the first one instead.
channels = st.sampled_from(["team-slack", "mail", "dm", "mine"])
whom = st.integers(0, 3)
batches = st.sampled_from([1, 2, 100])
statuses = st.sampled_from([*RANKS, *ENDS, *ENDS[:2]])
faults = st.lists(st.sampled_from(["", "", *FAULTS]), max_size=4)


@dataclass(frozen=True)
class Fate:
    """The arrivals of an event's copies, if any. Its detail may lack the time of the end."""

    arrives: tuple[timedelta, ...]
    says_end: bool


fates = st.builds(
    Fate,
    arrives=st.sampled_from([(), (NOW,), (NOW,), (NOW,), (NOW, NOW), (SOON, NOW), (LATE,), (NOW, LATEST), (LATEST,)]),
    says_end=st.booleans(),
)


class Notifier(RuleBasedStateMachine):
    """An installation with every possible step. At the end no notification is missing."""

    tally: ClassVar[Counter[str]] = Counter()
    builds: ClassVar[Callable[[], World]] = World

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).builds()
        self.emitted: list[tuple[Resource, str]] = []
        self.faults: dict[str, deque[str]] = {channel: deque() for channel in self.world.policy.channels}
        self.world.fault = lambda channel: self.faults[channel].popleft() if self.faults[channel] else ""
        self.swept = True

    @initialize(
        plan=plans, seed=st.integers(0, 99), kinds=st.lists(st.sampled_from(["task", "job"]), max_size=3), fate=fates
    )
    def a_region_with_a_past_is_watched(self, plan: Plan, seed: int, kinds: list[Kind], fate: Fate) -> None:
        self.world.random.seed(seed)
        self._old(ended_ago=timedelta(minutes=10), created_ago=timedelta(minutes=12))
        self._old(ended_ago=timedelta(days=2), created_ago=timedelta(days=3))
        self.world.sweeps(plan)
        for kind in kinds:
            self._submit(kind, fate)

    # --- Braket and its events ---------------------------------------------------------------------------------------

    @rule(index=indexes, kind=st.sampled_from(["task", "job"]), status=statuses, fate=fates)
    def something_happens_to_a_resource(self, index: int, kind: Kind, status: str, fate: Fate) -> None:
        """Create a resource, move one on, or change one end to another, twice at most."""
        if index >= len(self._living) and len(self._living) < MOST_RESOURCES:
            self._submit(kind, fate)
            return
        resource = self._living[index % len(self._living)]
        rank, now = RANKS.get(status, 4), RANKS.get(resource.truth.status, 4)
        corrects = rank == now == 4 and status not in {each.status for each in resource.lives}
        if rank > now or (corrects and len(resource.ends) <= 2):
            resource.moves(status, self.world.now)
            self._emit(resource, fate)

    @precondition(lambda self: self.emitted)
    @rule(index=indexes, delay=st.sampled_from([NOW, NOW, LATE, LATEST]))
    def an_old_event_comes_again(self, index: int, delay: timedelta) -> None:
        self.world.events.put(self.emitted[-1 - index % len(self.emitted)][1], self.world.now + delay)

    @precondition(lambda self: self._living)
    @rule(index=indexes, lag=st.integers(0, 3), trouble=st.sampled_from(["", "", "unreadable", "forgotten"]))
    def braket_answers_late_or_not_at_all(self, index: int, lag: int, trouble: str) -> None:
        resource = self._living[index % len(self._living)]
        resource.lag, resource.unreadable = lag, trouble == "unreadable"
        resource.forgotten = resource.forgotten or trouble == "forgotten"
        resource.ever_lagged = resource.ever_lagged or lag > 0

    @rule(busy=st.booleans())
    def braket_throttles(self, *, busy: bool) -> None:
        self.world.braket.busy = busy

    # --- the three functions -----------------------------------------------------------------------------------------

    @rule(plan=plans, other=quick, most=batches, again=st.booleans(), then=whom)
    def observe_runs(self, plan: Plan, other: Plan, most: int, *, again: bool, then: int) -> None:
        self.world.observes(plan, most=most, meanwhile=self._meanwhile(then, other, again=again))

    @rule(plan=plans, other=quick, again=st.booleans(), then=whom)
    def the_sweep_runs(self, plan: Plan, other: Plan, *, again: bool, then: int) -> None:
        self.world.sweeps(plan, meanwhile=self._meanwhile(then, other, again=again))
        self.swept = True

    @rule(channel=channels, plan=plans, other=quick, most=batches, again=st.booleans(), then=whom, given=faults)
    def deliver_runs(
        self, channel: str, plan: Plan, other: Plan, most: int, given: list[str], then: int, *, again: bool
    ) -> None:
        channel = channel if channel in self.world.queues else "team-slack"
        self.faults[channel].extend(given)
        self.world.delivers(channel, plan, most=most, meanwhile=self._meanwhile(then, other, again=again))
        self.faults[channel].clear()

    @rule(slack=faults, mail=faults)
    def everything_runs_once(self, slack: list[str], mail: list[str]) -> None:
        self.faults["team-slack"].extend(slack)
        self.faults["mail"].extend(mail)
        self.world.now += TICK
        self.world.works()
        self.swept = True

    @rule(plan=plans)
    def undelivered_notifications_are_sent_again(self, plan: Plan) -> None:
        self.world.redrives(plan)

    # --- time --------------------------------------------------------------------------------------------------------

    @rule(index=indexes)
    def time_passes(self, index: int) -> None:
        """Pass so little time that events and queues keep their content, with a sweep in between."""
        passed = PASSES[index]
        if passed < LONG or self.swept:
            self.world.now += passed
            self.swept = self.swept and passed < LONG

    def teardown(self) -> None:
        """End all faults, redrive the notifications given up with a reason, and check that none is missing."""
        world = self.world
        arriving = set(world.events.contents)
        for resource, body in self.emitted:
            if body in arriving and resource.truth.status in body and len(resource.ends) <= 2:
                resource.last_end_arrived = not resource.ever_lagged and not resource.forgotten
        for given_up in (True, False):
            world.settles()
            found = account(world, given_up=given_up)
            assert found.good, "\n".join([*found.lost, *found.wrong, f"{found.avoidable} avoidable repeats"])
            world.redrives()
        self.tally.update({"runs": 1, **found.unavoidable})
        self.tally.update({f"apart: {what}": count for what, count in world.accepted.apart.items()})

    # --- how ---------------------------------------------------------------------------------------------------------

    @property
    def _living(self) -> list[Resource]:
        return [each for arn, each in self.world.braket.resources.items() if arn not in self.world.old]

    def _submit(self, kind: Kind, fate: Fate) -> None:
        """Submit in one of the regions. Search lists the resource some minutes late."""
        number = len(self._living)
        unlisted = timedelta(minutes=2 * (number % 3))
        self._emit(self.world.braket.submit(kind, REGIONS[number % 2], self.world.now, unlisted=unlisted), fate)

    def _emit(self, resource: Resource, fate: Fate) -> None:
        says_end = fate.says_end or resource.truth.status == "EXPIRED"
        body = event(resource.truth, self.world.now, says_end=says_end)
        self.emitted.append((resource, body))
        for delay in fate.arrives:
            self.world.events.put(body, self.world.now + delay)

    def _old(self, *, ended_ago: timedelta, created_ago: timedelta) -> None:
        """An end before the rule existed sends no event, because an event that arrives proves that the rule existed."""
        resource = self.world.braket.submit("task", REGIONS[0], self.world.now - created_ago)
        resource.moves("COMPLETED", self.world.now - ended_ago)
        self.world.old.add(resource.arn)

    def _meanwhile(self, then: int, other: Plan, *, again: bool) -> Callable[[], object]:
        """Another worker's work in the middle of this one's, perhaps with the same record."""
        world = self.world
        return (
            lambda: world.sweeps(other),
            lambda: world.observes(other, again=again),
            lambda: world.delivers("team-slack", other, most=2, again=again),
            lambda: world.delivers("mail", other, most=2, again=again),
        )[then]


def prove(*, long: bool) -> Result:
    """Three hundred runs of fifty steps, or five thousand."""
    return prove_of(Notifier, "state machine", 5000 if long else 300, long=long)


def prove_of(machine: type[Notifier], name: str, runs: int, *, long: bool) -> Result:
    machine.tally = Counter()
    chosen = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=not long,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except AssertionError as error:
        story = "\n".join([str(error), *getattr(error, "__notes__", [])])
        return Result(name, machine.tally["runs"], lost=story.count("never took"), wrong=(story,))
    tally = {what: count for what, count in machine.tally.items() if what != "runs" and not what.startswith("apart")}
    return Result(name, machine.tally["runs"], unavoidable_repeats=Counter(tally))
