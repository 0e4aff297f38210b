"""The ledger `deliveries`: the claim and the result of each notification."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from braket_notifier.adapters.dynamodb.delivery_keys import deliveries_of, delivery_key, expires
from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, of_this_version, readable
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.adapters.dynamodb.values import seconds
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import NewerVersionError
from braket_notifier.sending.ports import LEASE, Claim, Finished, Progress
from braket_notifier.sending.wire import decode, encode
from braket_notifier.text.json_fields import iso, moment, shown, text
from braket_notifier.tracking.ports import raised

CLAIMABLE = (
    f"attribute_not_exists(#partition) OR (#state IN (:claimed, :reopened) AND #lease_until <= :now AND {OUR_FORMAT})"
)
CLAIMABLE_STATES = {"CLAIMED", "REOPENED"}
FINISHED_STATES = {"DELIVERED", "SUPERSEDED", "UNDELIVERED"}
GIVEN_UP = "#state IN (:undelivered, :reopened)"
REOPENABLE = f"{GIVEN_UP} AND {OUR_FORMAT}"
#: States of a later status that supersede an earlier one, because the channel has shown it or may have shown it.
SHOWN = {"CLAIMED", "DELIVERED"}


class DynamoLedger:
    """The port `Ledger` over a DynamoDB table, one row for each resource, channel and status."""

    def __init__(
        self,
        table: Table,
        lease: timedelta = LEASE,
        *,
        in_order: bool = True,
        on_skipped: Callable[[Exception], object] = raised,
    ) -> None:
        """`lease` must be longer than a send. With `in_order`, a status is not sent after a later one.

        `on_skipped` gets the error of an unreadable row in a list, which is skipped.
        """
        self._on_skipped = on_skipped
        self._table = table
        self._lease = lease
        self._in_order = in_order

    def claim(self, notification: Notification, *, owner: str, now: datetime) -> Claim:
        """Count the claim as a doubt until its result is known, so that a crash leaves the doubt."""
        sets = {
            "state": ":claimed",
            "owner": ":owner",
            "lease_until": ":lease_until",
            "attempts": "if_not_exists(#attempts, :zero) + :one",
            "doubts": "if_not_exists(#doubts, :zero) + :one",
            "first_claim": "if_not_exists(#first_claim, :at)",
            "order": ":order",
            "notification": "if_not_exists(#notification, :notification)",
            "expires": ":expires",
        }
        values: dict[str, object] = {
            ":claimed": "CLAIMED",
            ":reopened": "REOPENED",
            ":owner": owner,
            ":now": seconds(now),
            ":lease_until": seconds(now + self._lease),
            ":zero": 0,
            ":one": 1,
            ":at": iso(now),
            ":order": Decimal(str(notification.order)),
            ":notification": encode(notification),
            ":expires": expires(now),
        }
        try:
            row = self._table.update(_key(notification), sets, values, condition=CLAIMABLE)
        except ConditionRefusedError as refused:
            row = refused.row
            if (against := _claim_against(row, owner, now)) is not None:
                return against
            # Our own claim, which botocore repeated after a lost answer.
        try:
            if self._in_order and self._is_superseded(notification):
                self._settle(notification, owner, "SUPERSEDED", "a later status was sent", now)
                return Claim(granted=False, finished=True)
            return _granted(row)
        except NewerVersionError:
            self.release(notification, owner=owner)
            raise

    def _is_superseded(self, notification: Notification) -> bool:
        siblings = self._table.beside(deliveries_of(notification.channel, notification.transition.arn))
        statuses = (row for row in siblings if "order" in row)  # the card's row has none
        return any(_may_be_shown_after(row, Decimal(str(notification.order))) for row in statuses)

    def progress(self, notification: Notification) -> Progress:
        row = self._table.get(_key(notification))
        state = _state(row) if row else "CLAIMED"
        end = Finished(state, text(row.get("reason"))) if row and state in FINISHED_STATES else None
        return Progress(end, "passed_on_at" in row, text(row.get("passed_to"))) if row else Progress()

    def passed_on(self, notification: Notification, *, to: str, now: datetime) -> None:
        """Make the row of a notification that nobody claimed yet; without an order it supersedes no earlier status."""
        row: dict[str, object] = {"passed_on_at": iso(now), "state": "CLAIMED", "lease_until": 0}
        row |= {"notification": encode(notification), "expires": expires(now)}
        sets = {name: f"if_not_exists(#{name}, :{name})" for name in row} | {"passed_to": ":passed_to"}
        values = {f":{name}": value for name, value in row.items()} | {":passed_to": to}
        self._table.update(_key(notification), sets, values)

    def delivered(self, notification: Notification, *, now: datetime) -> None:
        sets, values = {"state": ":state", "at": ":at"}, {":state": "DELIVERED", ":at": iso(now)}
        self._table.update(_key(notification), sets, values)

    def release(self, notification: Notification, *, owner: str, unsure: bool = False) -> None:
        """End the claim once, because botocore repeats a write after a lost answer and would drop two doubts."""
        sets = {"lease_until": ":zero", "doubts": "#doubts - :one"}
        self._mine(notification, owner, sets, {":zero": 0, ":one": 1}, also=" AND #lease_until > :zero", unsure=unsure)

    def superseded(self, notification: Notification, *, owner: str, reason: str, now: datetime) -> None:
        self._settle(notification, owner, "SUPERSEDED", reason, now)

    def undelivered(
        self, notification: Notification, *, owner: str, reason: str, now: datetime, unsure: bool = False
    ) -> None:
        self._settle(notification, owner, "UNDELIVERED", reason, now, unsure=unsure)

    def all_undelivered(self) -> Sequence[Notification]:
        """Include reopened notifications until they are claimed, because a redrive may crash before enqueueing."""
        given_up = {":undelivered": "UNDELIVERED", ":reopened": "REOPENED"}
        return readable(_notification, self._table.matching(GIVEN_UP, given_up), self._on_skipped)

    def reopen(self, notification: Notification, *, now: datetime, superseded: bool = False) -> bool:
        """Reopen the notification, and keep the doubt whether an earlier attempt was accepted."""
        sets = {
            "state": ":reopened",
            "lease_until": ":zero",
            "unsure": ":unsure",
            "doubts": ":zero",
            "attempts": ":zero",
            "first_claim": ":at",
            "expires": ":expires",
        }
        row = self._table.get(_key(notification)) or {}
        values = {
            ":reopened": "REOPENED",
            ":zero": 0,
            ":unsure": bool(row.get("unsure")) or _count(row, "doubts") > 1,
            ":at": iso(now),
            ":expires": expires(now),
            ":undelivered": "UNDELIVERED",
        }
        values |= {":superseded": "SUPERSEDED"} if superseded else {}
        condition = f"({REOPENABLE}) OR #state = :superseded" if superseded else REOPENABLE
        return self._table.updated(_key(notification), sets, values, condition=condition)

    def forget(self, notification: Notification) -> None:
        """Remove the row, so that an operator can send the notification again."""
        self._table.remove(_key(notification))

    def _settle(
        self, notification: Notification, owner: str, state: str, reason: str, now: datetime, *, unsure: bool = False
    ) -> None:
        sets = {"state": ":state", "reason": ":reason", "at": ":at"}
        self._mine(notification, owner, sets, {":state": state, ":reason": reason, ":at": iso(now)}, unsure=unsure)

    def _mine(
        self,
        notification: Notification,
        owner: str,
        sets: dict[str, str],
        values: dict[str, object],
        also: str = "",
        *,
        unsure: bool,
    ) -> None:
        """Update the row if this owner still holds the claim; otherwise do nothing."""
        if unsure:  # a mark that stays
            sets, values = {**sets, "unsure": ":unsure"}, {**values, ":unsure": True}
        condition = f"#owner = :owner{also}"
        self._table.updated(_key(notification), sets, {**values, ":owner": owner}, condition=condition)


@of_this_version
def _state(row: Row) -> str:
    """Read the state. An unknown one is no end, because then its notification would be lost."""
    state = text(row["state"])
    if state not in CLAIMABLE_STATES | FINISHED_STATES:
        raise ValueError(f"state {shown(state)}")
    return state


@of_this_version
def _claim_against(row: Row, owner: str, now: datetime) -> Claim | None:
    """Why a row refused a claim; None if it is this owner's own claim."""
    state = _state(row)
    if state != "CLAIMED":
        return Claim(granted=False, finished=True, delivered=state == "DELIVERED")
    if row["owner"] == owner:
        return None
    left = float(cast("Decimal", row["lease_until"])) - now.timestamp()
    return Claim(granted=False, attempts=_count(row, "attempts"), wait_s=max(1, int(left) + 1))


@of_this_version
def _granted(row: Row) -> Claim:
    doubts = _count(row, "doubts") - 1
    return Claim(
        granted=True,
        attempts=_count(row, "attempts"),
        doubts=doubts,
        may_repeat=doubts > 0 or bool(row.get("unsure")),
        first_claim=moment(row["first_claim"]),
        passed_on="passed_on_at" in row,
    )


@of_this_version
def _may_be_shown_after(row: Row, order: Decimal) -> bool:
    """Whether the channel has shown, or may have shown, this row's status, which comes after another one."""
    if cast("Decimal", row["order"]) <= order:
        return False
    return _state(row) in SHOWN or bool(row.get("unsure")) or _count(row, "doubts") > 1


@of_this_version
def _notification(row: Row) -> Notification:
    return decode(text(row["notification"], most=10**6))


def _count(row: Row, name: str) -> int:
    return int(cast("Decimal", row.get(name, 0)))


def _key(notification: Notification) -> Row:
    return delivery_key(notification.channel, notification.transition.arn, notification.transition.status)
