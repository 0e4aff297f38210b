"""The prices of quantum tasks in AWS's public price list; pure.

AWS publishes the list as CSV: five lines of metadata, a line of column names, and a line for each price. The SDK's
`Tracker` reads the same columns (`braket/tracking/tracker.py` in amazon-braket-sdk 1.127.5).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Literal, cast, get_args

from braket_notifier.domain.cost import LONGEST, decimal_of
from braket_notifier.errors import UnusablePricesError
from braket_notifier.text.json_fields import shown, text, why_malformed

#: A price is for a shot or a quantum task on a QPU, or a minute on a simulator; a hybrid job's own have other ones.
Item = Literal["shot", "task", "minute", "job shot", "job task", "job minute"]
#: Region, item, and the last part of the device's ARN in lower case, because the list spells some devices differently.
Key = tuple[str, Item, str]
#: Lines of metadata before the column names.
METADATA = 5
#: Days after which a list is too old to state a price.
TOO_OLD = timedelta(days=45)
#: US dollars for one unit above which a price is a mistake; the highest known one is $0.30 for a quantum task.
MOST = Decimal(1000)
#: Prices that are kept at most, so that their row stays below 100 KB.
MOST_PRICES = 1000
#: Item, column of the device's name, and value of the column `operation` (empty: any), by product family.
_FAMILIES: Mapping[str, tuple[Item, str, str]] = {
    "Quantum Task-Shot": ("shot", "DeviceName", ""),
    "Quantum Task": ("task", "DeviceName", ""),
    "Braket Managed Jobs QPU Task Shot": ("job shot", "Device Name", ""),
    "Braket Managed Jobs QPU Task": ("job task", "Device Name", ""),
    "Simulator Task": ("minute", "Version", "CompleteTask"),
    "Braket Managed Jobs Simulator Task": ("job minute", "Version", "Managed-Jobs"),
}
_NAMED = {"DeviceName", "Device Name", "Version"}
_COLUMNS = {"Product Family", "Region Code", "operation", "PricePerUnit", "Currency", "Unit"} | _NAMED
#: Minutes in a unit of simulator time.
_MINUTES = {"seconds": Decimal(1) / 60, "minutes": Decimal(1), "hours": Decimal(60)}


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices in US dollars by region, item and device, and the day on which the list was read."""

    as_of: date
    by_key: Mapping[Key, Decimal]

    def of(self, region: str, item: Item, device: str) -> Decimal | None:
        """Return the price of an item on the device of an ARN; None if the list has none."""
        return self.by_key.get((region, item, device.rpartition("/")[2].casefold()))

    def cover(self, day: date) -> bool:
        """Whether the list is recent enough for the prices of a day."""
        return day - self.as_of <= TOO_OLD

    def to_json(self) -> dict[str, object]:
        """Return members that a row can hold, the inverse of `stored_prices`."""
        return {"as_of": self.as_of.isoformat(), "prices": [[*key, f"{price:f}"] for key, price in self.by_key.items()]}


def parse_prices(lines: Iterable[str], as_of: date) -> Prices:
    """Parse the lines of the list, as read on a day. Raises UnusablePricesError, so that the last good list stays."""
    found: dict[Key, Decimal] = {}
    try:
        rows = csv.reader(islice(lines, METADATA, None), strict=True)
        columns = next(rows, [])
        if missing := _COLUMNS - {*columns}:
            raise UnusablePricesError(f"columns are missing: {', '.join(sorted(missing))}")
        for row in filter(None, rows):
            if len(row) != len(columns):
                raise UnusablePricesError(f"line {METADATA + rows.line_num} is cut short")
            _add(dict(zip(columns, row, strict=True)), found)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnusablePricesError(f"not a CSV: {error}") from error
    return Prices(as_of, _bounded(found))


def stored_prices(members: Mapping[str, object]) -> Prices:
    """Parse stored members. Raises UnusablePricesError."""
    try:
        listed = cast("list[list[str]]", members["prices"])
        found = {_key(region, item, device): _price(price) for region, item, device, price in listed}
        return Prices(date.fromisoformat(text(members["as_of"])), _bounded(found))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnusablePricesError(f"stored prices are unreadable: {why_malformed(error)}") from error


def _add(row: Mapping[str, str], found: dict[Key, Decimal]) -> None:
    """Add the price of a row that the notifier needs; of other products nothing is known."""
    item, named_in, operation = _FAMILIES.get(row["Product Family"], ("task", "", ""))
    device = row[named_in] if named_in else ""
    if not device or (operation and row["operation"] != operation):
        return
    key = _key(row["Region Code"], item, device)
    if row["Currency"] != "USD":
        raise UnusablePricesError(f"{' '.join(key)} is in {shown(row['Currency'])}, not in USD")
    if key in found:
        raise UnusablePricesError(f"{' '.join(key)} has two prices")
    found[key] = _price(row["PricePerUnit"])
    if item in ("minute", "job minute"):
        if row["Unit"] not in _MINUTES:
            raise UnusablePricesError(f"{' '.join(key)} is for {shown(row['Unit'])}; allowed: {', '.join(_MINUTES)}")
        found[key] /= _MINUTES[row["Unit"]]


def _key(region: str, item: str, device: str) -> Key:
    if item not in get_args(Item):
        raise UnusablePricesError(f"{shown(item)} is no item")
    return text(region, most=40), cast("Item", item), text(device, most=100).casefold()


def _price(value: str) -> Decimal:
    price = decimal_of(text(value, most=LONGEST))
    if price is None or price > MOST:
        raise UnusablePricesError(f"{shown(value)} is no price from $0 to ${MOST}")
    return price


def _bounded(found: dict[Key, Decimal]) -> dict[Key, Decimal]:
    if not 0 < len(found) <= MOST_PRICES:
        raise UnusablePricesError(f"{len(found)} prices of quantum tasks; allowed: 1 to {MOST_PRICES}")
    return found
