"""A clock that tests can hold and push, and that runs the actions that fall due."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

Action = Callable[[], None]


class Clock:
    """The emulator's time: a held clock moves only when pushed, a released one follows the system's."""

    def __init__(self, *, held: bool = False) -> None:
        self._changed = threading.Condition()
        self._turn = threading.RLock()  # one action at a time, in the order of their times
        self._due: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._ahead = timedelta()
        self._held_at = datetime.now(UTC) if held else None
        self._closed = False
        self._thread = threading.Thread(target=self._follow_the_wall, name="braket-clock", daemon=True)

    def now(self) -> datetime:
        """The present in UTC, to the millisecond, as Braket gives it."""
        with self._changed:
            return _to_millis(self._held_at or datetime.now(UTC) + self._ahead)

    def after(self, seconds: float, action: Action) -> None:
        """Run the action after that many seconds."""
        with self._changed:
            heapq.heappush(self._due, (self.now() + timedelta(seconds=seconds), next(self._order), action))
            self._changed.notify()

    def hold(self) -> None:
        with self._changed:
            self._held_at = self.now()

    def release(self) -> None:
        with self._changed:
            if self._held_at is not None:
                self._ahead = self._held_at - datetime.now(UTC)
                self._held_at = None
            self._changed.notify()

    def push(self, seconds: float) -> None:
        """Move time on, and return after every action that fell due meanwhile."""
        with self._turn:
            target = self.now() + timedelta(seconds=seconds)
            self._run_until(target)
            with self._changed:
                if self._held_at is None:
                    self._ahead += max(target - self.now(), timedelta())
                else:
                    self._held_at = max(self._held_at, target)
                self._changed.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run_until(self, target: datetime) -> None:
        while (due := self._next_due(target)) is not None:
            due()

    def _next_due(self, target: datetime) -> Action | None:
        """Take the earliest action, and move a held clock to its time."""
        with self._changed:
            if self._closed or not self._due or self._due[0][0] > target:
                return None
            when, _, action = heapq.heappop(self._due)
            if self._held_at is not None:
                self._held_at = max(self._held_at, when)
            return action

    def _follow_the_wall(self) -> None:
        while self._wait_until_due():
            with self._turn:
                if self._held_at is None:
                    self._run_until(self.now())

    def _wait_until_due(self) -> bool:
        """Sleep until something is due on a released clock. Return False once the clock is closed."""
        with self._changed:
            while not self._closed:
                wait = None
                if self._held_at is None and self._due:
                    wait = (self._due[0][0] - self.now()).total_seconds()
                    if wait <= 0:
                        return True
                self._changed.wait(wait)
            return False


def _to_millis(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
