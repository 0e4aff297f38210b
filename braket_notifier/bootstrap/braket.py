"""Braket for observe and sweep: the accepted origin of events, and a client at the rate of the function's share."""

import os
from collections.abc import Callable
from functools import cache

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.bootstrap import shared
from braket_notifier.braket.events import Watch
from braket_notifier.braket.rate_limit import RateLimiter, shares
from braket_notifier.domain.policy import QuotaShares


@cache
def watch() -> Watch:
    environ = os.environ
    return Watch(
        environ["EVENT_SOURCE"], environ["PARTITION"], environ["ACCOUNT_ID"], frozenset(shared.policy().regions)
    )


def client(function: str, out_of_time: Callable[[], bool]) -> BotoBraket:
    """Read Braket at the rate of this function's share, and only until no time is left."""
    return BotoBraket(clients.braket, _rate_limiter(shared.policy().quotas, function), out_of_time, shared.log_skipped)


@cache
def _rate_limiter(quota_shares: QuotaShares, function: str) -> RateLimiter:
    return RateLimiter(shares(quota_shares, function), shared.monotonic, shared.sleep)
