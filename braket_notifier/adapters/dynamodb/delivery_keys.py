"""The keys of the table `deliveries`: every partition begins with its channel, so that IAM limits a role to it."""

from braket_notifier.adapters.dynamodb.table import Row
from braket_notifier.domain.resource import Arn

PARTITION, SORT = "partition", "sort"
#: The sparse index of groups that somebody must visit at some time, and its sort key.
VISIT_IN, VISIT_AT = "visit_in", "visit_at"
_CARD, _LEASE, _GROUP, _HEARTBEAT = "card", "lease", "group", "heartbeat"


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
    """The partition of the index of a channel's groups that are to be visited."""
    return f"{channel}#visit"


def lease_key(channel: str) -> Row:
    return {PARTITION: f"{channel}#{_LEASE}", SORT: _LEASE}


def week_key(channel: str, week: str) -> Row:
    """The row of a channel's weekly line."""
    return {PARTITION: f"{channel}#{_HEARTBEAT}", SORT: week}


def channel_of(row: Row) -> str:
    """The channel of a row, because no channel's name contains the separator."""
    return str(row[PARTITION]).partition("#")[0]
