"""An invocation of a function: its own clock, and the moments at which it may die, fail or be overtaken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from tests.prove.world import World

Port = TypeVar("Port")


class KilledError(BaseException):
    """The process is killed: nothing catches this, and no code runs after it."""


class PortFailedError(Exception):
    """A call to a table or a queue failed, or its answer was lost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned faults of one worker, at numbered moments before and after each of its calls (0: never)."""

    skew: timedelta = timedelta(0)
    dies_at: int = 0
    fails_at: int = 0
    overtaken_at: int = 0
    hurried: bool = False


@dataclass
class Worker:
    """An invocation. It is also the function's Lambda context."""

    world: "World"
    plan: Plan
    timeout: timedelta
    meanwhile: Callable[[], object] | None = None
    channel: str = ""
    dead: bool = False
    moments: int = 0
    began: datetime = field(init=False)
    #: The concurrent workers of the same channel.
    met: "list[Worker]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.world.now

    def clock(self) -> datetime:
        return self.world.now + self.plan.skew

    def sleep(self, seconds: float) -> None:
        self.world.now += timedelta(seconds=seconds)

    def get_remaining_time_in_millis(self) -> int:
        left = self.began + self.timeout - self.world.now
        return 10_000 if self.plan.hurried else int(left.total_seconds() * 1000)

    def moment(self) -> None:
        """The moment between two effects, at which a worker dies, is refused, or waits while another works."""
        if self.dead:
            raise KilledError
        self.moments += 1
        if self.moments == self.plan.dies_at:
            self.die()
        if self.moments == self.plan.fails_at:
            raise PortFailedError(f"call {self.moments // 2}")
        if self.moments == self.plan.overtaken_at and self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()

    def die(self) -> None:
        self.dead = True
        raise KilledError

    def using(self, port: Port) -> Port:
        """The port as this worker calls it: with a moment before and after each call."""
        return cast("Port", _Watched(port, self))


class _Watched:
    """Any port, with its calls watched."""

    def __init__(self, port: object, worker: Worker) -> None:
        self._port = port
        self._worker = worker

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._port, name)

        def watched(*given: Any, **named: Any) -> Any:
            self._worker.moment()
            answer = call(*given, **named)
            if name == "delivered":
                self._worker.world.accepted.mark(given[0], self._worker)
            self._worker.moment()
            return answer

        return watched
