"""Amounts of money for quantum tasks, by AWS's public price list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from braket_notifier.text.json_fields import shown, text, whole

Bound = Literal["exact", "at most"]
#: Dollars that no amount reaches, because a larger one is a mistake.
MOST = Decimal(10) ** 9
NOTHING = Decimal(0)
#: Characters of an amount, because a hostile number of digits takes long.
LONGEST = 40
#: The shortest run of a simulator that is charged.
SHORTEST = timedelta(seconds=3)
#: The exponents of amounts that are read, because `1e-300000000` has that many digits where it is written.
_LEAST, _MOST = -40, 40
_MICROSECOND = timedelta(microseconds=1)
#: Microseconds of a minute.
_MINUTE = Decimal(60_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of a quantum task, or of several together, in US dollars."""

    amount: Decimal
    bound: Bound = "exact"
    #: In a sum: its quantum tasks of unknown price and those in reservations, which the amount leaves out.
    unknown: int = 0
    reserved: int = 0
    #: Of a task on a simulator: the price of a minute, instead of an amount, because only its results say how long it
    #: ran.
    minute: Decimal | None = None

    def to_json(self) -> dict[str, object]:
        """Return members that a row and a queue record can hold, the inverse of `parse_cost`."""
        left_out: dict[str, object] = {"unknown": self.unknown, "reserved": self.reserved}
        left_out |= {"minute": f"{self.minute:f}"} if self.minute is not None else {}
        return {"amount": f"{self.amount:f}", "bound": self.bound} | {
            k: count for k, count in left_out.items() if count
        }


def parse_cost(value: object) -> Cost | None:
    """Parse a stored cost; None for any other value, because no message waits for an amount."""
    if not isinstance(value, Mapping):
        return None
    try:
        amount = _dollars(value.get("amount"))
        minute = _dollars(value["minute"]) if "minute" in value else None
        unknown, reserved = (whole(name, value.get(name)) or 0 for name in ("unknown", "reserved"))
    except ValueError:
        return None
    bound = value.get("bound")
    return Cost(amount, bound, unknown, reserved, minute) if bound in ("exact", "at most") else None


def _dollars(value: object) -> Decimal:
    amount = decimal_of(text(value, most=LONGEST))
    if amount is None or amount >= MOST:
        raise ValueError(f"{shown(value)} is no amount")
    return amount


def decimal_of(written: str) -> Decimal | None:
    """Read a number of at least 0; None for any other text, and for one of many digits without its exponent."""
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    is_short = isinstance(exponent, int) and _LEAST <= exponent <= _MOST
    return number if is_short and number >= 0 else None


def total(costs: Iterable[Cost]) -> Cost:
    """Add costs; the sum is exact if all of them are."""
    listed = list(costs)
    return Cost(
        sum((each.amount for each in listed), NOTHING),
        "at most" if any(each.bound == "at most" for each in listed) else "exact",
        sum(each.unknown for each in listed),
        sum(each.reserved for each in listed),
    )


def for_time(minute: Decimal, ran: timedelta) -> Cost:
    """Return the cost of a simulator's execution time at the price of a minute."""
    return Cost(minute * (max(ran, SHORTEST) // _MICROSECOND) / _MINUTE)
