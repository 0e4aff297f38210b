"""Braket's request quotas: token buckets per region and operation."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from local.braket.errors import BraketError

QUOTAS = {  # requests a second, burst
    "CreateQuantumTask": (20, 40),
    "SearchQuantumTasks": (5, 50),
    "GetQuantumTask": (100, 500),
    "CancelQuantumTask": (2, 20),
    "GetDevice": (5, 50),
    "SearchDevices": (5, 50),
    "CreateJob": (1, 5),
    "SearchJobs": (5, 50),
    "GetJob": (5, 25),
    "CancelJob": (2, 5),
}
ALL_REQUESTS = (140, 600)


class Quotas:
    """Each region's remaining requests; the buckets fill by the emulator's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}

    def spend(self, region: str, operation: str) -> None:
        limits = {"all": ALL_REQUESTS} | ({operation: QUOTAS[operation]} if operation in QUOTAS else {})
        with self._lock:
            now = self._now()
            levels = {name: self._level((region, name), now, *limit) for name, limit in limits.items()}
            if any(level < 1 for level in levels.values()):
                raise BraketError("ThrottlingException", "Rate exceeded")
            self._buckets |= {(region, name): (level - 1, now) for name, level in levels.items()}

    def _level(self, key: tuple[str, str], now: datetime, rate: int, burst: int) -> float:
        level, since = self._buckets.get(key, (float(burst), now))
        return min(float(burst), level + rate * (now - since).total_seconds())
