"""The leases of the channels that people read: one row for each in the table `deliveries`."""

from datetime import datetime
from decimal import Decimal
from typing import cast

from braket_notifier.adapters.dynamodb.delivery_keys import lease_key
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Table
from braket_notifier.sending.ports import LEASE, LeaseTaken
from braket_notifier.text.json_fields import iso, moment


class DynamoChannelLeases:
    """The port `ChannelLeases` over a DynamoDB table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        """Grant the lease to its own holder again, because botocore repeats a write whose answer was lost."""
        sets = {"owner": ":owner", "until": ":until", "not_before": "if_not_exists(#not_before, :at)"}
        values = {":owner": owner, ":until": _seconds(now + LEASE), ":now": _seconds(now), ":at": iso(now)}
        free = "attribute_not_exists(#partition) OR #until <= :now OR #owner = :owner"
        try:
            row = self._table.update(lease_key(channel), sets, values, condition=free)
        except ConditionRefusedError:
            return None
        return LeaseTaken(cast("datetime", moment(row["not_before"])))

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> bool:
        sets = {"until": ":until", "not_before": ":not_before"}
        values = {":owner": owner, ":until": _seconds(now + LEASE), ":not_before": iso(not_before)}
        try:
            self._table.update(lease_key(channel), sets, values, condition="#owner = :owner")
        except ConditionRefusedError:
            return False
        return True

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime) -> None:
        sets = {"until": ":now", "not_before": ":not_before"}
        values = {":owner": owner, ":now": _seconds(now), ":not_before": iso(not_before)}
        try:
            self._table.update(lease_key(channel), sets, values, condition="#owner = :owner")
        except ConditionRefusedError:
            return  # another sender holds it by now


def _seconds(at: datetime) -> Decimal:
    return Decimal(str(round(at.timestamp(), 3)))
