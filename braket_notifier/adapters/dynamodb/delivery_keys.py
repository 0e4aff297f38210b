"""The keys of the table `deliveries`: every partition begins with its channel, so that IAM limits a role to it."""

from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.domain.destination import SEPARATOR, channel_of, direct
from braket_notifier.domain.resource import Arn

PARTITION, SORT = "partition", "sort"
#: The sparse index of groups that somebody must visit at some time, and its sort key.
VISIT_IN, VISIT_AT = "visit_in", "visit_at"
_CARD, _LEASE, _GROUP, _HEARTBEAT, _VISIT = "card", "lease", "group", "heartbeat", "visit"


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


def lease_key(channel: str) -> Row:
    return {PARTITION: f"{channel}#{_LEASE}", SORT: _LEASE}


def week_key(channel: str, week: str) -> Row:
    """The row of a channel's weekly line."""
    return {PARTITION: f"{channel}#{_HEARTBEAT}", SORT: week}


def destination_of(row: Row) -> str:
    """The channel of a row, or the person in it, who is not named like one of the words here."""
    channel, _, rest = str(row[PARTITION]).partition(SEPARATOR)
    person, _, more = rest.partition(SEPARATOR)
    return direct(channel, person) if more and person != _GROUP and not person.startswith("arn:") else channel
