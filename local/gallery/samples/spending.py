"""Samples of notices of spending limits and budgets, decided from the amounts that cause them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from braket_notifier.domain.spending import BUDGET, LIMIT, Allowance
from braket_notifier.watching.spending import Reached, notices
from local.gallery.samples.answers import FORTE, NOON
from local.gallery.samples.sample import POLICY, Sample

NOVEMBER, JANUARY = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
LIMIT_ARN = "arn:aws:braket:us-east-1:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"
OF_FORTE = Allowance(
    LIMIT_ARN, Decimal(500), Decimal(400), NOVEMBER, JANUARY, queued=Decimal(50), device=FORTE, region="us-east-1"
)
OF_BATCH = Allowance("batch ghz-scan", Decimal(200), Decimal("163.20"), NOVEMBER, JANUARY, name="ghz-scan", unknown=3)


def _sample(name: str, about: str, allowance: Allowance, threshold: str, word: str = LIMIT) -> Sample:
    [found] = notices([Reached(allowance, threshold, word)], {}, POLICY, NOON)
    return Sample(name, about, found.notification.transition)


SPENDING = (
    _sample("limit-full", "a spending limit that may reject further tasks", OF_FORTE, "full"),
    _sample(
        "limit-half",
        "half of a spending limit without an end",
        replace(OF_FORTE, spent=Decimal("251.30"), queued=Decimal(0), until=None),
        "50",
    ),
    _sample("budget-most", "most of a batch's budget", OF_BATCH, "80", BUDGET),
    _sample(
        "budget-full", "a budget that is spent", replace(OF_BATCH, spent=Decimal("203.40"), unknown=0), "full", BUDGET
    ),
)
