"""A quantum task's price, worked out from the lines of the price list, beside the notifier's amount; pure.

The sum is made here without the library's prices and costs, so that a mistake of theirs shows.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal

from braket_notifier.rendering.words.money import dollars
from local.story.story import Act

#: Lines of the price list before its column names.
METADATA = 5


@dataclass(frozen=True, slots=True)
class Price:
    """The prices of a task on a QPU and of its shots, and the amount that the notifier recorded, if it did."""

    name: str
    shots: int
    per_task: Decimal
    per_shot: Decimal
    recorded: Decimal | None

    @property
    def amount(self) -> Decimal:
        return self.per_task + self.shots * self.per_shot

    @property
    def is_recorded(self) -> bool:
        return self.amount == self.recorded

    def line(self) -> str:
        says = "has no amount" if self.recorded is None else f"says {dollars(self.recorded)}"
        sum_ = f"{dollars(self.per_task)} + {self.shots:,} shots × {dollars(self.per_shot)} = {dollars(self.amount)}"  # noqa: RUF001 - a product
        return f"{self.name} by the emulator's price list: {sum_}; the notifier {says}"


def price_of(act: Act, price_list: str, recorded: Decimal | None) -> Price:
    """Read the two prices of the act's device, which is a QPU, in the text of the price list."""
    lines = csv.DictReader(price_list.splitlines()[METADATA:])
    place = act.region, act.device.rpartition("/")[2]
    of = {
        each["Product Family"]: Decimal(each["PricePerUnit"])
        for each in lines
        if (each["Region Code"], each["DeviceName"]) == place
    }
    return Price(act.name, act.shots, of["Quantum Task"], of["Quantum Task-Shot"], recorded)
