"""The ledger `deliveries`: who may send a notification now, and what became of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from notifier.members import iso
from notifier.model import Notification
from notifier.ports import LEASE, Claim
from notifier.wire import encode

KEPT = timedelta(days=120)
CLAIMABLE = "attribute_not_exists(#arn) OR (#state = :claimed AND #lease_until <= :now)"


class DynamoLedger:
    """The port `Ledger` over a DynamoDB table, one row for each resource, channel and status."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        """`unsure` is set for whoever claims next: unless this attempt is released, nobody knows what became of it."""
        sets = {
            "state": ":claimed",
            "owner": ":owner",
            "lease_until": ":lease_until",
            "attempts": "if_not_exists(#attempts, :zero) + :one",
            "unsure": ":true",
            "first_claim": "if_not_exists(#first_claim, :at)",
            "notification": "if_not_exists(#notification, :notification)",
            "expires": ":expires",
        }
        values: dict[str, object] = {
            ":claimed": "CLAIMED",
            ":owner": owner,
            ":now": _seconds(now),
            ":lease_until": _seconds(now + LEASE),
            ":zero": 0,
            ":one": 1,
            ":true": True,
            ":at": iso(now),
            ":notification": encode(notification),
            ":expires": int((now + KEPT).timestamp()),
        }
        try:
            old = self._table.update(_key(notification), sets, values, condition=CLAIMABLE, answer_old=True)
        except ConditionRefusedError as refused:
            return _refusal(refused.row, owner, now)
        attempts = int(cast("Decimal", old.get("attempts", 0))) + 1
        return Claim(granted=True, attempts=attempts, may_repeat=bool(old.get("unsure")))

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        self._table.update(_key(notification), {"state": ":s", "at": ":at"}, {":s": "DELIVERED", ":at": iso(now)})

    def release(self, notification: Notification, *, owner: str, may_repeat: bool) -> None:
        sets = {"lease_until": ":zero", "unsure": ":unsure"}
        self._mine(notification, owner, sets, {":zero": 0, ":unsure": may_repeat})

    def undelivered(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        sets = {"state": ":s", "reason": ":reason", "at": ":at"}
        self._mine(notification, owner, sets, {":s": "UNDELIVERED", ":reason": reason, ":at": iso(now)})

    def _mine(self, notification: Notification, owner: str, sets: dict[str, str], values: dict[str, object]) -> None:
        """Only the holder of the claim speaks for it; one whose lease has passed to another says nothing."""
        try:
            self._table.update(_key(notification), sets, {**values, ":owner": owner}, condition="#owner = :owner")
        except ConditionRefusedError:
            return


def _refusal(row: Row, owner: str, now: datetime) -> Claim:
    attempts = int(cast("Decimal", row["attempts"]))
    if row["state"] != "CLAIMED":
        return Claim(granted=False, finished=True)
    if row["owner"] == owner:  # our own claim, whose answer was lost and which botocore made again
        return Claim(granted=True, attempts=attempts, may_repeat=attempts > 1)
    left = float(cast("Decimal", row["lease_until"])) - now.timestamp()
    return Claim(granted=False, attempts=attempts, wait_s=max(1, int(left) + 1))


def _key(notification: Notification) -> dict[str, object]:
    transition = notification.transition
    return {"arn": transition.arn.text, "channel": f"{notification.channel}#{transition.status}"}


def _seconds(now: datetime) -> Decimal:
    return Decimal(str(round(now.timestamp(), 3)))
