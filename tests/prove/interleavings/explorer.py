"""Every order of the workers' calls, with faults anywhere: a depth-first walk that meets each equal state once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.domain.notification import Notification
from tests.prove.interleavings.call_faults import WELL, Fault, error_of, faults
from tests.prove.interleavings.replay import STORES, Answer, Body, Call, Raised
from tests.prove.interleavings.seen import ENDED, Past, Seen
from tests.prove.interleavings.stores import batches

Stores = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worker:
    """A function that runs once, and whether faults may happen to it."""

    name: str
    body: Body
    mortal: bool = True


class Excuse(NamedTuple):
    """The repeat that a fault makes unavoidable: of one notification, between its send and its mark."""

    cause: str
    id: str


NO_EXCUSE = Excuse("", "")


class State(NamedTuple):
    """A state of the walk: each worker's past and each store's content by number, the time, the faults so far."""

    workers: tuple[int, ...]
    stores: tuple[int, ...]
    now: datetime
    excuses: tuple[Excuse, ...]


class Step(NamedTuple):
    """A worker's call and its outcome; a batch if it was a choice."""

    worker: int
    fault: Fault
    batch: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A state in which no worker can continue, and the first steps that led there."""

    stores: Stores
    now: datetime
    excuses: tuple[Excuse, ...]
    steps: tuple[str, ...]


@dataclass
class Explorer:
    """The walk over all states of some workers on some stores."""

    workers: Sequence[Worker]
    stores: Stores
    begin: datetime
    faults: int = 1
    clients_retry_sends: bool = False
    schedules: int = 0
    states: int = 0
    _seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self._seen = Seen([each.body for each in self.workers], self.begin)

    def ends(self) -> Iterator[End]:
        """Walk. A state's schedules are the sum of its successors', so that each is counted though met once."""
        first = self._first()
        schedules: dict[State, int] = {}
        path: list[tuple[State, Iterator[tuple[Step | None, State]], Step | None]] = []
        path.append((first, self._successors(first), None))
        sums = [0]
        while path:
            state, successors, _ = path[-1]
            step, successor = next(successors, (None, state))
            if successor is state:
                if not sums[-1]:
                    sums[-1] = 1
                    yield self._end(state, [(before, step) for (before, *_), (*_, step) in pairwise(path)])
                schedules[state] = sums.pop()
                path.pop()
                if path:
                    sums[-1] += schedules[state]
            elif known := schedules.get(successor):
                sums[-1] += known
            else:
                path.append((successor, self._successors(successor), step))
                sums.append(0)
        self.states, self.schedules = len(schedules), schedules[first]

    def _first(self) -> State:
        pasts = tuple(self._seen.add(number, (), self.begin) for number in range(len(self.workers)))
        return State(pasts, tuple(self._seen.shelve(self.stores[name]) for name in STORES), self.begin, ())

    def _successors(self, state: State) -> Iterator[tuple[Step, State]]:
        wakes = []
        blocked = True
        for number, past in enumerate(state.workers):
            call = self._seen.pasts[past].call if past != ENDED else None
            if call is None:
                continue
            wake = self._wake(state, past, call)
            if wake is None or wake > state.now:
                wakes.append(wake)
                continue
            blocked = False
            for batch in self._batches(state, call):
                yield from self._steps(state, number, batch)
        soonest = min((each for each in wakes if each), default=None)
        if blocked and soonest:  # time passes only when no worker can continue
            yield from self._successors(state._replace(now=soonest))

    def _steps(self, state: State, number: int, batch: tuple[int, ...]) -> Iterator[tuple[Step, State]]:
        well = self._after(state, Step(number, WELL, batch))
        yield Step(number, WELL, batch), well
        if len(state.excuses) < self.faults and self.workers[number].mortal:
            call = self._call(state, number)
            changed = well.stores != state.stores
            for fault in faults(call, changed=changed, clients_retry_sends=self.clients_retry_sends):
                step = Step(number, fault, batch)
                yield step, self._after(state, step)

    def _after(self, state: State, step: Step) -> State:
        number = state.workers[step.worker]
        past, call = self._seen.pasts[number], self._call(state, step.worker)
        stores = list(state.stores)
        value: object = None
        text = "None"
        if call.port != "clock":
            place = STORES.index(call.port)
            for _ in range(step.fault.effects):
                value, text, stores[place] = self._seen.effect(stores[place], number, step.batch)
        if step.fault.seen == "an error":
            value = Raised(error_of(call, step.fault))
            text = repr(value)
        workers = list(state.workers)
        killed = step.fault.seen == "nothing, killed"
        workers[step.worker] = ENDED if killed else self._seen.next(number, past, Answer(value, state.now), text)
        excuses = state.excuses if step.fault is WELL else (*state.excuses, _excuse(past, call, step.fault))
        return State(tuple(workers), tuple(stores), state.now, excuses)

    def _call(self, state: State, worker: int) -> Call:
        call = self._seen.pasts[state.workers[worker]].call
        assert call is not None
        return call

    def _wake(self, state: State, past: int, call: Call) -> datetime | None:
        """The time when a worker can continue: now, after its sleep, or when its queue shows a record (None: never)."""
        if call.port == "clock":
            return self._seen.pasts[past].at + timedelta(seconds=call.args[0])
        if call.method == "receive":
            return self._queue(state, call).next_visible(state.now)
        return state.now

    def _batches(self, state: State, call: Call) -> Iterator[tuple[int, ...]]:
        if call.method == "receive":
            yield from batches(self._queue(state, call), state.now)
        else:
            yield ()

    def _queue(self, state: State, call: Call) -> MemoryQueue[Notification]:
        queue: MemoryQueue[Notification] = self._seen.stores[state.stores[STORES.index(call.port)]]
        return queue

    def _end(self, state: State, steps: Sequence[tuple[State, Step | None]]) -> End:
        stores = dict(zip(STORES, (self._seen.stores[number] for number in state.stores), strict=True))
        return End(stores, state.now, state.excuses, tuple(self._said(before, step) for before, step in steps if step))

    def _said(self, before: State, step: Step) -> str:
        call = self._call(before, step.worker)
        what = f"{call} {list(step.batch)}" if step.batch else str(call)
        return f"{self.workers[step.worker].name}: {what} {step.fault.name}".rstrip()


def _excuse(past: Past, call: Call, fault: Fault) -> Excuse:
    """A repeat is unavoidable if the fault left a notification accepted and not marked."""
    if call.method == "send" and fault.effects == 1:
        return Excuse(f"{fault.name} {call}", call.args[0].id)
    if past.unmarked and not (call.method == "delivered" and fault.effects):
        return Excuse(f"{fault.name} {call}", past.unmarked)
    return NO_EXCUSE
