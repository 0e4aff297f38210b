"""The result of a finished queue record."""

from dataclasses import dataclass

from braket_notifier.errors import RefusedError
from braket_notifier.sending.ports import Finished


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The way of delivery or the reason for none, and the number of notifications in the message."""

    outcome: str
    notifications: int = 0

    @property
    def about(self) -> dict[str, object]:
        return {"outcome": self.outcome, "notifications": self.notifications}


def already_finished(end: Finished | None) -> DeliveryResult:
    """Report a finished notification; raises RefusedError if it was given up, so that this record is kept too."""
    if end and end.state == "UNDELIVERED":
        raise RefusedError(end.reason or "given up before")
    return DeliveryResult(f"{end.state.lower() if end else 'finished'} before")
