"""What became of a queue record that is dealt with."""

from dataclasses import dataclass

from braket_notifier.errors import RefusedError
from braket_notifier.sending.ports import Finished


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a record that is dealt with: how it was told or why not, and how many were told with it."""

    how: str
    many: int = 0

    @property
    def about(self) -> dict[str, object]:
        """What a log says of it."""
        return {"how": self.how, "told": self.many}


def already_finished(end: Finished | None) -> DeliveryResult:
    """Nothing is left to tell; RefusedError if another delivery gave it up: its own record is kept too."""
    if end and end.state == "UNDELIVERED":
        raise RefusedError(end.reason or "given up before")
    return DeliveryResult(f"{end.state.lower() if end else 'finished'} before")
