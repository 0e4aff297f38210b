"""The composition root of a simulated world for the time of one worker."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import deliver
import observe
import sweep

from braket_notifier import observe as observing
from braket_notifier import sweep as sweeping
from braket_notifier.adapters.dynamodb.delivery_keys import VISITED_WITHIN
from braket_notifier.adapters.memory.prices import MemoryEndedTasks
from braket_notifier.bootstrap import braket, shared, spending, tracking
from braket_notifier.bootstrap import deliver as senders
from braket_notifier.bootstrap import sweep as measures
from braket_notifier.bootstrap.budgets import announce
from braket_notifier.bootstrap.spending import LimitLooks
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Closing, Notification, Wake
from braket_notifier.domain.policy import MACHINES
from braket_notifier.grouping.ports import Fallback, GroupingPorts, HumanSender
from braket_notifier.remind import Reminders
from braket_notifier.routing.owners import destinations, fallback_of
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending import threads, wire
from braket_notifier.sending.channel_lease import SEND_INTERVAL, HealthRow, health_of, take_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.wire import encode, encode_closing, encode_wake
from braket_notifier.tracking import reconcile, record
from tests.prove.world_channel import Line

if TYPE_CHECKING:
    from tests.prove.world import Queue, World
    from tests.prove.world_worker import Worker

BOOTSTRAP = {
    "shared": shared,
    "tracking": tracking,
    "braket": braket,
    "sweep": measures,
    "spending": spending,
    "deliver": senders,
}
#: The number of the next version, and the word of its records that no earlier version knows.
NEXT_VERSION, NEXT_WORD = 2, "from the next version"
#: The longest time for which SQS hides a record.
LONGEST_WAIT = timedelta(hours=12)
#: The longest delay with which SQS takes a record.
LONGEST_DELAY = timedelta(minutes=15)


@dataclass(frozen=True)
class Queues:
    """The port `ChannelQueues`: a death in the middle of a batch leaves the rest of it unsent."""

    world: "World"
    worker: "Worker"

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        for each in notifications:
            body = encode(each)
            if self.world.version == NEXT_VERSION:
                body = body.replace(f'"source": "{each.transition.source}"', f'"source": "{NEXT_WORD}"')
            self.world.queues[channel_of(each.channel)].put(body, self.world.now)
            self.worker.moment()


@dataclass(frozen=True)
class WorldCloseTimer:
    """The port `CloseTimer`: the channel's own queue."""

    world: "World"

    def schedule(self, closing: Closing, after_s: int) -> None:
        later = self.world.now + timedelta(seconds=after_s)
        self.world.queues[channel_of(closing.channel)].put(encode_closing(closing), later)


def wake_overdue(world: "World") -> list[str]:
    """Wake the channels with an overdue group, or that nobody tries and nothing holds, as the sweep's functions do."""
    overdue = world.now - VISITED_WITHIN
    found = {channel for (channel, _), at in world.groups.visits.items() if at and at < overdue}
    left = [channel for channel, health in world.leases.down.items() if health.is_left(world.now)]
    tried = {each for channel in left for each in destinations(channel, world.policy)}
    found |= {each for each in tried if not held_until(each, NO_STATUS, world.policy, world.now)}
    for channel in sorted(found):
        world.queues[channel_of(channel)].put(encode_wake(Wake(channel, world.now)), world.now)
    return sorted(found)


class InTurn:
    """An executor without threads, because one worker runs one call at a time."""

    def __init__(self, _: int) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, do: Callable[[Any], Any], many: Iterable[Any]) -> Iterator[Any]:
        return map(do, many)


