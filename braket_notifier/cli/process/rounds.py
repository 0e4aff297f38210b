"""The rounds of the process, one after another until its end."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

from braket_notifier.cli.process.delivering import LOOK_EVERY_S, Delivering
from braket_notifier.cli.process.named import OwnTasks
from braket_notifier.cli.process.watching import Process
from braket_notifier.tracking.reconcile import RESERVE_S

#: Seconds that a round may take; the next one goes on where it stopped.
ROUND_S = 600.0
#: Seconds for which the end waits for a message that is on its way.
LAST_SEND_S = 20.0


class RoundClock:
    """The time that is left for a round of sweeps; none once the process is to end."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._began = monotonic()

    def begin(self) -> float:
        self._began = monotonic()
        return self._began

    def left_s(self) -> float:
        return 0.0 if self._stop.is_set() else max(0.0, self._began + ROUND_S - monotonic())

    def is_out_of_time(self) -> bool:
        return self.left_s() < RESERVE_S


def until_the_end(
    process: Process,
    own: OwnTasks,
    channels: Sequence[Delivering],
    clock: RoundClock,
    every_s: float,
    is_over: Callable[[], bool] | None,
) -> None:
    """Sweep and send until somebody ends the process, or all that it was to watch is over."""
    threads = _started({each.name: each.run for each in channels})
    try:
        while not process.stop.is_set():
            began = clock.begin()
            process.sweep(own, clock.left_s)
            until = max(monotonic() + 1, began + every_s)
            wait_s = LOOK_EVERY_S if is_over else every_s
            while (left := until - monotonic()) > 0 and not process.stop.wait(min(left, wait_s)):
                if is_over and is_over():
                    process.stop.set()
    except Exception as error:  # noqa: BLE001 - it is raised again after the last sends
        process.end(error)
    _await_last_sends(process, threads)


def one_round(process: Process, own: OwnTasks, channels: Sequence[Delivering], clock: RoundClock) -> None:
    """Sweep and send once; a handler that hangs holds back neither other channels nor the end."""
    clock.begin()
    process.sweep(own, clock.left_s)
    threads = _started({each.name: each.drain for each in channels})
    while clock.left_s() and any(thread.is_alive() for thread in threads):
        _await(threads, LOOK_EVERY_S)
    _await_last_sends(process, threads)


def _await_last_sends(process: Process, threads: Sequence[Thread]) -> None:
    """Wait for messages on their way, and raise the error that ended the process."""
    for thread in _await(threads, LAST_SEND_S):
        process.screen.once(f"end of {thread.name}", f"{thread.name} has not finished: the command ends without it")
    if process.ended_by:
        raise process.ended_by


def _started(works: Mapping[str, Callable[[], None]]) -> list[Thread]:
    """Threads that end with the command at the latest."""
    threads = [Thread(target=work, name=name, daemon=True) for name, work in works.items()]
    for thread in threads:
        thread.start()
    return threads


def _await(threads: Sequence[Thread], most_s: float) -> list[Thread]:
    """Wait for all of them together, and return those that still run."""
    until = monotonic() + most_s
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    return [thread for thread in threads if thread.is_alive()]


@contextmanager
def ends_in_order(stop: Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the round and the messages on their way; a second one ends the command at once."""

    def ends(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ends) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
