"""What one proof found, as a row of the table that `make prove` prints."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """Runs made, notifications lost, repeats that could have been avoided, and those that could not, by cause."""

    name: str
    runs: int
    lost: int = 0
    avoidable_repeats: int = 0
    unavoidable_repeats: Counter[str] = field(default_factory=Counter)
    #: Anything else that must not be: told backwards, a wrong design whose fault was not found, a sum that is off.
    wrong: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not (self.lost or self.avoidable_repeats or self.wrong)
