"""How fast Braket is asked: a share of its published quotas, less while it throttles all the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from braket_notifier.domain.policy import QuotaShares
from braket_notifier.errors import LateError

#: No longer at once, so that whoever waits notices in time that it is late.
LONGEST_SLEEP_S = 1.0
#: A token but for this is one: a wait too short to move the clock would never end.
ROUNDING = 1e-6
#: After a ThrottlingException the rate is halved, down to this share of it, and doubles again every half minute.
SLOWEST = 1 / 16
RECOVERS_S = 30.0


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests a second, and how many more at once after a rest."""

    rate: float
    burst: float

    def share(self, part: float) -> "Quota":
        """A part of it, with which one request must be possible at least."""
        return Quota(self.rate * part, max(1.0, self.burst * part))


#: Braket's quotas per account and region: docs.aws.amazon.com/braket/latest/developerguide/braket-quotas.html. All
#: requests together may be 140 a second (burst 600), of which the default shares leave more than four fifths.
QUOTAS = {
    "GetQuantumTask": Quota(100, 500),
    "GetJob": Quota(5, 25),
    "SearchQuantumTasks": Quota(5, 50),
    "SearchJobs": Quota(5, 50),
}


def shares(granted: QuotaShares, function: str) -> Mapping[str, Quota]:
    """What `observe` or `sweep` may ask of one region."""
    gets = granted.sweep if function == "sweep" else granted.observe
    return {name: quota.share(granted.search if "Search" in name else gets) for name, quota in QUOTAS.items()}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket at one moment, in seconds of any steady clock."""

    quota: Quota
    tokens: float
    at: float
    slowed: float = 1.0

    def later(self, now: float) -> "Bucket":
        passed = max(0.0, now - self.at)
        tokens = min(self.quota.burst, self.tokens + passed * self.quota.rate * self.slowed)
        return replace(self, tokens=tokens, at=now, slowed=min(1.0, self.slowed * 2 ** (passed / RECOVERS_S)))

    def wait_s(self) -> float:
        """How long until the next request may be made."""
        missing = 1 - self.tokens
        return 0.0 if missing < ROUNDING else missing / (self.quota.rate * self.slowed)

    def spent(self) -> "Bucket":
        return replace(self, tokens=self.tokens - 1)

    def throttled(self) -> "Bucket":
        """Others use the quota too: what was saved up is not there."""
        return replace(self, tokens=0.0, slowed=max(SLOWEST, self.slowed / 2))


class RateLimiter:
    """A bucket for each region and operation, shared by the threads of one function; others are not limited."""

    def __init__(
        self, quotas: Mapping[str, Quota], clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._quotas = quotas
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, region: str, operation: str, late: Callable[[], bool]) -> None:
        """Wait until the request may be made; LateError if it gets late before."""
        while not late():
            wait = self._spend(region, operation)
            if not wait:
                return
            self._sleep(min(wait, LONGEST_SLEEP_S))
        raise LateError(f"no time was left for {operation}")

    def throttled(self, region: str, operation: str) -> None:
        with self._lock:
            if bucket := self._bucket(region, operation):
                self._buckets[region, operation] = bucket.throttled()

    def _spend(self, region: str, operation: str) -> float:
        with self._lock:
            bucket = self._bucket(region, operation)
            wait = bucket.wait_s() if bucket else 0.0
            if bucket:
                self._buckets[region, operation] = bucket if wait else bucket.spent()
            return wait

    def _bucket(self, region: str, operation: str) -> Bucket | None:
        if operation not in self._quotas:
            return None
        now, quota = self._clock(), self._quotas[operation]
        return self._buckets.get((region, operation), Bucket(quota, quota.burst, now)).later(now)
