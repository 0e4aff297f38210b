"""The keys of the table `deliveries`: every partition begins with its channel, so that IAM limits a role to it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.domain.destination import SEPARATOR, channel_of, direct
from braket_notifier.domain.resource import Arn
from braket_notifier.text.json_fields import iso

PARTITION, SORT = "partition", "sort"
#: The sparse index of groups that somebody must visit at some time, and its sort key.
VISIT_IN, VISIT_AT = "visit_in", "visit_at"
#: The lifetime of each row after it was last claimed, or added to. A chain of mutes may hold what waits for weeks, and
#: the last message of a card, which names what the card has shown.
KEPT = timedelta(days=120)
#: Time in which a group's own records usually visit it; a busy channel may need longer, and another visit is harmless.
VISITED_WITHIN = timedelta(minutes=2)
_CARD, _LEASE, _GROUP, _VISIT = "card", "lease", "group", "visit"


def delivery_key(channel: str, arn: Arn, status: str) -> Row:
    return {**deliveries_of(channel, arn), SORT: status}


def card_key(channel: str, arn: Arn) -> Row:
    return {**deliveries_of(channel, arn), SORT: _CARD}


def deliveries_of(channel: str, arn: Arn) -> Row:
    """The partition of a resource's deliveries and card in a channel."""
    return {PARTITION: f"{channel}#{arn.text}"}


def group_key(channel: str, group: str) -> Row:
    return {**entries_of(channel, group), SORT: _GROUP}


def entry_key(channel: str, group: str, entry: str) -> Row:
    return {**entries_of(channel, group), SORT: entry}


def entries_of(channel: str, group: str) -> Row:
    """The partition of a group and its entries in a channel."""
    return {PARTITION: f"{channel}#{_GROUP}#{group}"}


def visits_of(channel: str) -> str:
    """The partition of the index of the groups of a channel that are to be visited, of all its people together."""
    return f"{channel_of(channel)}#{_VISIT}"


def overdue(deliveries: Table, channel: str, now: datetime) -> Iterable[str]:
    """The channel or its people with a group that nobody visited in time; the index has the earliest visit first."""
    before = str(iso(now - VISITED_WITHIN))
    rows = takewhile(lambda row: str(row[VISIT_AT]) < before, deliveries.index(VISIT_IN, visits_of(channel)))
    return dict.fromkeys(destination_of(row) for row in rows)


def expires(now: datetime) -> int:
    return int((now + KEPT).timestamp())


def lease_key(channel: str) -> Row:
    return {PARTITION: f"{channel}#{_LEASE}", SORT: _LEASE}


def destination_of(row: Row) -> str:
    """The channel of a row, or the person in it, who is not named like one of the words here."""
    channel, _, rest = str(row[PARTITION]).partition(SEPARATOR)
    person, _, more = rest.partition(SEPARATOR)
    return direct(channel, person) if more and person != _GROUP and not person.startswith("arn:") else channel
