"""Faults between a notifier and Slack."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from local.braket.serving import Response

Kind = Literal["rate_limited", "pace", "status", "error", "close", "hang", "redirect"]
POSTING = ("chat.postMessage", "webhook")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of Slack's next calls.

    rate_limited: 429, with Retry-After unless `retry_after` is None. pace: 429 for a post within `seconds` of the
    channel's last one. status: that HTTP status. error: Slack's own refusal. close: the connection ends without an
    answer. hang: the same after `seconds`. redirect: 302 to `location`. With `accepts` the message is posted all the
    same. `calls` None lasts until cleared; `channel` (an ID) and `method` (webhooks are "webhook") narrow it.
    """

    kind: Kind
    calls: int | None = 1
    channel: str | None = None
    method: str | None = None
    accepts: bool = False
    retry_after: int | None = 1
    status: int = 503
    error: str = "fatal_error"
    seconds: float = 1.0
    location: str = "/"

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is {self.kind!r}; allowed: {', '.join(get_args(Kind))}")

    def meets(self, method: str, channel: str | None) -> bool:
        return self.method in (None, method) and self.channel in (None, channel)


class Faults:
    """The faults of Slack's next calls, oldest first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._free_at: dict[str | None, float] = {}

    @property
    def waiting(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(self._waiting)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._free_at.clear()

    def take(self, method: str, channel: str | None) -> Fault | None:
        """The fault of this call, if any. It then has one call less."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if not fault.meets(method, channel):
                    continue
                if fault.kind != "pace":
                    self._spend(place)
                    return fault
                if method in POSTING and (early := self._wait(fault, channel)):
                    return Fault("rate_limited", retry_after=math.ceil(early))
            return None

    def _spend(self, place: int) -> None:
        fault = self._waiting[place]
        if fault.calls == 1:
            del self._waiting[place]
        elif fault.calls is not None:
            self._waiting[place] = replace(fault, calls=fault.calls - 1)

    def _wait(self, pace: Fault, channel: str | None) -> float:
        """Seconds by which a post comes too early. A post that is in time starts the next wait."""
        now = self._clock()
        early = self._free_at.get(channel, now) - now
        if early <= 0:
            self._free_at[channel] = now + pace.seconds
        return max(early, 0.0)


def spoil(fault: Fault, refusal: Callable[[str], Response]) -> Response | None:
    """The answer that a fault gives instead of Slack's; None closes the connection."""
    if fault.kind in ("close", "hang"):
        return None
    if fault.kind == "error":
        return refusal(fault.error)
    if fault.kind == "redirect":
        return Response(status=302, headers={"Location": fault.location})
    if fault.kind == "status":
        return Response(b"upstream error", fault.status)
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    refused = refusal("ratelimited")
    return replace(refused, status=429, headers={**refused.headers, **wait})
