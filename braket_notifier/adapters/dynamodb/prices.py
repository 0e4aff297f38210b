"""The row of the table `snapshots` with AWS's prices."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.costs.prices import Prices, stored_prices
from braket_notifier.errors import UnusablePricesError

#: The row's key, which is no ARN.
KEY: Row = {"arn": "prices"}
#: The time between two attempts to fetch the list.
TRIED_AGAIN = timedelta(hours=1)
#: An attempt of the future was made under a wrong clock.
_DUE = f"(attribute_not_exists(#tried_at) OR #tried_at <= :before OR #tried_at > :now) AND {OUR_FORMAT}"


class DynamoPrices:
    """The port `PriceStore`; a batch read, because observe has the right to no other one."""

    def __init__(self, snapshots: Table) -> None:
        self._table = snapshots

    def prices(self) -> Prices | None:
        row = next(iter(self._table.many([KEY])), None)
        if row is None or "format" in row or "as_of" not in row:
            return None
        with suppress(UnusablePricesError):
            return stored_prices(row)
        return None

    def save_prices(self, prices: Prices) -> None:
        members = prices.to_json()
        sets, values = {name: f":{name}" for name in members}, {f":{name}": each for name, each in members.items()}
        self._table.update(KEY, sets, values, condition=OUR_FORMAT)

    def try_now(self, now: datetime) -> bool:
        values = {":now": _seconds(now), ":before": _seconds(now - TRIED_AGAIN)}
        return self._table.updated(KEY, {"tried_at": ":now"}, values, condition=_DUE)


def _seconds(at: datetime) -> Decimal:
    return Decimal(int(at.timestamp()))
