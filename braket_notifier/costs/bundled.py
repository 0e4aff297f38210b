"""The prices that a release brings, for the time before the first list is fetched; they age like any other ones."""

from datetime import date
from functools import cache
from pathlib import Path

from braket_notifier.costs.prices import Prices, parse_prices

FILE = Path(__file__).with_name("prices.csv")
#: The day of the oldest of its prices.
AS_OF = date(2024, 12, 31)


@cache
def bundled() -> Prices:
    with FILE.open(encoding="utf-8") as lines:
        return parse_prices(lines, AS_OF)
