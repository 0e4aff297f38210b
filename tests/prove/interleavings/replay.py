"""Real functions, one call of a port at a time: run again on the answers so far, up to the first missing one.

Nothing needs a thread, and a kill is exact: the worker never continues, not even through its `finally`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.groups import MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.notification import Notification
from tests.prove.interleavings.stores import RecordingChannel, Truth

Clock = Callable[[], datetime]
#: The names of the stores, each of which is a port.
STORES = ("snapshots", "records", "direct", "groups", "ledger", "leases", "channel", "braket", "events")


class PausedError(BaseException):
    """The function makes a call without an answer yet; none of its `except Exception` may catch this."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function's call of a port."""

    port: str
    method: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.port}.{self.method}"


@dataclass(frozen=True, slots=True)
class Raised:
    """An answer that is an exception."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a call, and its time."""

    value: object
    at: datetime


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a worker may use. Its clock moves only with its own steps."""

    snapshots: MemorySnapshots
    #: The queues of the team's channel, and of the one that writes to owners, with the groups of that one.
    records: MemoryQueue[Notification]
    direct: MemoryQueue[Notification]
    groups: MemoryGroups
    ledger: MemoryLedger
    leases: MemoryChannelLeases
    channel: RecordingChannel
    braket: Truth
    events: MemoryQueue[str]
    clock: Clock
    sleep: Callable[[float], None]


Body = Callable[[Ports], None]


class _Run:
    """A run of a function on the answers so far."""

    def __init__(self, answers: Sequence[Answer], begin: datetime) -> None:
        self._answers = iter(answers)
        self.now = begin
        self.asked: Call | None = None

    def ask(self, call: Call) -> object:
        if self.asked:
            raise PausedError  # the call of a `finally` on the way out of a pause
        answer = next(self._answers, None)
        if answer is None:
            self.asked = call
            raise PausedError
        self.now = answer.at
        if isinstance(answer.value, Raised):
            raise answer.value.error.with_traceback(None)
        return answer.value


class _Port:
    """A stand-in for a port: every call on it is a step."""

    def __init__(self, name: str, run: _Run) -> None:
        self._name, self._run = name, run

    def __getattr__(self, method: str) -> Callable[..., object]:
        return lambda *args, **kwargs: self._run.ask(Call(self._name, method, args, kwargs))


def next_call(body: Body, answers: Sequence[Answer], begin: datetime) -> Call | None:
    """The worker's next call; None if it has returned or failed."""
    run = _Run(answers, begin)

    def sleep(seconds: float) -> None:
        run.ask(Call("clock", "sleep", (seconds,)))

    ports: dict[str, Any] = {name: _Port(name, run) for name in STORES}
    try:
        body(Ports(**cast("Any", ports), clock=lambda: run.now, sleep=sleep))
    except PausedError:
        return run.asked
    except Exception:  # noqa: BLE001 - the function failed: its records come again
        return None
    return None
