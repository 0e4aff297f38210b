"""The lease and the health of each channel: one row for each in the table `deliveries`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from braket_notifier.adapters.dynamodb.delivery_keys import lease_key
from braket_notifier.adapters.dynamodb.row_format import if_readable, of_this_version
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.adapters.dynamodb.values import seconds
from braket_notifier.sending.health import HEALTHY, Cause, Health
from braket_notifier.sending.ports import LEASE, LeaseTaken
from braket_notifier.text.json_fields import iso, moment, text, whole

#: Attributes of a channel that is down; a healthy channel has none of them.
_DOWN = ("down_since", "class", "reason", "next_try", "tried_since", "probed", "announced_at")


class DynamoChannelLeases:
    """The port `ChannelLeases` over a DynamoDB table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, channel: str, *, owner: str, now: datetime) -> LeaseTaken | None:
        """Grant the lease to its own holder again, because botocore repeats a write whose answer was lost."""
        sets = {"owner": ":owner", "until": ":until", "not_before": "if_not_exists(#not_before, :at)"}
        values = {":owner": owner, ":until": seconds(now + LEASE), ":now": seconds(now), ":at": iso(now)}
        free = "attribute_not_exists(#until) OR #until <= :now OR #owner = :owner"
        try:
            row = self._table.update(lease_key(channel), sets, values, condition=free)
        except ConditionRefusedError:
            return None
        return LeaseTaken(if_readable(_not_before, row) or now, _health(row))

    def renew(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> bool:
        return self._save_lease(channel, owner, now + LEASE, not_before, health)

    def end(self, channel: str, *, owner: str, now: datetime, not_before: datetime, health: Health) -> None:
        self._save_lease(channel, owner, now, not_before, health)

    def health(self, channels: Sequence[str]) -> Mapping[str, Health]:
        return {each: _health(self._table.get(lease_key(each)) or {}) for each in channels}

    def save_health(self, channel: str, health: Health, *, before: Health) -> bool:
        if before.next_try is None:
            return self._save(channel, health, {}, {}, "attribute_not_exists(#next_try)")
        return self._save(channel, health, {}, {":before": iso(before.next_try)}, "#next_try = :before")

    def _save_lease(self, channel: str, owner: str, until: datetime, not_before: datetime, health: Health) -> bool:
        values = {":owner": owner, ":until": seconds(until), ":not_before": iso(not_before)}
        return self._save(channel, health, {"until": ":until", "not_before": ":not_before"}, values, "#owner = :owner")

    def _save(self, channel: str, health: Health, sets: Mapping[str, str], values: Row, condition: str) -> bool:
        words = _words(health)
        sets = {**sets, "refusals": ":refusals", **{name: f":{name}" for name in words}}
        values = {**values, ":refusals": health.refusals, **{f":{name}": value for name, value in words.items()}}
        removed = [name for name in _DOWN if name not in words]
        return self._table.updated(lease_key(channel), sets, values, condition=condition, remove=removed)


def _words(health: Health) -> dict[str, object]:
    """Return the attributes of a channel that is down."""
    if health.down_since is None:
        return {}
    announced = {"announced_at": iso(health.announced_at)} if health.announced_at else {}
    return {
        "down_since": iso(health.down_since),
        "class": health.cause,
        "reason": health.reason,
        "next_try": iso(health.next_try),
        "tried_since": iso(health.tried_since),
        "probed": health.probed,
        **announced,
    }


def _health(row: Row) -> Health:
    """Treat a health that only a newer version can read as good, because the next refusal saves it anew."""
    return if_readable(_read_health, row) or HEALTHY


@of_this_version
def _not_before(row: Row) -> datetime | None:
    return moment(row["not_before"])


@of_this_version
def _read_health(row: Row) -> Health:
    return Health(
        down_since=moment(row.get("down_since")),
        cause=cast("Cause", text(row.get("class"))),
        reason=text(row.get("reason")),
        refusals=whole("refusals", row.get("refusals")) or 0,
        next_try=moment(row.get("next_try")),
        tried_since=moment(row.get("tried_since")),
        probed=bool(row.get("probed")),
        announced_at=moment(row.get("announced_at")),
    )
