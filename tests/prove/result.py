"""The result of one proof, as a row of the table of `make prove`."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """Runs, lost notifications, avoidable repeats, and unavoidable repeats by cause."""

    name: str
    runs: int
    lost: int = 0
    avoidable_repeats: int = 0
    unavoidable_repeats: Counter[str] = field(default_factory=Counter)
    #: Any other fault: sent backwards, a wrong design that was not found, a wrong sum.
    wrong: tuple[str, ...] = ()
    #: Further figures, in words.
    figures: str = ""

    @property
    def good(self) -> bool:
        return not (self.lost or self.avoidable_repeats or self.wrong)
