"""The whole notifier in one simulated world: the real functions over the memory adapters, with a clock of its own.

Time passes only by sleeping and waiting. Queues hide and repeat, Braket lags, channels fail, workers die at any call.
"""

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import deliver
import observe
import sweep

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.channels import MemoryUndelivered
from braket_notifier.adapters.memory.groups import MemoryCards, MemoryGroups
from braket_notifier.adapters.memory.queues import MemoryQueue, MemoryQueueRecord
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.memory.watched import MemorySpendingRows, MemoryWatchedRows
from braket_notifier.braket.events import Watch
from braket_notifier.braket.rate_limit import RateLimiter, shares
from braket_notifier.cli.commands.redrive import redrive
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, Policy, Route
from braket_notifier.domain.resource import Arn
from braket_notifier.tracking.detect import FINAL_COUNTS
from braket_notifier.tracking.record import CostOf, no_cost
from tests.event_record import event_record
from tests.prove.world_braket import ACCOUNT, REGIONS, LastCost, Limited, WorldBraket
from tests.prove.world_channel import AcceptedPosts
from tests.prove.world_ledger import WorldLedger
from tests.prove.world_root import Queues, installed
from tests.prove.world_worker import KilledError, Plan, PortFailedError, Worker

CALM = Plan()
BATCH = 100
TICK = timedelta(minutes=5)
#: Time after which the row of an ended hybrid job without open tasks has left the index.
SETTLED_WITHIN = FINAL_COUNTS + 3 * TICK
#: The template's function time-outs in seconds, and most receives of a record.
TIMEOUTS = {"observe": timedelta(seconds=60), "deliver": timedelta(seconds=120), "sweep": timedelta(minutes=5)}
RECEIVES = {"observe": 300, "deliver": 1000}
HIDDEN = {"observe": timedelta(seconds=361), "deliver": timedelta(seconds=722)}
ENDS = ("COMPLETED", "FAILED", "CANCELLED")
POLICY = Policy(
    regions=REGIONS,
    time_zone="UTC",
    channels={"team-slack": "slack", "mail": "email"},
    routes=(Route(("team-slack",)), Route(("mail",), status=ENDS)),
)

Record = MemoryQueueRecord[str]
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
#: Time after which SQS deletes a record.
DELETED_AFTER = timedelta(days=14)


@dataclass
class Queue(MemoryQueue[str]):
    """A standard queue that remembers when each record was sent, and first received."""

    clock: Callable[[], datetime] = lambda: START
    sent: dict[int, datetime] = field(default_factory=dict)
    received: dict[int, datetime] = field(default_factory=dict)

    def put(self, content: str, visible_at: datetime | None = None) -> None:
        super().put(content, visible_at)
        self.sent[self.count] = self.clock()

    def deletes_old(self) -> list[str]:
        """Delete the records that are too old, and return their contents."""
        found = [number for number in self.records if self.clock() - self.sent[number] > DELETED_AFTER]
        return [self.records.pop(number).content for number in found]