class Quiet:
    """A logger and metrics without output."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None

    def append_context_keys(self, **_: str) -> AbstractContextManager[None]:
        return nullcontext()


@contextmanager
def installed(world: "World", worker: "Worker", queue: "Queue | None") -> Iterator[None]:
    """Replace the composition root of the three functions for the time of this worker."""
    quiet: dict[str, Any] = {"logger": Quiet(), "metrics": Quiet()}
    with ExitStack() as stack:
        for name, parts in _parts(world, worker, queue).items():
            stack.enter_context(patch.multiple(BOOTSTRAP[name], **parts))
        for module in (sweeping, reconcile, observing, threads):
            stack.enter_context(patch.object(module, "ThreadPoolExecutor", InTurn))
        if world.version == NEXT_VERSION:
            stack.enter_context(patch.object(wire, "_SOURCES", {**wire._SOURCES, NEXT_WORD: "event"}))  # noqa: SLF001 - no other version exists
        for function in (observe, sweep, deliver):
            stack.enter_context(patch.multiple(function, **quiet))
        yield


def _parts(world: "World", worker: "Worker", queue: "Queue | None") -> dict[str, dict[str, Any]]:
    ledger, leases = worker.using(world.ledger), worker.using(world.leases)
    snapshots, queues = worker.using(world.snapshots), worker.using(Queues(world, worker))
    line = Line(world, worker)
    board = line if worker.channel and world.policy.channels[worker.channel] == "slack" else None
    groups, cards = worker.using(world.groups), worker.using(world.cards)
    name = world.fallbacks.get(worker.channel)
    fallback = Fallback(name, queues) if name else None
    timer = worker.using(WorldCloseTimer(world))
    ports = GroupingPorts(line, board, groups, cards, timer, world.policy, snapshots, fallback=fallback)

    def address(destination: str) -> GroupingPorts:
        found = Line(world, worker, destination)
        others = world.people_fallbacks.get(worker.channel, ())
        team = next((each for each in others if each not in world.policy.to_owner), "")
        to = fallback_of(destination, others, world.policy)
        fallback = Fallback(to, queues, announced_in=team) if to else None
        return replace(ports, channel=found, editable=found if board else None, fallback=fallback)

    def defer(receipt: str, seconds: int) -> None:
        if queue:
            queue.defer(int(receipt), world.now + min(timedelta(seconds=seconds), LONGEST_WAIT))

    def renew(body: str, seconds: int) -> None:
        if queue:
            queue.put(body, world.now + min(timedelta(seconds=seconds), LONGEST_DELAY))

    def sender(owner: str, left: Callable[[], float]) -> Sender | None:
        if world.policy.channels[worker.channel] in MACHINES:
            row = HealthRow(leases, worker.channel, worker.clock, health_of(leases, worker.channel))
            return Sender(line, ledger, worker.clock, left, row=row)
        pace = SEND_INTERVAL[world.policy.channels[worker.channel]]
        lease = take_lease(leases, worker.channel, pace, owner, worker.clock, worker.sleep)
        if lease is None:
            return None
        if not world.digests:
            return Sender(line, ledger, worker.clock, left, lease)
        to = address if worker.channel in world.policy.to_owner else None
        return HumanSender(line, ledger, worker.clock, left, lease, ports=ports, address=to)

    ended, spent = worker.using(MemoryEndedTasks(world.snapshots)), worker.using(world.spending)
    tracked = record.TrackingPorts(snapshots, queues, world.policy, worker.clock, cost_of=world.cost_of)
    return {
        "shared": {
            "policy": lambda: world.policy,
            "visibility": lambda _: worker.using(SimpleNamespace(defer=defer, renew=renew)),
            "now": worker.clock,
            "undelivered": lambda: worker.using(world.undelivered),
        },
        "tracking": {
            "tracking_ports": lambda *_: tracked,
        },
        "braket": {"watch": lambda: world.watch, "client": world.braket_of},
        "sweep": {
            "unconfirmed_subscriptions": lambda: 0,
            "undelivered_records": lambda: 0,
            "refusing_channels": lambda: 0,
            "wake_overdue": lambda: wake_overdue(world),
            "end_published": lambda: False,
            "budgets": lambda ports, _: (
                announce(ports, worker.using(world.spending), ended) if ports.policy.budgets else 0
            ),
            "fetch_prices": lambda _: None,
            "month": lambda *_: None,
            "of_each_region": lambda devices: Reminders(devices, worker.using(world.watched)),
        },
        "spending": {"limit_looks": lambda: LimitLooks(spent, world.costs)},
        "deliver": {"sender": sender},
    }
