"""The notifier's own statuses about amounts that may be spent, and the figures that such a notice carries."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from braket_notifier.domain.cost import LONGEST, NOTHING, decimal_of
from braket_notifier.domain.resource import Snapshot

#: The status of a spending limit at Braket, and of a budget in the settings; threshold, amount and period follow it.
LIMIT, BUDGET = "SPENDING_LIMIT", "BUDGET"
SPENDING = frozenset({LIMIT, BUDGET})
#: The thresholds in percent, in their order; at the last one further tasks may be rejected.
HALF, MOST, FULL = "50", "80", "full"
THRESHOLDS = (HALF, MOST, FULL)
#: The tags of a notice with its figures. AWS allows no such keys.
NAME, THRESHOLD, AMOUNT, SPENT, QUEUED, UNKNOWN = "#name", "#threshold", "#amount", "#spent", "#queued", "#unknown"
#: The tag of a person's budget.
PERSON = "#person"
#: An amount that nobody spends.
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Allowance:
    """An amount in USD that may be spent in a period, by a spending limit or a budget, and what was spent of it."""

    #: The ARN of a limit; the words of a budget.
    id: str
    amount: Decimal
    spent: Decimal
    since: datetime
    #: The end of the period; None if it has none that people live to see.
    until: datetime | None = None
    #: The estimated cost of waiting tasks, which Braket reserves.
    queued: Decimal = NOTHING
    #: The device of a limit.
    device: str = ""
    region: str = ""
    #: The batch, person and device of a budget, in words.
    name: str = ""
    #: Tasks whose amount is not known.
    unknown: int = 0

    @property
    def used(self) -> Decimal:
        return self.spent + self.queued

    @property
    def left(self) -> Decimal:
        return max(NOTHING, self.amount - self.used)


def spending_of(status: str) -> str:
    """Return the word of a status about spending, without what follows it; empty for any other status."""
    word = status.partition(" ")[0]
    return word if word in SPENDING else ""


def without_amount(status: str) -> str:
    """Return a status about spending with its threshold alone; any other one is unchanged."""
    return status.partition(" of ")[0] if spending_of(status) else status


def figures_of(allowance: Allowance, threshold: str) -> dict[str, str]:
    """Return the tags that carry the figures of a notice."""
    figures = {AMOUNT: allowance.amount, SPENT: allowance.spent, QUEUED: allowance.queued, UNKNOWN: allowance.unknown}
    return {NAME: allowance.name, THRESHOLD: threshold, **{tag: f"{value}" for tag, value in figures.items()}}


def figure(shown: Snapshot, tag: str) -> Decimal:
    """Return one figure of a notice; 0 for what is no amount."""
    return amount_in(shown.tags.get(tag)) or NOTHING


def amount_in(value: object) -> Decimal | None:
    """Read an amount in USD, which Braket gives as a text; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal) or len(str(value)) > LONGEST:
        return None
    amount = decimal_of(str(value))
    return amount if amount is not None and amount < LARGEST else None
