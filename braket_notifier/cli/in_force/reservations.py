"""The reservations in force: those of the settings, and those of the command `reserve`."""

from collections.abc import Iterable
from datetime import datetime

from braket_notifier.cli.show import date_and_time
from braket_notifier.domain.policy import Reservation


def to_come(named: Iterable[Reservation], now: datetime) -> list[Reservation]:
    """Each reservation that is not over once, the next end first."""
    left = {each for each in named if each.ends > now}
    return sorted(left, key=lambda it: (it.ends, it.arn or it.device))


def in_words(it: Reservation, zone: str) -> str:
    return f"{it.arn or it.device} from {date_and_time(it.begins, zone)} to {date_and_time(it.ends, zone)}"
