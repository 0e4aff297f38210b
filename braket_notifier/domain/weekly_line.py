"""The line that proves each week that the notifier works."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class WeeklyLine:
    """The counts of one week, addressed to one channel."""

    channel: str
    #: The ISO week, like `2026-W48`.
    week: str
    #: Quantum tasks and hybrid jobs that ended, and those of them that failed.
    ended: int
    failed: int
    #: The end of the week; the line is not sent later, because it says "this week".
    until: datetime
    #: Records that are undelivered or that no function reads; None if something of the following could not be read.
    undelivered: int | None = None
    #: Channels that have accepted nothing since they refused a message.
    down: tuple[str, ...] = ()
    #: Watched regions whose last sweep is too old.
    unswept: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """An id that every repeat shares, because a channel gets one line a week."""
        return sha256(f"{self.week}|{self.channel}".encode()).hexdigest()[:16]

    @property
    def about(self) -> dict[str, str]:
        """Fields that name the line in a log line."""
        return {"channel": self.channel, "week": self.week}

    def latency_s(self, _now: float) -> None:
        """None, because the line reports no change of a resource."""
