"""Rate limits of requests to Braket: a share of its published quotas, and less while Braket throttles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from braket_notifier.domain.policy import QuotaShares
from braket_notifier.errors import LateError

#: Seconds of the longest sleep, so that a caller notices in time that no time is left.
LONGEST_SLEEP_S = 1.0
#: Part of a token that may be missing; otherwise a wait too short to move the clock never ends.
ROUNDING = 1e-6
#: ThrottlingExceptions in a row that halve the rate, and the smallest share of it, which they leave.
MOST_HALVINGS = 4
SLOWEST = 0.5**MOST_HALVINGS
#: Seconds in which a lowered rate doubles.
RECOVERS_S = 30.0


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests per second, and the number of requests at once after a pause."""

    rate: float
    burst: float

    def share(self, part: float) -> "Quota":
        """Return a part of the quota, with a burst of at least one request."""
        return Quota(self.rate * part, max(1.0, self.burst * part))


#: Braket's quotas per account and region: docs.aws.amazon.com/braket/latest/developerguide/braket-quotas.html.
#: Braket allows 140 requests per second in all (burst 600); the default shares leave more than four fifths of them.
QUOTAS = {
    "GetQuantumTask": Quota(100, 500),
    "GetJob": Quota(5, 25),
    "SearchQuantumTasks": Quota(5, 50),
    "SearchJobs": Quota(5, 50),
    "GetDevice": Quota(5, 50),
    "SearchSpendingLimits": Quota(5, 50),  # Braket publishes none, so it counts as the other searches
}
#: The operations that the sweep alone calls.
SWEEP_ALONE = frozenset({"SearchQuantumTasks", "SearchJobs", "GetDevice", "SearchSpendingLimits"})


def shares(quota_shares: QuotaShares, function: str) -> Mapping[str, Quota]:
    """Return the quotas of `observe` or `sweep` in one region; those of `run` are of all functions together."""
    observe, sweep = quota_shares.observe, quota_shares.sweep
    gets = {"observe": observe, "sweep": sweep, "run": 2 * observe + sweep}[function]
    return {name: quota.share(quota_shares.search if name in SWEEP_ALONE else gets) for name, quota in QUOTAS.items()}


@dataclass(frozen=True, slots=True)
class Bucket:
    """The state of a token bucket at one moment, in seconds of any steady clock."""

    quota: Quota
    tokens: float
    at: float
    #: The share of the rate that throttling leaves.
    slowed: float = 1.0

    def later(self, now: float) -> "Bucket":
        passed = max(0.0, now - self.at)
        tokens = min(self.quota.burst, self.tokens + passed * self.quota.rate * self.slowed)
        doublings = min(passed / RECOVERS_S, MOST_HALVINGS)  # a power of more than 1,023 would overflow
        return replace(self, tokens=tokens, at=now, slowed=min(1.0, self.slowed * 2**doublings))

    def wait_s(self) -> float:
        """Return the seconds until the next request is allowed."""
        missing = 1 - self.tokens
        return 0.0 if missing < ROUNDING else missing / (self.quota.rate * self.slowed)

    def spent(self) -> "Bucket":
        return replace(self, tokens=self.tokens - 1)

    def throttled(self) -> "Bucket":
        """Empty the bucket and halve its rate, because other programs use the quota too."""
        return replace(self, tokens=0.0, slowed=max(SLOWEST, self.slowed / 2))


class RateLimiter:
    """A bucket for each region and operation that has a quota, shared by the threads of one function."""

    def __init__(
        self, quotas: Mapping[str, Quota], clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._quotas = quotas
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, region: str, operation: str, out_of_time: Callable[[], bool]) -> None:
        """Wait until the request is allowed. Raises LateError if `out_of_time` becomes true before."""
        while not out_of_time():
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
