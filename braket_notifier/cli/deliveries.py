"""Reads the ledger's rows about notifications."""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.dynamodb.delivery_keys import PARTITION, SORT, deliveries_of, delivery_key, destination_of
from braket_notifier.adapters.dynamodb.row_format import of_this_version
from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import warn_of_skipped
from braket_notifier.domain.destination import SEPARATOR, channel_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn
from braket_notifier.errors import NewerVersionError
from braket_notifier.routing.owners import destinations
from braket_notifier.text.json_fields import moment, text

if TYPE_CHECKING:
    from decimal import Decimal

#: The delivery of a row that only a newer version can read, as after a rollback.
UNREADABLE = "UNREADABLE"
#: Delivered, or superseded by a later status. A claimed one may be sent again, because the ledger then decides.
SETTLED = {"DELIVERED", "SUPERSEDED", UNREADABLE}


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """The delivery of one status to one destination. `order` is its place among the resource's statuses."""

    channel: str
    status: str
    state: str
    at: datetime | None
    attempts: int
    reason: str
    order: float
    claimed_at: datetime | None = None


def delivery_rows(place: Installation, arn: Arn, was: Iterable[tuple[str, str]] = ()) -> list[DeliveryRow]:
    """The rows of a resource, of every channel of the policy; those of an old name in `was` count as the new one's."""
    reached = (each for channel in place.policy.channels for each in destinations(channel, place.policy))
    names = [*((each, each) for each in reached), *was]
    return [
        replace(_read_or_name(row), channel=channel)
        for name, channel in names
        for row in place.deliveries.beside(deliveries_of(name, arn))
        if "notification" in row  # other rows of the resource are cards
    ]


def _read_or_name(row: Row) -> DeliveryRow:
    """Name a row of a newer version, which counts as the latest one, because its channel may have shown any status."""
    try:
        return read_delivery_row(row)
    except NewerVersionError as error:
        warn_of_skipped(error)
        return DeliveryRow(destination_of(row), text(row[SORT]), UNREADABLE, None, 0, "", math.inf)


def delivered_by_removed(place: Installation) -> Iterator[tuple[str, str, str]]:
    """The channel, ARN and status of each delivery to a channel that is not in the policy, from the whole ledger."""
    for row in place.deliveries.matching("#state = :delivered", {":delivered": "DELIVERED"}):
        channel, arn = channel_of(destination_of(row)), str(row[PARTITION]).rpartition(SEPARATOR)[2]
        if channel not in place.policy.channels:
            yield channel, arn, str(row[SORT])


def rows_by_id(place: Installation, notifications: Iterable[Notification]) -> dict[str, DeliveryRow]:
    """The readable rows of these notifications, by the notification's id."""
    found: dict[str, DeliveryRow] = {}
    keys = {each.id: delivery_key(each.channel, each.transition.arn, each.transition.status) for each in notifications}
    ids = {(key[PARTITION], key[SORT]): id_ for id_, key in keys.items()}
    for row in place.deliveries.many(list(keys.values())):
        with suppress(NewerVersionError):
            found[ids[row[PARTITION], row[SORT]]] = read_delivery_row(row)
    return found


@of_this_version
def read_delivery_row(row: Row) -> DeliveryRow:
    channel, status = destination_of(row), text(row[SORT])
    claimed_at = moment(row.get("first_claim"))
    at = moment(row.get("at")) or claimed_at
    attempts, order = (float(cast("Decimal", row.get(name, 0))) for name in ("attempts", "order"))
    state, reason = text(row["state"]), text(row.get("reason"))
    return DeliveryRow(channel, status, state, at, int(attempts), reason, order, claimed_at)
