"""The row of the table `snapshots` that holds the confirmed e-mail addresses of each topic."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from braket_notifier.adapters.dynamodb.row_format import if_readable, of_this_version
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.text.json_fields import text

#: The row's key, which is no ARN.
KEY = "confirmed"
#: The most bytes of the addresses, far below the 400 KB of a row.
MOST = 300_000

Addresses = Mapping[str, Sequence[str]]


class DynamoConfirmed:
    """Saves the addresses, and answers whether a topic has any."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def has_any(self, topic: str) -> bool:
        """Whether an address of the topic is confirmed; true if no sweep has listed the topic yet."""
        found = self._read()
        return topic not in found or bool(found[topic])

    def digests(self, topic: str) -> frozenset[str] | None:
        """The SHA-256 digests of the topic's confirmed addresses; None if no sweep has listed the topic yet."""
        found = self._read()
        return frozenset(sha256(each.encode()).hexdigest() for each in found[topic]) if topic in found else None

    def save(self, addresses: Addresses) -> None:
        """Write the row if anything changed."""
        listed = {topic: list(each) for topic, each in addresses.items()}
        if listed != self._read():
            self._table.update({"arn": KEY}, {"addresses": ":addresses"}, {":addresses": json.dumps(listed)})

    def _read(self) -> Addresses:
        return if_readable(_addresses, self._table.get({"arn": KEY}) or {}) or {}


@of_this_version
def _addresses(row: Row) -> Addresses:
    found = json.loads(text(row.get("addresses"), most=MOST) or "{}")
    return {str(topic): [str(each) for each in addresses] for topic, addresses in found.items()}
