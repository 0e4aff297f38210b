"""When CloudWatch lets an alarm ring."""

from collections.abc import Sequence
from dataclasses import dataclass

Points = Sequence[float | None]


@dataclass(frozen=True)
class Rule:
    """So many of the last periods are beyond the threshold, where one without data counts as the alarm says."""

    threshold: float
    below: bool
    to_alarm: int
    of: int
    silence_rings: bool

    def rings(self, points: Points) -> bool:
        beyond = [self.silence_rings if value is None else self._is_beyond(value) for value in points[-self.of :]]
        return sum(beyond) >= self.to_alarm

    def _is_beyond(self, value: float) -> bool:
        return value < self.threshold if self.below else value > self.threshold
