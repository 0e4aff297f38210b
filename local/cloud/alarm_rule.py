"""CloudWatch's rule for an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass

Points = Sequence[float | None]


@dataclass(frozen=True)
class Rule:
    """The alarm fires if enough of the last periods exceed the threshold. Periods without data count as set."""

    threshold: float
    to_alarm: int
    of: int
    missing_data_fires: bool

    def fires(self, points: Points) -> bool:
        return sum(self.above(value) for value in points[-self.of :]) >= self.to_alarm

    def above(self, value: float | None) -> bool:
        return self.missing_data_fires if value is None else value > self.threshold
