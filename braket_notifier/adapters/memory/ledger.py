"""The ledger in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.sending.ports import LEASE, Claim, Finished, Progress


@dataclass
class MemoryLedgerRow:
    """A row of `deliveries`."""

    notification: Notification
    state: str
    owner: str
    lease_until: datetime | None
    attempts: int
    doubts: int
    #: None: nobody claimed it yet.
    first_claim: datetime | None
    unsure: bool = False
    reason: str = ""
    passed_on: bool = False
    passed_to: str = ""


@dataclass
class MemoryLedger:
    """The ledger `deliveries`, by notification id (one for each resource, channel and status)."""

    rows: dict[str, MemoryLedgerRow] = field(default_factory=dict)
    lease: timedelta = LEASE
    in_order: bool = True

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        row = self.rows.get(notification.id)
        if row is None:
            row = MemoryLedgerRow(notification, "CLAIMED", owner, now + self.lease, 1, 1, now)
            self.rows[notification.id] = row
        elif row.state not in {"CLAIMED", "REOPENED"}:
            return Claim(granted=False, finished=True, delivered=row.state == "DELIVERED")
        elif row.lease_until and row.lease_until > now:
            if row.owner != owner:
                wait = int((row.lease_until - now).total_seconds()) + 1
                return Claim(granted=False, attempts=row.attempts, wait_s=wait)
        else:
            row.state, row.owner, row.lease_until = "CLAIMED", owner, now + self.lease
            row.first_claim = row.first_claim or now
            row.attempts, row.doubts = row.attempts + 1, row.doubts + 1
        if self.in_order and self._is_superseded(notification):
            row.state = "SUPERSEDED"
            return Claim(granted=False, finished=True)
        doubts = row.doubts - 1
        may_repeat = doubts > 0 or row.unsure
        return Claim(
            granted=True,
            attempts=row.attempts,
            doubts=doubts,
            may_repeat=may_repeat,
            first_claim=row.first_claim,
            passed_on=row.passed_on,
        )

    def _is_superseded(self, notification: Notification) -> bool:
        return any(
            row.notification.order > notification.order
            and (row.state in {"CLAIMED", "DELIVERED"} or row.unsure or row.doubts > 1)
            and row.first_claim
            for row in list(self.rows.values())  # a copy, because other threads claim meanwhile
            if row.notification.channel == notification.channel
            and row.notification.transition.arn == notification.transition.arn
        )

    def progress(self, notification: Notification) -> Progress:
        row = self.rows.get(notification.id)
        end = Finished(row.state, row.reason) if row and row.state not in {"CLAIMED", "REOPENED"} else None
        return Progress(end, row.passed_on, row.passed_to) if row else Progress()

    def passed_on(self, notification: Notification, *, to: str, now: datetime) -> None:  # noqa: ARG002 - as below
        new = MemoryLedgerRow(notification, "CLAIMED", "", None, 0, 0, None)
        row = self.rows.setdefault(notification.id, new)
        row.passed_on, row.passed_to = True, to

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:  # noqa: ARG002 - as below
        row = self.rows[notification.id]
        if row.owner == owner:
            row.state, row.reason = "SUPERSEDED", reason

    def delivered(self, notification: Notification, *, now: datetime) -> None:  # noqa: ARG002 - no clock in memory
        self.rows[notification.id].state = "DELIVERED"

    def release(self, notification: Notification, *, owner: str, unsure: bool = False) -> None:
        row = self.rows.get(notification.id)
        if row and row.owner == owner and row.lease_until:
            row.lease_until, row.doubts, row.unsure = None, row.doubts - 1, row.unsure or unsure

    def undelivered(
        self,
        notification: Notification,
        *,
        owner: str,
        reason: str,
        now: datetime,  # noqa: ARG002 - as above
        unsure: bool = False,
    ) -> None:
        row = self.rows[notification.id]
        if row.owner == owner:
            row.state, row.reason, row.unsure = "UNDELIVERED", reason, row.unsure or unsure

    def all_undelivered(self) -> Iterable[Notification]:
        return [row.notification for row in self.rows.values() if row.state in {"UNDELIVERED", "REOPENED"}]

    def reopen(self, notification: Notification, *, now: datetime, superseded: bool = False) -> bool:
        row = self.rows.get(notification.id)
        if row is None or row.state not in {"UNDELIVERED", "REOPENED", *(["SUPERSEDED"] if superseded else [])}:
            return False
        row.state, row.lease_until, row.first_claim = "REOPENED", None, now
        row.unsure, row.doubts, row.attempts = row.unsure or row.doubts > 1, 0, 0
        return True
