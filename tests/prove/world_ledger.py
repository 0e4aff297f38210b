"""A memory ledger for each resource, because a scan over ten thousand resources takes too long."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from braket_notifier.adapters.memory.ledger import MemoryLedger, MemoryLedgerRow
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.ports import Claim, Progress

if TYPE_CHECKING:
    from braket_notifier.domain.resource import Arn


class WorldLedger:
    """The port `Ledger`. Rows of different resources are independent."""

    def __init__(self) -> None:
        self._of: dict[tuple[Arn, str], MemoryLedger] = {}
        #: Channels that programs read; their notifications keep no order.
        self.machines: set[str] = set()

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        return self._for(notification).claim(notification, owner=owner, now=now)

    def progress(self, notification: Notification) -> Progress:
        return self._for(notification).progress(notification)

    def passed_on(self, notification: Notification, *, to: str, now: datetime) -> None:
        self._for(notification).passed_on(notification, to=to, now=now)

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        self._for(notification).superseded(notification, owner=owner, reason=reason, now=now)

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        self._for(notification).delivered(notification, now=now)

    def release(self, notification: Notification, *, owner: str, unsure: bool = False) -> None:
        self._for(notification).release(notification, owner=owner, unsure=unsure)

    def undelivered(
        self, notification: Notification, *, owner: str, reason: str, now: datetime, unsure: bool = False
    ) -> None:
        self._for(notification).undelivered(notification, owner=owner, reason=reason, now=now, unsure=unsure)

    def all_undelivered(self) -> Iterable[Notification]:
        return [each for ledger in self._of.values() for each in ledger.all_undelivered()]

    def reopen(self, notification: Notification, *, now: datetime, superseded: bool = False) -> bool:
        return self._for(notification).reopen(notification, now=now, superseded=superseded)

    @property
    def rows(self) -> dict[str, MemoryLedgerRow]:
        """The rows by notification id."""
        return {number: row for ledger in self._of.values() for number, row in ledger.rows.items()}

    def _for(self, notification: Notification) -> MemoryLedger:
        channel = notification.channel
        new = MemoryLedger(in_order=channel not in self.machines)
        return self._of.setdefault((notification.transition.arn, channel), new)
