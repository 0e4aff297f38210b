"""Announced thresholds in memory."""

from dataclasses import dataclass, field

from braket_notifier.watching.spending import Sent


@dataclass
class MemorySpendingRows:
    """The port `SpendingRows`."""

    rows: dict[str, Sent] = field(default_factory=dict)

    def sent(self, scope: str) -> Sent:
        return self.rows.get(scope, {})

    def save_sent(self, scope: str, sent: Sent) -> None:
        self.rows[scope] = {**sent}
