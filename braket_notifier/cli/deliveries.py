"""Reads the ledger's rows about one resource's notifications."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.dynamodb.delivery_keys import SORT, channel_of, deliveries_of
from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.cli.installation import Installation
from braket_notifier.domain.resource import Arn
from braket_notifier.text.json_fields import moment, text

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """The delivery of one status to one channel. `order` is its place among the resource's statuses."""

    channel: str
    status: str
    state: str
    at: datetime | None
    attempts: int
    reason: str
    order: float
    claimed_at: datetime | None = None


def delivery_rows(place: Installation, arn: Arn) -> list[DeliveryRow]:
    """The rows of a resource, of every channel of the policy."""
    rows = (row for channel in place.policy.channels for row in place.deliveries.beside(deliveries_of(channel, arn)))
    return [read_delivery_row(row) for row in rows if "notification" in row]  # other rows of the resource are cards


def read_delivery_row(row: Row) -> DeliveryRow:
    channel, status = channel_of(row), text(row[SORT])
    claimed_at = moment(row.get("first_claim"))
    at = moment(row.get("at")) or claimed_at
    attempts, order = (float(cast("Decimal", row.get(name, 0))) for name in ("attempts", "order"))
    state, reason = text(row["state"]), text(row.get("reason"))
    return DeliveryRow(channel, status, state, at, int(attempts), reason, order, claimed_at)
