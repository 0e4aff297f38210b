"""Rate limits of requests to Braket, by a clock that the tests move."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from braket_notifier.braket.rate_limit import QUOTAS, SLOWEST, SWEEP_ALONE, Bucket, Quota, RateLimiter, shares
from braket_notifier.domain.policy import QuotaShares
from braket_notifier.errors import LateError


class Time:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


def limited(quotas: dict[str, Quota]) -> tuple[RateLimiter, Time]:
    time = Time()
    return RateLimiter(quotas, lambda: time.now, time.sleep), time


@pytest.mark.parametrize("operation", QUOTAS)
def test_all_functions_together_take_a_fifth_of_each_quota_at_most(operation: str) -> None:
    """Two batches of observe and one sweep may run at once; the sweep alone searches; `run` is alone."""
    observe, sweep = shares(QuotaShares(), "observe")[operation], shares(QuotaShares(), "sweep")[operation]
    alone = operation in SWEEP_ALONE
    rate = sweep.rate if alone else 2 * observe.rate + sweep.rate
    burst = sweep.burst if alone else 2 * observe.burst + sweep.burst

    assert [rate, shares(QuotaShares(), "run")[operation].rate] == pytest.approx([0.2 * QUOTAS[operation].rate] * 2)
    assert burst <= 0.2 * QUOTAS[operation].burst + 1


def test_a_share_lets_one_request_through_however_small_it_is() -> None:
    assert Quota(5, 25).share(0.001) == Quota(0.005, 1)


@pytest.mark.parametrize(
    ("requests", "least_s"),
    [
        (20, 0.0),  # the burst
        (21, 0.25),  # the burst, and a request at the rate
        (2000, 495.0),
    ],
)
def test_requests_take_as_long_as_the_quota_demands_and_hardly_longer(requests: int, least_s: float) -> None:
    limiter, time = limited({"GetQuantumTask": shares(QuotaShares(), "sweep")["GetQuantumTask"]})

    for _ in range(requests):
        limiter.take("eu-north-1", "GetQuantumTask", lambda: False)

    assert least_s <= time.now + 1e-6
    assert time.now <= least_s * 1.01 + 1e-6


def test_threads_share_a_bucket() -> None:
    limiter, time = limited({"GetJob": Quota(1, 1)})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: limiter.take("eu-north-1", "GetJob", lambda: False), range(50)))

    assert time.now >= 49 - 1e-6


def test_each_region_and_operation_has_a_bucket_of_its_own() -> None:
    limiter, time = limited({"GetJob": Quota(1, 1), "SearchJobs": Quota(1, 1)})

    for region in ("eu-north-1", "us-east-1"):
        for operation in ("GetJob", "SearchJobs", "GetDevice"):
            limiter.take(region, operation, lambda: False)

    assert time.now == 0


def test_a_wait_ends_when_the_time_is_over() -> None:
    limiter, time = limited({"GetJob": Quota(0.01, 1)})
    limiter.take("eu-north-1", "GetJob", lambda: False)

    with pytest.raises(LateError, match="GetJob"):
        limiter.take("eu-north-1", "GetJob", lambda: time.now > 20)
    assert 20 < time.now <= 22


def test_throttling_halves_the_rate_and_empties_the_bucket() -> None:
    bucket = Bucket(Quota(4, 20), 20, 0.0).throttled()

    assert bucket.wait_s() == pytest.approx(1 / 2)
    assert bucket.throttled().wait_s() == pytest.approx(1)


def test_the_rate_never_falls_to_nothing_and_recovers() -> None:
    bucket = Bucket(Quota(4, 20), 20, 0.0)
    for _ in range(50):
        bucket = bucket.throttled()
    lowest = bucket.slowed

    assert lowest == SLOWEST
    assert bucket.later(30.0).slowed == pytest.approx(2 * lowest)
    assert bucket.later(600.0).slowed == 1
    assert bucket.later(600.0).tokens == 20


@given(st.lists(st.tuples(st.floats(0, 100 * 86_400), st.booleans()), min_size=1, max_size=20))
@example([(8 * 3600 + 32 * 60, False), (8 * 3600 + 32 * 60 + 1, True)])  # 1,024 doublings overflowed
def test_the_limiter_answers_after_any_rest(requests: list[tuple[float, bool]]) -> None:
    """Rests of up to 100 days between requests, some of which Braket throttles."""
    quota = Quota(5, 25)
    limiter, time = limited({"GetJob": quota})

    for rest_s, throttled in requests:
        time.sleep(rest_s)
        before = time.now
        limiter.take("eu-north-1", "GetJob", lambda: False)
        assert time.now - before <= 1 / (quota.rate * SLOWEST) + 1e-3
        if throttled:
            limiter.throttled("eu-north-1", "GetJob")


def test_a_clock_that_goes_back_adds_no_tokens() -> None:
    assert Bucket(Quota(4, 20), 3, 10.0).later(5.0).tokens == 3


def test_a_wait_is_never_too_short_to_move_the_clock() -> None:
    assert Bucket(Quota(5, 25), 1 - 1e-12, 1e9).wait_s() == 0
    assert Bucket(Quota(5, 25), 0.9, 1e9).wait_s() > 0
