"""Real functions, one call on a port at a time: run again on the answers so far, up to the first one still missing.

Nothing needs a thread, and killing a worker is exact: it is simply never run on, not even through its `finally`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from tests.prove.interleaved_stores import Records, Told, Truth

Clock = Callable[[], datetime]


class PausedError(BaseException):
    """The function asks what has not been answered yet; no `except Exception` of its own may stop this."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a function asks of a port."""

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
    """What a call was answered, and when."""

    value: object
    at: datetime


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a worker may touch; what it reads from the clock moves only with its own steps."""

    snapshots: MemorySnapshots
    records: Records
    ledger: MemoryLedger
    turns: MemoryChannelLeases
    channel: Told
    braket: Truth
    events: Records
    clock: Clock
    sleep: Callable[[float], None]


Body = Callable[[Ports], None]


class _Run:
    """One run of a function on the answers so far."""

    def __init__(self, answers: Sequence[Answer], begin: datetime) -> None:
        self._answers = iter(answers)
        self.now = begin
        self.asked: Call | None = None

    def ask(self, call: Call) -> object:
        if self.asked:
            raise PausedError  # what a `finally` asks on the way out of a pause
        answer = next(self._answers, None)
        if answer is None:
            self.asked = call
            raise PausedError
        self.now = answer.at
        if isinstance(answer.value, Raised):
            raise answer.value.error.with_traceback(None)
        return answer.value


class _Port:
    """Stands for a port: every call on it is a step."""

    def __init__(self, name: str, run: _Run) -> None:
        self._name, self._run = name, run

    def __getattr__(self, method: str) -> Callable[..., object]:
        return lambda *args, **kwargs: self._run.ask(Call(self._name, method, args, kwargs))


def next_call(body: Body, answers: Sequence[Answer], begin: datetime) -> Call | None:
    """What a worker asks next; None if it has returned or failed."""
    run = _Run(answers, begin)

    def sleep(seconds: float) -> None:
        run.ask(Call("clock", "sleep", (seconds,)))

    ports: dict[str, Any] = {
        name: _Port(name, run) for name in ("snapshots", "records", "ledger", "turns", "channel", "braket", "events")
    }
    try:
        body(Ports(**cast("Any", ports), clock=lambda: run.now, sleep=sleep))
    except PausedError:
        return run.asked
    except Exception:  # noqa: BLE001 - the function failed: its records come again
        return None
    return None