@dataclass
class World:
    """An installation, its AWS services, Braket and the channels; `wrong` lists forbidden events."""

    seed: int = 0
    policy: Policy = POLICY
    now: datetime = START
    braket: WorldBraket = field(default_factory=WorldBraket)
    snapshots: MemorySnapshots = field(default_factory=MemorySnapshots)
    watched: MemoryWatchedRows = field(default_factory=MemoryWatchedRows)
    spending: MemorySpendingRows = field(default_factory=MemorySpendingRows)
    #: The cost of the last task on a device.
    costs: LastCost = field(default_factory=LastCost)
    #: What an ended task costs.
    cost_of: CostOf = no_cost
    ledger: WorldLedger = field(default_factory=WorldLedger)
    leases: MemoryChannelLeases = field(default_factory=MemoryChannelLeases)
    #: Whether people read the channels, so that digests and cards are sent instead of single messages.
    digests: bool = False
    #: The channel that gets a channel's notifications while that one is down.
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    #: The fallbacks of each channel that writes to owners, in their order.
    people_fallbacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: MemoryGroups = field(default_factory=MemoryGroups)
    cards: MemoryCards = field(default_factory=MemoryCards)
    undelivered: MemoryUndelivered = field(default_factory=MemoryUndelivered)
    accepted: AcceptedPosts = field(default_factory=AcceptedPosts)
    #: The faults of the channel's next sends; empty: it accepts.
    fault: Callable[[str], str] = lambda _: ""
    injected: Counter[str] = field(default_factory=Counter)
    #: Is called with the destination of each accepted message, the message, and whether it may ring.
    on_accepted: Callable[[str, Notification | Digest, bool], object] = lambda *_: None
    #: Called with a destination whose card somebody has deleted.
    on_deleted: Callable[[str], object] = lambda _: None
    #: Resources that ended before the installation.
    old: set[Arn] = field(default_factory=set)
    running: list[Worker] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    #: The version that runs; one before 2 cannot read its records and groups.
    version: int = 1
    #: The rate limiters of the functions, which live as long as their environments.
    limiters: dict[str, RateLimiter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - to repeat a world, not to hide anything
        self.watch = Watch("aws.braket", "aws", ACCOUNT, frozenset(self.policy.regions))
        self.events = Queue(HIDDEN["observe"], RECEIVES["observe"], clock=self._time)
        self.queues = {
            channel: Queue(HIDDEN["deliver"], RECEIVES["deliver"], clock=self._time) for channel in self.policy.channels
        }
        self.ledger.machines = {name for name, kind in self.policy.channels.items() if kind in MACHINES}

    # --- the three functions, run by the real entry points ----------------------------------------------------------

    def observes(self, plan: Plan = CALM, *, most: int = BATCH, again: bool = False, meanwhile: Any = None) -> int:
        worker = Worker(self, plan, TIMEOUTS["observe"], meanwhile)
        return self._consume(observe.lambda_handler, self.events, worker, self._receive(self.events, most, again=again))

    def sweeps(self, plan: Plan = CALM, *, meanwhile: Any = None) -> None:
        worker = Worker(self, plan, TIMEOUTS["sweep"], meanwhile)
        self._run(sweep.lambda_handler, {}, worker)

    def delivers(
        self, channel: str, plan: Plan = CALM, *, most: int = BATCH, again: bool = False, meanwhile: Any = None
    ) -> int:
        worker = Worker(self, plan, TIMEOUTS["deliver"], meanwhile, channel)
        queue = self.queues[channel]
        return self._consume(deliver.lambda_handler, queue, worker, self._receive(queue, most, again=again))

    def redrives(self, plan: Plan = CALM) -> None:
        """An operator's redrive."""
        worker = Worker(self, plan, TIMEOUTS["sweep"])
        ledger = worker.using(self.ledger)
        try:
            redrive(ledger.all_undelivered(), ledger, worker.using(Queues(self, worker)), worker.clock)
        except (KilledError, PortFailedError):
            return

    def _receive(self, queue: Queue, most: int, *, again: bool) -> list[Record]:
        """Any of the visible records; with `again`, SQS may deliver a hidden one too."""
        found = [*queue.records] if again else [each.number for each in queue.visible(self.now)]
        records = queue.receive(self.now, self.random.sample(found, min(most, len(found))))
        for each in records:
            queue.received.setdefault(each.number, self.now)
        return records

    def _consume(self, handler: Any, queue: Queue, worker: Worker, records: Sequence[Record]) -> int:
        """Delete the records that the function does not report as failed, as Lambda's event source does."""
        if records:
            given = {"Records": [words(each, queue) for each in records]}
            answer = self._run(handler, given, worker, queue)
            failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]} if answer else None
            if failed is not None:
                queue.delete(record.number for record in records if str(record.number) not in failed)
        return len(records)

    def _run(self, handler: Any, given: Any, worker: Worker, queue: Queue | None = None) -> Any:
        """The handler without Powertools' decorators; None if it died or raised."""
        for other in self.running:
            if other.channel == worker.channel:
                worker.met.append(other)
                other.met.append(worker)
        self.running.append(worker)
        with installed(self, worker, queue):
            try:
                return inspect.unwrap(handler)(given, worker)
            except (KilledError, PortFailedError):
                return None
            finally:
                self.running.pop()
                self.accepted.blame(worker)

    def braket_of(self, function: str, late: Callable[[], bool]) -> Limited:
        """Braket behind the function's rate limiter, on the world's clock."""
        quotas = shares(self.policy.quotas, function)
        limiter = self.limiters.setdefault(function, RateLimiter(quotas, self._seconds, self._sleep))
        return Limited(self.braket.listing(self.now), limiter, late)

    def _time(self) -> datetime:
        return self.now

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _sleep(self, seconds: float) -> None:
        """Let time pass however short the sleep is, because otherwise the rate limiter waits for ever."""
        self.now += max(timedelta(seconds=seconds), timedelta.resolution)

    # --- the end of all faults --------------------------------------------------------------------------------------

    def settles(self, rounds: int = 400) -> None:
        """End the faults and pass time until no record waits."""
        self.braket.heals()
        self.fault = lambda _: ""
        for passed in range(rounds):
            self.works()
            if passed >= 3 and self.idle and not self.settling:
                return
            waiting = [at for queue in self.all_queues if (at := queue.next_visible(self.now))]
            self.now = max(self.now + TICK, min(waiting, default=self.now))
        self.wrong.append(f"not quiet after {rounds} rounds")

    def works(self) -> None:
        """A tick: a sweep, and every function as long as its queue has records."""
        self.sweeps()
        while self.observes():
            pass
        for channel in self.queues:
            while self.delivers(channel):
                pass

    @property
    def all_queues(self) -> list[Queue]:
        return [self.events, *self.queues.values()]

    @property
    def idle(self) -> bool:
        undispatched = any(row.dispatched < row.version for row in self.snapshots.rows.values())
        return not undispatched and not any(queue.records for queue in self.all_queues)

    @property
    def settling(self) -> bool:
        """Whether a hybrid job ended so recently that its row waits for the ends of its quantum tasks."""
        rows, changed = self.snapshots.rows, self.snapshots.changed
        return any(
            arn.kind == "job" and row.snapshot.terminal and self.now - changed[arn] < SETTLED_WITHIN
            for arn, row in rows.items()
            if arn not in self.snapshots.closed
        )


def words(record: Record, queue: Queue) -> dict[str, Any]:
    number = record.number
    received, sent = queue.received[number], queue.sent[number]
    return event_record(str(number), record.content, receives=record.receives, first_received=received, sent=sent)
