"""Ten thousand resources through everything at once: duplicates, disorder, refusals, lost answers, kills."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from braket_notifier.domain.resource import Kind
from tests.prove.result import Result
from tests.prove.sqlite_world import temporary_state_file, world_in_state_file
from tests.prove.world import CALM, TICK, World
from tests.prove.world_braket import REGIONS, Resource, event
from tests.prove.world_channel import DIES_AFTER, DIES_BEFORE, LOST, TAKEN_5XX
from tests.prove.world_check import account
from tests.prove.world_worker import Plan

SEED = 20261120
RESOURCES = 10_000
SIZED = 1_000
SIZED_IN_FILE = 100
#: Faults of a send and their shares: 5 % 429, 5 % 5xx, 2 % lost acknowledgements, 2 % kills.
FAULTS = {
    "429": 0.025,
    "429 with Retry-After": 0.025,
    "5xx": 0.025,
    TAKEN_5XX: 0.025,
    LOST: 0.02,
    DIES_BEFORE: 0.01,
    DIES_AFTER: 0.01,
}
#: Faults of an invocation of observe or of the sweep, and their shares.
KILLS = 0.02
DUPLICATES = 0.2
LOST_EVENTS = 0.05
#: Times between submissions, of an event's delay, and of a resource in a status.
EVERY = timedelta(seconds=10)
DISORDER_S = 600
STAYS_S = 900
#: Time to become quiet; the account finds records that still wait.
ENOUGH = timedelta(days=2)
#: Time after a batch that was deferred as a whole.
PAUSE = timedelta(seconds=10)
KINDS: tuple[Kind, ...] = ("task", "task", "task", "task", "job")
ENDS = ("COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "CANCELLED")
LIVES = {"task": ("QUEUED", "RUNNING"), "job": ("RUNNING",)}

Change = tuple[datetime, Resource, str]


def soak(resources: int, seed: int, world: World | None = None) -> World:
    """The world after all resources have ended, every fault is over and every queue is empty."""
    random, world = Random(seed), world or World(seed=seed)  # noqa: S311 - to be repeated, not to hide anything
    world.sweeps()
    names, weights = ("", *FAULTS), (1 - sum(FAULTS.values()), *FAULTS.values())
    world.fault = lambda _: random.choices(names, weights)[0]
    changes = iter(sorted(_lives(world, resources, random), key=lambda change: change[0]))
    ahead = next(changes, None)
    enough = world.now + 3 * resources * EVERY + ENOUGH
    while (ahead or not world.idle) and world.now < enough:
        until = world.now
        while ahead and ahead[0] <= until:
            _happens(world, *ahead, random)
            ahead = next(changes, None)
        _work(world, random)
        world.now = max(world.now, until + TICK)
    world.settles()
    return world


def prove(*, long: bool) -> Result:
    """A thousand resources, or ten thousand."""
    resources = RESOURCES if long else SIZED
    return _judged("soak", soak(resources, SEED), resources)


def prove_in_state_file(*, long: bool) -> Result:
    """The same over the adapters of `run`."""
    resources = SIZED if long else SIZED_IN_FILE
    with temporary_state_file() as file:
        return _judged("soak over SQLite", soak(resources, SEED, world_in_state_file(SEED, file)), resources)


def _judged(title: str, world: World, resources: int) -> Result:
    found = account(world, given_up=False)
    repeats, doubts = found.unavoidable.total(), sum(bool(post.cause) for post in world.accepted.all)
    off = [f"{repeats} repeats, but {doubts} ambiguities"] if repeats > doubts else []
    wrong = (*found.wrong, *off, *found.lost[:3])
    return Result(title, resources, len(found.lost), found.avoidable, found.unavoidable, wrong)


def _lives(world: World, resources: int, random: Random) -> Iterator[Change]:
    """Submit them one after another. Each moves on at its own pace."""
    for number in range(resources):
        kind = random.choice(KINDS)
        at = world.now + number * EVERY
        resource = world.braket.submit(kind, random.choice(REGIONS), at)
        for status in ("", *LIVES[kind], random.choice(ENDS)):
            yield at, resource, status
            at += timedelta(seconds=random.uniform(0, STAYS_S))


def _happens(world: World, at: datetime, resource: Resource, status: str, random: Random) -> None:
    """Braket moves on, and its event comes once or twice, late, or never."""
    if status:
        resource.moves(status, at)
    copies = 0 if random.random() < LOST_EVENTS else 2 if random.random() < DUPLICATES else 1
    for _ in range(copies):
        world.events.put(event(resource.truth, at), at + timedelta(seconds=random.uniform(0, DISORDER_S)))


def _work(world: World, random: Random) -> None:
    """Five minutes of all three functions, some of them killed at some moment."""
    world.sweeps(_plan(random))
    while world.observes(_plan(random)):
        pass
    until = world.now + TICK
    for channel in world.queues:
        before = None
        while world.now < until and world.delivers(channel):
            world.now += PAUSE if world.now == before else timedelta(0)
            before = world.now


def _plan(random: Random) -> Plan:
    return Plan(dies_at=random.randint(1, 300)) if random.random() < KILLS else CALM
