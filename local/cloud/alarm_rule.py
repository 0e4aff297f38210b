"""When CloudWatch lets an alarm ring."""

from collections.abc import Sequence
from dataclasses import dataclass

Points = Sequence[float | None]


@dataclass(frozen=True)
class Rule:
    """So many of the last periods are above the threshold, where one without data counts as the alarm says."""

    threshold: float
    to_alarm: int
    of: int
    silence_rings: bool

    def rings(self, points: Points) -> bool:
        above = [self.silence_rings if value is None else value > self.threshold for value in points[-self.of :]]
        return sum(above) >= self.to_alarm
